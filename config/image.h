/* The policy as a file (`pinshim compile`): the image of policy.h, with what it was made from and a
 * checksum for each of its pages. A process maps it and looks at the pages that it needs, so its
 * start costs the same for ten domains and for a hundred thousand.
 *
 * The checksums find damage, not malice: whoever may write the file may write the config. What they
 * cannot find is checked where it is used, so that no content makes the reader leave the file. */
#ifndef PINSHIM_CONFIG_IMAGE_H
#define PINSHIM_CONFIG_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/config.h"
#include "config/policy.h"

struct image {
    const uint8_t *data; /* the whole file */
    size_t size;
    bool mapped; /* else read into memory, and checked as a whole */
    const struct policy *policy;
    size_t policy_size;
    const uint64_t *sums;  /* one for each page of the policy */
    atomic_ulong *checked; /* a bit for each page that was found sound */
    atomic_ulong
        *sections;       /* when mapped: a bit for each section that was found sound as a whole */
    atomic_bool damaged; /* a page was not */
    char id[17];         /* policy_id */
    struct list sources; /* struct source: what the policy was made from, as it is now */
};

enum image_result {
    IMAGE_GOOD,
    IMAGE_NONE,    /* there is no such file */
    IMAGE_STALE,   /* the config has changed since */
    IMAGE_REFUSED, /* `why` says the reason */
};

/* Where the compiled form of the config at `config` lies: "CONFIG.compiled", malloc'ed. */
char *image_path(const char *config);

/* Opens the image at `path` if it was made from the config at `config` as it is now. `user`: see
 * trust.h, whose rules hold for it, and for every file that it was made from. IMAGE_GOOD: *out is
 * the caller's to close; else NULL. */
enum image_result image_open(const char *path, const char *config, uid_t user, struct image **out,
                             char *why, size_t size);

/* NULL is fine. */
void image_close(struct image *image);

/* Are these octets of the image's policy inside it, and as they were written? False, from then on
 * for good, takes the image out of use (image->damaged). */
bool image_check(struct image *image, const void *at, size_t length);

/* The same for a string, up to its end. */
bool image_check_string(struct image *image, const char *string);

/* Was a section found sound as a whole, and so need not be looked at again? Takes note of one. */
bool image_section_known(const struct image *image, uint32_t index);
void image_know_section(struct image *image, uint32_t index);

/* Writes the image of `config` to `path`, in one step (rename). False, and `why`, when it cannot.
 */
bool image_write(const char *path, const struct config *config, char *why, size_t size);

#endif
