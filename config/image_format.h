/* How an image lies in its file: head, sources, their paths, checksums, and from a page's start on
 * the policy. All in the byte order of the machine that wrote it. */
#ifndef PINSHIM_CONFIG_IMAGE_FORMAT_H
#define PINSHIM_CONFIG_IMAGE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC "PINSHIMC"
#define IMAGE_VERSION 1
#define IMAGE_PAGE ((size_t)4096)

struct image_head {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t size; /* of the file */
    uint64_t sum;  /* of all that is before the policy, this field being 0 */
    uint32_t policy_offset, policy_size;
    uint32_t sums_offset, pages;
    uint32_t sources_offset, source_count;
    uint32_t paths_offset, paths_size; /* NUL-terminated strings */
    char id[24];                       /* policy_id */
};

/* A file that the policy was made from. Its device and inode are not kept: a copy of the whole
 * directory that keeps the times is as good. */
struct image_source {
    uint64_t size;
    int64_t modified;
    uint32_t path; /* offset in the paths */
    uint32_t reserved;
};

/* A checksum of `length` octets (a multiple of 8), going on from `sum`. */
uint64_t image_sum(uint64_t sum, const void *data, size_t length);

#endif
