/* The program to be run: where it is, and whether a preloaded library would reach it.
 *
 * The dynamic loader drops LD_PRELOAD without a word where it does not apply, and the program
 * then runs unprotected. So what can be known beforehand is looked at beforehand. */
#ifndef PINSHIM_CLI_TARGET_H
#define PINSHIM_CLI_TARGET_H

#include <stddef.h>

/* Finds `program` as execvp(3) does. Returns 0 and the path, malloc'ed and never without a slash;
 * or STATUS_NOT_FOUND, STATUS_CANNOT_EXECUTE, STATUS_OWN_FAILURE with the reason in `why`. */
int target_find(const char *program, char **path, char *why, size_t size);

/* Would the loader take our object into the program at `path`? Follows "#!" lines to the
 * interpreter, up to four. Returns 0, or STATUS_CANNOT_EXECUTE with the reason in `why`. */
int target_check(const char *path, char *why, size_t size);

#endif
