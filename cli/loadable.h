/* Does the dynamic loader take a preloaded object into an ELF program? (ld.so(8)) */
#ifndef PINSHIM_CLI_LOADABLE_H
#define PINSHIM_CLI_LOADABLE_H

#include <stdbool.h>
#include <stddef.h>

/* False when not, with a reason in `why` that goes on from "PATH ": statically linked, for another
 * machine or C library than ours, or run with more privilege than its caller. */
bool loadable(const char *path, char *why, size_t size);

/* Is the file at `path` a shared object for the same machine as this program? */
bool loadable_object(const char *path);

#endif
