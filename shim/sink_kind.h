/* The seam between the list of sinks and the kinds of sinks there are. A sink is used by one thread
 * at a time. */
#ifndef PINSHIM_SHIM_SINK_KIND_H
#define PINSHIM_SHIM_SINK_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "shim/descriptor.h"

/* An event as a line, its newline included. In front of it there is a newline, too. */
struct sink_line {
    const char *text;
    size_t length;
    int severity;
};

struct sink {
    const struct sink_kind *kind;
    const char *path; /* of kinds that have one */
    int fd;           /* -1: not open */
    mode_t type;      /* st_mode */
    struct file_identity identity;
    bool stream; /* a socket that keeps no messages apart */
    bool torn;   /* the last line is there in part */
};

struct sink_kind {
    const char *name; /* "stderr"; or "file:", with a path behind */
    /* Tries to open it; sink->fd tells. NULL: nothing to open. */
    void (*open)(struct sink *sink);
    /* Opens it again where that is needed, and writes. False: the line is lost. */
    bool (*write)(struct sink *sink, const struct sink_line *line);
};

extern const struct sink_kind sink_stderr, sink_file, sink_unix, sink_syslog, sink_journald;

/* Is sink->fd open, and still what was opened there? */
bool sink_is_open(const struct sink *sink);

/* Makes a descriptor the sink's: moved out of the program's way, and remembered by what it is. The
 * sink stays closed when that cannot be. */
void sink_take(struct sink *sink, int fd);

/* Closes what is still ours. */
void sink_close(struct sink *sink);

/* Writes a line to a descriptor, once, behind a new line if the one before was torn. */
bool sink_put(struct sink *sink, int fd, mode_t type, const struct sink_line *line);

#endif
