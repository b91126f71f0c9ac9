/* Where events go. Opened while the process still can (before chroot, setuid, a wiped
 * environment), and written to as a guest: never blocking, never raising SIGPIPE, never to a
 * descriptor that has become somebody else's. */
#ifndef PINSHIM_SHIM_SINK_H
#define PINSHIM_SHIM_SINK_H

#include <stdbool.h>
#include <stddef.h>

/* No more than this at once. */
enum { SINKS_MAX = 8 };

/* Remembers what descriptor 2 is. To be called at load, before the program runs. */
void sink_remember_stderr(void);

/* Adds a sink ("stderr", "file:/path"; "none" adds nothing). False when memory is short or
 * there are too many. A file that cannot be opened now is tried again at each event. */
bool sink_add(const char *sink);

/* Puts these sinks in the place of those there are; a file that was one already stays open. */
void sink_replace(const char *const *names, unsigned count);

/* Is there any sink to write to? */
bool sink_is_there(void);

/* Writes one line, newline included, to every sink, with one write each. */
void sink_write(const char *line, size_t length);

/* Writes to descriptor 2, if it is still what it was at load. */
void sink_write_stderr(const char *line, size_t length);

#endif
