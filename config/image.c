#include "config/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/image_format.h"
#include "config/sources.h"
#include "config/trust.h"

/* Up to this size an image is read, so that nobody who writes into the file can harm a process
 * that uses it; larger ones are mapped. */
#define READ_LIMIT ((size_t)256 * 1024)

enum { BITS = 8 * sizeof(unsigned long) };

char *image_path(const char *config)
{
    char *path;

    return asprintf(&path, "%s.compiled", config) < 0 ? NULL : path;
}

static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum += word;
    return (sum << 29 | sum >> 35) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Each step can be undone, so that no change of a single word goes unseen. */
uint64_t image_sum(uint64_t sum, const void *data, size_t length)
{
    const uint8_t *octets = data;
    uint64_t words[4];
    size_t i = 0;

    for (; i + sizeof words <= length; i += sizeof words) {
        memcpy(words, octets + i, sizeof words);
        sum = mix(mix(mix(mix(sum, words[0]), words[1]), words[2]), words[3]);
    }
    for (; i < length; i += sizeof *words) {
        memcpy(words, octets + i, sizeof *words);
        sum = mix(sum, *words);
    }
    return sum;
}

static bool page_sound(const struct image *image, size_t page)
{
    size_t size = image->policy_size, start = page * IMAGE_PAGE;
    size_t length = size - start < IMAGE_PAGE ? size - start : IMAGE_PAGE;

    return image_sum(page + 1, (const uint8_t *)image->policy + start, length) == image->sums[page];
}

static bool fail(struct image *image)
{
    atomic_store(&image->damaged, true);
    return false;
}

bool image_check(struct image *image, const void *at, size_t length)
{
    uintptr_t start = (uintptr_t)at - (uintptr_t)image->policy;
    size_t size = image->policy_size;

    if (start > size || length > size - start)
        return fail(image);
    for (size_t page = start / IMAGE_PAGE; page * IMAGE_PAGE < start + length; page++) {
        atomic_ulong *word = &image->checked[page / BITS];
        unsigned long bit = 1ul << page % BITS;
        if ((atomic_load_explicit(word, memory_order_relaxed) & bit) != 0)
            continue;
        if (!page_sound(image, page))
            return fail(image);
        atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
    }
    return true;
}

bool image_section_known(const struct image *image, uint32_t index)
{
    return (atomic_load_explicit(&image->sections[index / BITS], memory_order_relaxed) >>
                index % BITS &
            1) != 0;
}

void image_know_section(struct image *image, uint32_t index)
{
    atomic_fetch_or_explicit(&image->sections[index / BITS], 1ul << index % BITS,
                             memory_order_relaxed);
}

bool image_check_string(struct image *image, const char *string)
{
    const uint8_t *policy = (const uint8_t *)image->policy;
    size_t size = image->policy_size, at = (size_t)((const uint8_t *)string - policy);

    while (at < size) {
        size_t rest = IMAGE_PAGE - at % IMAGE_PAGE;
        size_t length = rest < size - at ? rest : size - at;
        if (!image_check(image, policy + at, length))
            return false;
        if (memchr(policy + at, '\0', length) != NULL)
            return true;
        at += length;
    }
    return fail(image);
}

void image_close(struct image *image)
{
    if (image == NULL)
        return;
    if (image->mapped)
        munmap((void *)image->data, image->size);
    else
        free((void *)image->data);
    sources_free(&image->sources);
    free(image->sections);
    free(image->checked);
    free(image);
}

/* The octets of the file, mapped or read. */
static bool take_file(struct image *image, int fd, size_t size, char *why, size_t why_size)
{
    size_t length = 0;

    image->size = size;
    if (size <= READ_LIMIT) {
        image->data = read_whole(fd, READ_LIMIT, &length, why, why_size);
        if (image->data != NULL && length != size)
            snprintf(why, why_size, "it changed while it was read");
        return image->data != NULL && length == size;
    }
    image->data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    image->mapped = image->data != MAP_FAILED;
    if (!image->mapped) {
        image->data = NULL;
        snprintf(why, why_size, "it cannot be mapped: %m");
    }
    return image->mapped;
}

static bool inside(const struct image_head *head, uint64_t offset, uint64_t count, size_t element)
{
    return offset % 8 == 0 && offset >= sizeof *head && offset <= head->policy_offset &&
           count <= (head->policy_offset - offset) / element;
}

/* What is wrong with the head; NULL: nothing. */
static const char *head_fault(const struct image *image)
{
    const struct image_head *head = (const void *)image->data;
    struct image_head copy;

    if (image->size < sizeof *head || memcmp(head->magic, IMAGE_MAGIC, sizeof head->magic) != 0)
        return "it is no compiled policy";
    if (head->byte_order != POLICY_BYTE_ORDER)
        return "it was compiled on a machine of another byte order";
    if (head->version != IMAGE_VERSION)
        return "it was compiled by another version of pinshim";
    if (head->size != image->size)
        return "it is truncated, or something was added to it";
    if (head->policy_offset % IMAGE_PAGE != 0 || head->policy_offset > image->size ||
        head->policy_size != image->size - head->policy_offset ||
        head->policy_size < sizeof(struct policy) || head->policy_size % 8 != 0 ||
        head->pages != (head->policy_size + IMAGE_PAGE - 1) / IMAGE_PAGE ||
        !inside(head, head->sums_offset, head->pages, sizeof(uint64_t)) ||
        !inside(head, head->sources_offset, head->source_count, sizeof(struct image_source)) ||
        !inside(head, head->paths_offset, head->paths_size, 1) || head->paths_size == 0 ||
        head->source_count == 0 || image->data[head->paths_offset + head->paths_size - 1] != '\0' ||
        head->id[16] != '\0')
        return "it is damaged";
    copy = *head;
    copy.sum = 0;
    if (image_sum(image_sum(0, &copy, sizeof copy), image->data + sizeof copy,
                  head->policy_offset - sizeof copy) != head->sum)
        return "it is damaged";
    return NULL;
}

/* Is it the same file, however the two are written? */
static bool same_file(const char *a, const char *b)
{
    struct source_state x, y;

    if (strcmp(a, b) == 0)
        return true;
    source_look(a, &x);
    source_look(b, &y);
    return x.inode != 0 && x.inode == y.inode && x.device == y.device;
}

/* Was it made from these files as they are now, and may each of them be believed? */
static enum image_result compare_sources(struct image *image, const char *config, uid_t user,
                                         char *why, size_t size)
{
    const struct image_head *head = (const void *)image->data;
    const struct image_source *source = (const void *)(image->data + head->sources_offset);
    const char *paths = (const char *)image->data + head->paths_offset;

    for (uint32_t i = 0; i < head->source_count; i++, source++) {
        const struct source *now;
        struct stat st;

        if (source->path >= head->paths_size) {
            snprintf(why, size, "it is damaged");
            return IMAGE_REFUSED;
        }
        if (i == 0 && !same_file(paths + source->path, config)) {
            snprintf(why, size, "it was compiled from %.200s", paths + source->path);
            return IMAGE_REFUSED;
        }
        if (!sources_add(&image->sources, paths + source->path)) {
            snprintf(why, size, "there is not enough memory to read it");
            return IMAGE_REFUSED;
        }
        now = (const struct source *)image->sources.items + i;
        if (now->state.size != source->size || now->state.modified != source->modified)
            return IMAGE_STALE;
        /* The config's own error is clearer, and it is what must be mended. */
        if (stat(now->path, &st) != 0 ||
            !(S_ISDIR(st.st_mode) ? trusted_directory(now->path, &st, user, why, size)
                                  : trusted_file(now->path, &st, user, why, size)))
            return IMAGE_STALE;
    }
    return IMAGE_GOOD;
}

static bool check_array(struct image *image, const struct policy_array *array, size_t element)
{
    return image_check(image, (const uint8_t *)image->policy + array->offset,
                       array->count * element);
}

/* What every lookup starts from: all but sections, their buckets, pins, ports and strings, which
 * are looked at when they are needed (policy_lookup.c). */
static bool frame_sound(struct image *image)
{
    const struct policy *policy = image->policy;
    struct policy_view view = {.policy = policy};
    const char *last = policy_string(policy, policy->strings.count - 1);

    if (!check_array(image, &policy->scopes, sizeof(struct policy_scope)) ||
        !check_array(image, &policy->sinks, sizeof(uint32_t)) ||
        !check_array(image, &policy->certs, sizeof(struct policy_array)) ||
        !check_array(image, &policy->octets, 1) || !policy_scopes_valid(policy) ||
        !image_check(image, last, 1) || *last != '\0')
        return false;
    for (uint32_t i = 0; i < policy->scopes.count; i++) {
        const struct policy_scope *scope = policy_scope(policy, i);
        if (!image_check_string(image, policy_string(policy, scope->program)) ||
            !image_check_string(image, policy_string(policy, scope->trust_anchors)) ||
            !image_check_string(image, policy_string(policy, scope->message)) ||
            !image_check_string(image, policy_string(policy, scope->redirect)))
            return false;
        view.scope = i;
        for (uint32_t k = 0; k < policy_sink_count(&view); k++)
            if (!image_check_string(image, policy_sink(&view, k)))
                return false;
    }
    return true;
}

static bool policy_usable(struct image *image)
{
    const struct image_head *head = (const void *)image->data;

    image->policy = (const void *)(image->data + head->policy_offset);
    image->policy_size = head->policy_size;
    image->sums = (const void *)(image->data + head->sums_offset);
    image->checked = calloc(head->pages / BITS + 1, sizeof *image->checked);
    memcpy(image->id, head->id, sizeof image->id);
    if (image->checked == NULL || !image_check(image, image->policy, sizeof *image->policy))
        return false;
    if (!image->mapped)
        return image_check(image, image->policy, image->policy_size) &&
               policy_valid(image->policy, image->policy_size);
    if (!policy_arrays_valid(image->policy, image->policy_size) || !frame_sound(image))
        return false;
    image->sections = calloc(image->policy->sections.count / BITS + 1, sizeof *image->sections);
    return image->sections != NULL;
}

enum image_result image_open(const char *path, const char *config, uid_t user, struct image **out,
                             char *why, size_t size)
{
    struct image *image = NULL;
    enum image_result result = IMAGE_REFUSED;
    const char *fault = NULL;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    *out = NULL;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return IMAGE_NONE;
    if (fd < 0 || fstat(fd, &st) != 0)
        snprintf(why, size, "it cannot be read: %m");
    else if (!S_ISREG(st.st_mode))
        snprintf(why, size, "it is not a regular file");
    else if (trusted_file(path, &st, user, why, size)) {
        image = calloc(1, sizeof *image);
        if (image == NULL)
            snprintf(why, size, "there is not enough memory to read it");
        else if (take_file(image, fd, (size_t)st.st_size, why, size)) {
            fault = head_fault(image);
            result =
                fault == NULL ? compare_sources(image, config, user, why, size) : IMAGE_REFUSED;
            if (result == IMAGE_GOOD && !policy_usable(image)) {
                fault = "it is damaged";
                result = IMAGE_REFUSED;
            }
            if (fault != NULL)
                snprintf(why, size, "%s; run `pinshim compile` again", fault);
        }
    }
    if (fd >= 0)
        close(fd);
    if (result == IMAGE_GOOD)
        *out = image;
    else
        image_close(image);
    return result;
}
