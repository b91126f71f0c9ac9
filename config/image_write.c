#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/image.h"
#include "config/image_format.h"
#include "config/sources.h"

static size_t round_up(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

static size_t paths_size(const struct list *sources)
{
    const struct source *source = sources->items;
    size_t size = 0;

    for (size_t i = 0; i < sources->count; i++)
        size += strlen(source[i].path) + 1;
    return size;
}

static struct image_head plan(const struct config *config)
{
    struct image_head head = {.version = IMAGE_VERSION, .byte_order = POLICY_BYTE_ORDER};
    size_t size = sizeof head;

    memcpy(head.magic, IMAGE_MAGIC, sizeof head.magic);
    head.policy_size = config->policy->size;
    head.pages = (uint32_t)(round_up(head.policy_size, IMAGE_PAGE) / IMAGE_PAGE);
    head.source_count = (uint32_t)config->sources.count;
    head.paths_size = (uint32_t)paths_size(&config->sources);
    head.sources_offset = (uint32_t)size;
    size += head.source_count * sizeof(struct image_source);
    head.sums_offset = (uint32_t)size;
    size += head.pages * sizeof(uint64_t);
    head.paths_offset = (uint32_t)size;
    size += head.paths_size;
    head.policy_offset = (uint32_t)round_up(size, IMAGE_PAGE);
    head.size = (uint64_t)head.policy_offset + head.policy_size;
    policy_id(config->policy, head.id);
    return head;
}

/* The file in memory, malloc'ed; NULL when that is short. */
static uint8_t *build(const struct config *config, const struct image_head *head)
{
    const struct source *source = config->sources.items;
    uint8_t *data = calloc(1, (size_t)head->size);
    struct image_source *sources;
    uint64_t *sums;
    size_t path = 0;

    if (data == NULL)
        return NULL;
    memcpy(data, head, sizeof *head);
    memcpy(data + head->policy_offset, config->policy, head->policy_size);
    sources = (void *)(data + head->sources_offset);
    for (uint32_t i = 0; i < head->source_count; i++) {
        size_t length = strlen(source[i].path) + 1;
        sources[i] = (struct image_source){.size = source[i].state.size,
                                           .modified = source[i].state.modified,
                                           .path = (uint32_t)path};
        memcpy(data + head->paths_offset + path, source[i].path, length);
        path += length;
    }
    sums = (void *)(data + head->sums_offset);
    for (size_t page = 0; page < head->pages; page++) {
        size_t start = page * IMAGE_PAGE, rest = head->policy_size - start;
        sums[page] = image_sum(page + 1, data + head->policy_offset + start,
                               rest < IMAGE_PAGE ? rest : IMAGE_PAGE);
    }
    ((struct image_head *)(void *)data)->sum = image_sum(0, data, head->policy_offset);
    return data;
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

/* Beside the file, then in its place: whoever has it mapped keeps the old one. */
static bool put(const char *path, const uint8_t *data, size_t size, char *why, size_t why_size)
{
    char *temporary;
    bool good = false;
    int fd;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        snprintf(why, why_size, "there is not enough memory to write it");
        return false;
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0) {
        good = write_all(fd, data, size) && rename(temporary, path) == 0;
        if (!good) {
            int saved = errno;
            unlink(temporary);
            errno = saved;
        }
        close(fd);
    }
    if (!good)
        snprintf(why, why_size, "it cannot be written: %m");
    free(temporary);
    return good;
}

bool image_write(const char *path, const struct config *config, char *why, size_t size)
{
    struct image_head head = plan(config);
    uint8_t *data = build(config, &head);
    bool good = data != NULL && put(path, data, (size_t)head.size, why, size);

    if (data == NULL)
        snprintf(why, size, "there is not enough memory to write it");
    free(data);
    return good;
}
