/* Files that the command writes. */
#ifndef PINSHIM_CLI_OUTPUT_H
#define PINSHIM_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Puts a file in place, in one step: whoever reads it sees the old one or the new one. Only a
 * regular file is replaced, so that no device is, and only one that begins as `data` does, in its
 * first `same` octets: another may have been named by mistake. False, with the reason on stderr,
 * when it cannot; then what was there is as before. */
bool output_replace(const char *path, const char *data, size_t length, size_t same);

/* Writes a file that must not be there yet, not even as a symbolic link, and that others may not
 * write, whatever the umask: the shim would not read it as a config. As above. */
bool output_new(const char *path, const char *data, size_t length);

#endif
