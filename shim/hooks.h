/* What all hooks share. A hook is a few lines: it takes note or asks, and calls the real one. */
#ifndef PINSHIM_SHIM_HOOKS_H
#define PINSHIM_SHIM_HOOKS_H

#include <stdbool.h>

/* Everything else is hidden; exports.list says what may carry this. */
#define PINSHIM_EXPORT __attribute__((visibility("default")))

/* The function `name` that the program would have met without us: the next in the order of
 * loading, another preload's included. NULL when there is none. Leaves errno alone. */
void *hook_next(const char *name);

/* Does a function lie in our own object? */
bool hook_is_ours(const void *function);

/* Somebody may get libssl's own function of this name from dlsym: takes note if we have a hook for
 * it. */
void hook_passed_by(const char *name);

/* Our hook for a function that a program asks dlsym for, when `found` is libssl's own; else
 * `found` itself. */
void *hook_replace(const char *name, void *found);

#endif
