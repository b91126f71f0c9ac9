/* libpinshim.so: where it is, whether it may be trusted, and LD_PRELOAD with it in front. */
#ifndef PINSHIM_CLI_PRELOAD_H
#define PINSHIM_CLI_PRELOAD_H

#include <stdbool.h>
#include <stddef.h>

/* Finds libpinshim.so beside this executable (a build) or in ../lib/pinshim from there (an
 * installation); nothing in the environment leads elsewhere. Returns its absolute path,
 * malloc'ed; or NULL with the reason in `why` when there is none, when LD_PRELOAD cannot carry
 * its path, or when somebody else could have written it. */
char *preload_object(char *why, size_t size);

/* A value for LD_PRELOAD: `object`, then what `before` (may be NULL) holds but for other
 * libpinshim.so; malloc'ed. NULL when memory is out. */
char *preload_value(const char *object, const char *before);

#endif
