/* Files that the command writes. */
#ifndef PINSHIM_CLI_OUTPUT_H
#define PINSHIM_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Puts a file in place, in one step: whoever reads it sees the old one or the new one. Only a
 * regular file is replaced, so that no device is. False, with the reason on stderr, when it cannot;
 * then what was there is as before. */
bool output_replace(const char *path, const char *data, size_t length);

/* Writes a file that must not be there yet, not even as a symbolic link. As above. */
bool output_new(const char *path, const char *data, size_t length);

#endif
