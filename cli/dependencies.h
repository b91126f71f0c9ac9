/* The shared libraries that a program gets, by the dynamic loader's own rules. */
#ifndef PINSHIM_CLI_DEPENDENCIES_H
#define PINSHIM_CLI_DEPENDENCIES_H

#include <stdbool.h>
#include <stddef.h>

#include "config/list.h"

struct dependency {
    char *name; /* as it is asked for: DT_NEEDED */
    char *path; /* NULL: not found */
};

/* Asks the loader (`ld.so --list`) for what it would map for the ELF file at `path`, into a list of
 * struct dependency. Nothing of the file is executed; it is mapped, though, and so must be one that
 * nobody but root and the user may write. False, with a reason in `why` that goes on from "PATH ",
 * when that is not so, or the loader gives no answer. Free with dependencies_free in either case.
 */
bool dependencies_list(const char *path, struct list *out, char *why, size_t size);

void dependencies_free(struct list *dependencies);

#endif
