/* The compiled policy: it says what the config says, and whatever is wrong with it is found before
 * it is believed. */
#include "config/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "config/image_format.h"
#include "tests/unit/load.h"

static struct scratch *scratch;
static const char *conf, *compiled;

static void setup(void)
{
    scratch = scratch_new();
    conf = scratch_path(scratch, "policy.conf");
    compiled = scratch_path(scratch, "policy.conf.compiled");
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(image, .init = setup, .fini = cleanup, .timeout = 120);

static const char small[] =
    "mode = audit\nevents = {\"stderr\", \"file:/var/log/pins\"}\n" DOMAIN("a.test", "owner = us")
        DOMAIN("*.wild.test", "")
            DOMAIN("10.0.0.0/8",
                   "ports = {443}") "program \"curl\" {\n" DOMAIN("a.test", "mode = enforce") "}\n";

enum { MANY = 3000 }; /* more than is read as a whole */

static char *many_sections(void)
{
    char *text = malloc(MANY * 200), *at = text;

    for (unsigned i = 0; i < MANY; i++)
        at += sprintf(at, "domain \"host%u.test\" { pins = {\"" PIN_A "\"} owner = \"o%u\" }\n", i,
                      i);
    return text;
}

/* Compiles the text; the config stays for the caller to free. */
static void compile(const char *text, struct config *config)
{
    char why[300];

    must_load(scratch, text, config);
    cr_assert(image_write(compiled, config, why, sizeof why), "%s", why);
}

static struct image *open_good(void)
{
    struct image *image;
    char why[300] = "";
    enum image_result result = image_open(compiled, conf, geteuid(), &image, why, sizeof why);

    cr_assert_eq(result, IMAGE_GOOD, "%d: %s", result, why);
    return image;
}

static void expect(enum image_result expected, const char *says)
{
    struct image *image;
    char why[300] = "";
    enum image_result result = image_open(compiled, conf, geteuid(), &image, why, sizeof why);

    cr_assert_eq(result, expected, "%d: %s", result, why);
    cr_assert(strstr(why, says), "%s", why);
    image_close(image);
}

static struct policy_match look_up(const struct image *image, const char *name)
{
    const struct policy_view view = {.policy = image->policy,
                                     .override = MODE_UNSET,
                                     .image = image->mapped ? (struct image *)image : NULL};
    const struct peer peer = {.sni = name};
    struct policy_match match;

    policy_find(&view, &peer, &match);
    return match;
}

Test(image, same_octets)
{
    struct config config;
    struct image *image;
    char id[17];

    compile(small, &config);
    image = open_good();
    cr_expect_not(image->mapped);
    cr_expect_eq(image->policy_size, config.policy->size);
    cr_expect(memcmp(image->policy, config.policy, config.policy->size) == 0);
    policy_id(config.policy, id);
    cr_expect_str_eq(image->id, id);
    cr_expect_eq(image->sources.count, config.sources.count);
    image_close(image);
    config_free(&config);
}

Test(image, many_are_mapped)
{
    struct config config;
    char *text = many_sections(), name[32];
    struct image *image;

    compile(text, &config);
    image = open_good();
    cr_assert(image->mapped);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "host%u.test", i);
        struct policy_match match = look_up(image, name);
        cr_assert(match.section, "%s", name);
        cr_assert_str_eq(policy_string(image->policy, match.section->title), name);
    }
    cr_expect_null(look_up(image, "host.test").section);
    cr_expect_not(atomic_load(&image->damaged));
    image_close(image);
    config_free(&config);
    free(text);
}

Test(image, none)
{
    must_load(scratch, small, &(struct config){0});
    expect(IMAGE_NONE, "");
}

Test(image, of_a_changed_config)
{
    struct config config;

    compile(small, &config);
    config_free(&config);
    scratch_text(scratch, "policy.conf", 0600, "%s\n", small);
    expect(IMAGE_STALE, "");
}

Test(image, of_a_touched_config)
{
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    struct config config;

    compile(small, &config);
    config_free(&config);
    cr_assert_eq(utimensat(AT_FDCWD, conf, times, 0), 0);
    expect(IMAGE_STALE, "");
}

Test(image, of_a_config_others_may_write)
{
    struct config config;

    compile(small, &config);
    config_free(&config);
    cr_assert_eq(chmod(conf, 0666), 0);
    expect(IMAGE_STALE, "");
}

Test(image, of_an_include)
{
    struct config config;

    cr_assert_eq(mkdir(scratch_path(scratch, "d"), 0755), 0);
    scratch_text(scratch, "d/1.conf", 0644, "%s", DOMAIN("a.test", ""));
    compile("include_dir = d\n", &config);
    config_free(&config);
    image_close(open_good());
    scratch_text(scratch, "d/1.conf", 0644, "%s", DOMAIN("bb.test", ""));
    expect(IMAGE_STALE, "");
    compile("include_dir = d\n", &config);
    config_free(&config);
    scratch_text(scratch, "d/2.conf", 0644, "%s", DOMAIN("c.test", ""));
    expect(IMAGE_STALE, "");
}

Test(image, of_another_config)
{
    struct config config;

    compile(small, &config);
    config_free(&config);
    conf = scratch_text(scratch, "other.conf", 0600, "%s", small);
    expect(IMAGE_REFUSED, "it was compiled from ");
}

/* However it is written, it is the same file. */
Test(image, of_the_config_by_another_path)
{
    struct config config;

    compile(small, &config);
    config_free(&config);
    conf = scratch_format(scratch, "%s/./policy.conf", scratch_dir(scratch));
    image_close(open_good());
}

Test(image, others_may_write_it)
{
    struct config config;

    compile(small, &config);
    config_free(&config);
    cr_assert_eq(chmod(compiled, 0664), 0);
    expect(IMAGE_REFUSED, "others may write it");
}

Test(image, of_another_user)
{
    struct config config;

    if (geteuid() != 0)
        cr_skip("not root");
    compile(small, &config);
    config_free(&config);
    cr_assert_eq(chown(compiled, 65534, 65534), 0);
    expect(IMAGE_REFUSED, "it belongs to user 65534");
}

Test(image, a_directory)
{
    must_load(scratch, small, &(struct config){0});
    cr_assert_eq(mkdir(compiled, 0755), 0);
    expect(IMAGE_REFUSED, "not a regular file");
}

/* damage */

struct octets {
    uint8_t *data;
    size_t size;
};

static struct octets read_compiled(void)
{
    struct octets file = {NULL, 0};
    struct stat st;
    FILE *stream = fopen(compiled, "r");

    cr_assert(stream && fstat(fileno(stream), &st) == 0);
    file.size = (size_t)st.st_size;
    file.data = malloc(file.size + 1);
    cr_assert_eq(fread(file.data, 1, file.size, stream), file.size);
    fclose(stream);
    return file;
}

static void write_compiled(const uint8_t *data, size_t size)
{
    cr_assert(unlink(compiled) == 0 || errno == ENOENT);
    scratch_write(scratch, "policy.conf.compiled", 0644, data, size);
}

static void expect_damaged(const struct octets *file, size_t length, const char *what, size_t at)
{
    struct image *image;
    char why[300] = "";
    enum image_result result;

    write_compiled(file->data, length);
    result = image_open(compiled, conf, geteuid(), &image, why, sizeof why);
    cr_assert_neq(result, IMAGE_GOOD, "%s at %zu", what, at);
    cr_assert_eq(result != IMAGE_REFUSED, why[0] == '\0', "%s at %zu: %s", what, at, why);
    image_close(image);
}

/* Every octet of a small one; each changed bit shows. */
Test(image, a_changed_octet)
{
    struct config config;
    struct octets file;

    compile(small, &config);
    config_free(&config);
    file = read_compiled();
    for (size_t i = 0; i < file.size; i++) {
        uint8_t bit = (uint8_t)(1 << i % 8);
        file.data[i] ^= bit;
        expect_damaged(&file, file.size, "a changed octet", i);
        file.data[i] ^= bit;
    }
    write_compiled(file.data, file.size);
    image_close(open_good());
    free(file.data);
}

Test(image, truncated)
{
    struct config config;
    struct octets file;

    compile(small, &config);
    config_free(&config);
    file = read_compiled();
    for (size_t length = 0; length < file.size; length += length < 300 ? 1 : 61)
        expect_damaged(&file, length, "truncated", length);
    file.data[file.size] = 0;
    expect_damaged(&file, file.size + 1, "longer", file.size + 1);
    free(file.data);
}

static void change_head(size_t offset, uint32_t value, const char *says)
{
    struct config config;
    struct octets file;

    compile(small, &config);
    config_free(&config);
    file = read_compiled();
    memcpy(file.data + offset, &value, sizeof value);
    write_compiled(file.data, file.size);
    expect(IMAGE_REFUSED, says);
    free(file.data);
}

Test(image, of_another_version)
{
    change_head(offsetof(struct image_head, version), IMAGE_VERSION + 1, "another version");
}

Test(image, of_another_byte_order)
{
    change_head(offsetof(struct image_head, byte_order), 0x04030201, "another byte order");
}

Test(image, of_something_else)
{
    change_head(0, 0x464c457f, "no compiled policy");
}

/* A linear congruential generator: the same octets on every run. */
static uint32_t random_number(void)
{
    static uint64_t state = 4711;

    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

/* Looks up every name; what is found is right, or the damage was. */
static void look_everything_up(struct image *image)
{
    char name[32];

    for (unsigned i = 0; i < MANY && !atomic_load(&image->damaged); i++) {
        snprintf(name, sizeof name, "host%u.test", i);
        struct policy_match match = look_up(image, name);
        if (atomic_load(&image->damaged))
            break;
        cr_assert(match.section, "%s", name);
        cr_assert_str_eq(policy_string(image->policy, match.section->title), name);
        cr_assert_str_eq(policy_string(image->policy, match.section->owner) + 1,
                         scratch_format(scratch, "%u", i));
    }
}

/* A mapped one is not looked at as a whole, so damage may only show when it is met. */
Test(image, damage_in_a_mapped_one)
{
    struct config config;
    char *text = many_sections();
    unsigned found = 0;
    struct octets file;

    compile(text, &config);
    config_free(&config);
    free(text);
    file = read_compiled();
    for (unsigned i = 0; i < 60; i++) {
        size_t at = random_number() % file.size;
        struct image *image;
        char why[300];
        file.data[at] ^= 0x10;
        write_compiled(file.data, file.size);
        if (image_open(compiled, conf, geteuid(), &image, why, sizeof why) == IMAGE_GOOD) {
            look_everything_up(image);
            found += atomic_load(&image->damaged);
        }
        image_close(image);
        file.data[at] ^= 0x10;
    }
    cr_expect_gt(found, 10);
    free(file.data);
}

/* Writes the right sums over a wrong content: then nothing is to be believed, and still nothing is
 * read from outside. */
static void mend_sums(struct octets *file)
{
    struct image_head *head = (void *)file->data;
    uint64_t *sums = (void *)(file->data + head->sums_offset);

    for (size_t page = 0; page < head->pages; page++) {
        size_t start = page * IMAGE_PAGE, rest = head->policy_size - start;
        sums[page] = image_sum(page + 1, file->data + head->policy_offset + start,
                               rest < IMAGE_PAGE ? rest : IMAGE_PAGE);
    }
    head->sum = 0;
    head->sum = image_sum(0, file->data, head->policy_offset);
}

Test(image, wrong_content_with_right_sums)
{
    struct config config;
    char *text = many_sections();
    struct octets file, copy;

    compile(text, &config);
    config_free(&config);
    free(text);
    file = read_compiled();
    copy = (struct octets){malloc(file.size), file.size};
    for (unsigned i = 0; i < 60; i++) {
        struct image_head *head = (void *)copy.data;
        struct image *image;
        char why[300], name[32];
        memcpy(copy.data, file.data, file.size);
        /* One time in the head and the first sections, one time anywhere. */
        for (unsigned n = 0; n < 40; n++) {
            size_t range = i % 2 ? head->policy_size : 400;
            copy.data[head->policy_offset + random_number() % range] = (uint8_t)random_number();
        }
        mend_sums(&copy);
        write_compiled(copy.data, copy.size);
        if (image_open(compiled, conf, geteuid(), &image, why, sizeof why) == IMAGE_GOOD)
            for (unsigned n = 0; n < MANY; n++) {
                snprintf(name, sizeof name, "host%u.test", n);
                look_up(image, name);
            }
        image_close(image);
    }
    free(copy.data);
    free(file.data);
}
