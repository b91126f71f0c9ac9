/* Where events go. Opened while the process still can (before chroot, setuid, a wiped
 * environment), and written to as a guest: never blocking, never raising SIGPIPE, never to a
 * descriptor that has become somebody else's. Each sink is on its own: what one cannot take is lost
 * to that one, counted, and told in the next line that it takes. */
#ifndef PINSHIM_SHIM_SINK_H
#define PINSHIM_SHIM_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "config/sink_name.h"

/* Room that a sink needs in front of an event and behind it: for the end of a line that was torn,
 * for what was lost, and for the end of the line. */
enum { SINK_HEAD = 1, SINK_TAIL = sizeof ",\"lost\":4294967295}\n" };

/* An event: a JSON object (RFC 8259) without its last brace. */
struct sink_event {
    char *object; /* SINK_HEAD octets in front and SINK_TAIL behind are the sinks' to write into */
    size_t length;
    int severity; /* as syslog counts: LOG_ERR, … (RFC 5424 section 6.2.1) */
};

/* Remembers what descriptor 2 is. To be called at load, before the program runs. */
void sink_remember_stderr(void);

/* Adds a sink that config_sink_valid accepts ("none" adds nothing); one that is there already
 * stays. Allocates nothing. False when there are SINKS_MAX others. What cannot be opened now is
 * tried again at each event. One thread at a time, as sink_replace. */
bool sink_add(const char *name);

/* Puts these sinks in the place of those there are; one that was there already stays open. */
void sink_replace(const char *const *wanted, unsigned count);

/* Is there any sink to write to? */
bool sink_is_there(void);

/* Writes an event as a line to every sink, with one write each. Waits for no sink; and for other
 * threads that are writing to one, SINK_WAIT at most over all of them. */
enum { SINK_WAIT = 50 /* milliseconds of this process running; lock.h */ };
void sink_write(struct sink_event *event);

/* Counts an event that could not even be made. */
void sink_lose(void);

/* Writes to descriptor 2, if it is still what it was at load. False when that was not possible. */
bool sink_write_stderr(const char *line, size_t length);

#endif
