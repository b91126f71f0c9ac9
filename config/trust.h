/* Reading files that decide about trust: nobody but root and the user may have a hand in them. */
#ifndef PINSHIM_CONFIG_TRUST_H
#define PINSHIM_CONFIG_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Reads the regular file `path` whole into malloc'ed, NUL-terminated memory. Refused: a file
 * larger than `limit`; one whose owner is neither root nor `user`; one that group or others may
 * write; one in a directory that others may write (without the sticky bit). On failure returns
 * NULL, with the reason and the mend in `why`, and sets *unreadable (may be NULL) to whether it
 * could not be read at all. */
uint8_t *trusted_read(const char *path, uid_t user, size_t limit, size_t *length, char *why,
                      size_t size, bool *unreadable);

/* An open regular file from its start, wherever its position is; NUL-terminated, malloc'ed. NULL
 * and `why` when it cannot be read, or has more than `limit` octets. */
uint8_t *read_whole(int fd, size_t limit, size_t *length, char *why, size_t size);

/* Nobody's key or certificate takes more. */
#define KEY_FILE_LIMIT ((size_t)1024 * 1024)

/* The largest bundles of trust anchors have 200 kB. */
#define ANCHORS_LIMIT ((size_t)16 * 1024 * 1024)

/* Is the file `path`, of which `st` tells, one that trusted_read would read? On failure false, and
 * `why`. */
bool trusted_file(const char *path, const struct stat *st, uid_t user, char *why, size_t size);

/* Is the directory `path`, of which `st` tells, one whose files decide about trust? Its owner is
 * root or `user`, and others may not write it (without the sticky bit). On failure false, and
 * `why`. */
bool trusted_directory(const char *path, const struct stat *st, uid_t user, char *why, size_t size);

/* May what lies at `path`, a file or a directory, be read, and is it trusted as said above? Reads
 * nothing of it. On failure false, and `why`. */
bool trusted_path(const char *path, uid_t user, char *why, size_t size);

#endif
