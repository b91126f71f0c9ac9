/* libFuzzer: a compiled policy with any octets in it, its checksums right, is opened and looked up
 * in. The input: pairs of a place (four octets) and what is put there (one octet). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/image.h"
#include "config/image_format.h"

enum { SECTIONS = 3000 }; /* more than is read as a whole, so that it is mapped */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static char conf[64], compiled[80];
static uint8_t *good, *changed;
static size_t length;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void put(const char *path, const uint8_t *data, size_t size)
{
    int fd;

    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0)
        die(path);
}

static void make_policy(void)
{
    char *text = malloc(200 * SECTIONS), *at = text, why[300];
    struct config_error error;
    struct config config;
    FILE *file = NULL;

    strcpy(conf, "/tmp/pinshim-fuzz.XXXXXX");
    if (text == NULL || mkdtemp(conf) == NULL)
        die("a directory");
    strcat(conf, "/c");
    snprintf(compiled, sizeof compiled, "%s.compiled", conf);
    for (unsigned i = 0; i < SECTIONS; i++)
        at += sprintf(at,
                      "domain \"h%u.test\" { ports = {%u} owner = \"o%u\" pins = "
                      "{\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} }\n",
                      i, i + 1, i);
    at += sprintf(at, "program \"curl\" { domain \"**.x.test\" { mode = off } }\n"
                      "domain \"10.0.0.0/8\" { mode = off }\n");
    put(conf, (uint8_t *)text, (size_t)(at - text));
    free(text);
    if (!config_load(conf, geteuid(), &config, &error) ||
        !image_write(compiled, &config, why, sizeof why) || (file = fopen(compiled, "re")) == NULL)
        die(error.text);
    fseek(file, 0, SEEK_END);
    length = (size_t)ftell(file);
    rewind(file);
    good = malloc(length);
    changed = malloc(length);
    if (good == NULL || changed == NULL || fread(good, 1, length, file) != length)
        die(compiled);
    fclose(file);
    config_free(&config);
}

static void mend_sums(void)
{
    struct image_head *head = (void *)changed;
    uint64_t *sums = (void *)(changed + head->sums_offset);

    for (size_t page = 0; page < head->pages; page++) {
        size_t start = page * IMAGE_PAGE, rest = head->policy_size - start;
        sums[page] = image_sum(page + 1, changed + head->policy_offset + start,
                               rest < IMAGE_PAGE ? rest : IMAGE_PAGE);
    }
    head->sum = 0;
    head->sum = image_sum(0, changed, head->policy_offset);
}

static void look_up(struct image *image)
{
    static const char *const names[] = {"h0.test", "h2999.test", "a.x.test", "10.1.2.3", "none"};

    for (uint32_t scope = 0; scope < image->policy->scopes.count && scope < 2; scope++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const struct policy_view view = {.policy = image->policy,
                                             .scope = scope,
                                             .override = MODE_UNSET,
                                             .image = image->mapped ? image : NULL};
            const struct peer peer = {.sni = names[i], .port = (uint16_t)(i % 2 ? 3000 : 0)};
            struct policy_match match;
            policy_find(&view, &peer, &match);
            if (match.section != NULL && !atomic_load(&image->damaged)) {
                policy_mode(&view, match.section);
                policy_pin_of(view.policy, match.section, (const uint8_t[DIGEST_SIZE]){0},
                              (const uint8_t[DIGEST_SIZE]){0});
                if (strlen(policy_string(view.policy, match.section->owner)) > length)
                    abort();
            }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const struct image_head *head;
    struct image *image = NULL;
    char why[300];

    if (good == NULL)
        make_policy();
    memcpy(changed, good, length);
    head = (const void *)good;
    for (size_t i = 0; i + 5 <= size; i += 5) {
        uint32_t place;
        memcpy(&place, input + i, sizeof place);
        /* The first page has the head; most of what is put elsewhere is never looked at. */
        place %= place & 1 ? head->policy_size : 4096;
        changed[head->policy_offset + place] = input[i + 4];
    }
    mend_sums();
    put(compiled, changed, length);
    if (image_open(compiled, conf, geteuid(), &image, why, sizeof why) == IMAGE_GOOD)
        look_up(image);
    image_close(image);
    return 0;
}
