/* Whose code is calling? */
#ifndef PINSHIM_TESTS_LIVES_CALLER_H
#define PINSHIM_TESTS_LIVES_CALLER_H

#include <stdbool.h>

/* Does the address lie in libpinshim.so? */
bool caller_is_shim(const void *address);

/* Does it lie in libcrypto or libc, which work for whoever calls them? */
bool caller_is_helper(const void *address);

/* Does it lie in this very object? */
bool caller_is_here(const void *address);

/* Leaves an empty file at the path that the environment variable names, if it does. */
void caller_mark(const char *variable);

#endif
