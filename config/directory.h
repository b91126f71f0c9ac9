/* The files of a directory that a config names: includes, the store, anchors. */
#ifndef PINSHIM_CONFIG_DIRECTORY_H
#define PINSHIM_CONFIG_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/list.h"

/* Adds the names in `path` that end in `suffix` ("": all) to a list of malloc'ed strings, in the
 * order of their octets; those that begin with a dot are left out. Refused, with the reason and
 * the mend in `why`: a directory that cannot be read, whose owner is neither root nor `user`, or
 * that others may write (without the sticky bit). */
bool directory_list(const char *path, uid_t user, const char *suffix, struct list *names, char *why,
                    size_t size);

/* Adds the files of certificates that a trust_anchors names to a list of malloc'ed paths: `path`
 * itself, or, when it is a directory, the *.pem, *.crt and *.cer in it. Fails as above. */
bool anchor_files(const char *path, uid_t user, struct list *files, char *why, size_t size);

/* `file` as a path of its own, malloc'ed: a relative one is meant from the directory of `config`,
 * a file. NULL when memory is short. */
char *path_beside(const char *config, const char *file);

/* "DIRECTORY/NAME", malloc'ed. */
char *path_inside(const char *directory, const char *name);

#endif
