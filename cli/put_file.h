/* Files written beside, and put in place in one step: whoever reads sees the old or the new. */
#ifndef PINSHIM_CLI_PUT_FILE_H
#define PINSHIM_CLI_PUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes all of it. False and errno when that fails. */
bool write_all(int fd, const void *data, size_t length);

/* A new content, on disk and not in place yet. */
struct put_file {
    char *path, *temporary; /* malloc'ed; the first with links followed */
};

/* Writes `length` octets beside `path` and on to the disk. A file that is there keeps its owner and
 * mode; a new one gets `mode`, whatever the umask. On failure false, and `why`; nothing is left.
 * Finish with put_file_place or put_file_drop. */
bool put_file_write(const char *path, const void *data, size_t length, mode_t mode,
                    struct put_file *out, char *why, size_t size);

/* Puts it in place, and frees. False, and `why`, when that fails; the old file is there then. */
bool put_file_place(struct put_file *file, char *why, size_t size);

/* Takes it away again, and frees. One that is all zeros is fine. */
void put_file_drop(struct put_file *file);

#endif
