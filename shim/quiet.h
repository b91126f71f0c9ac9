/* A write that a program does not notice: it neither waits nor raises a signal. */
#ifndef PINSHIM_SHIM_QUIET_H
#define PINSHIM_SHIM_QUIET_H

#include <sys/stat.h>
#include <sys/types.h>

/* Writes once to a descriptor whose st_mode is `type`. Returns how much was written, -1 for
 * nothing: it would have waited, or failed. */
ssize_t quiet_write(int fd, mode_t type, const char *data, size_t length);

#endif
