/* The files that a policy was made from, as they were then. */
#ifndef PINSHIM_CONFIG_SOURCES_H
#define PINSHIM_CONFIG_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/list.h"

/* What tells one state of a file from the next. All 0: it was not there. */
struct source_state {
    uint64_t device, inode, size;
    int64_t modified, changed; /* mtime and ctime in nanoseconds */
};

struct source {
    char *path; /* malloc'ed */
    struct source_state state;
};

/* The state of `path` now: a file's or a directory's. */
void source_look(const char *path, struct source_state *out);

/* Adds a file or directory to a list of struct source: before it is read, so that a change while it
 * is read shows afterwards. False when memory is short. */
bool sources_add(struct list *sources, const char *path);

/* So many octets were read of the file that was added last. If stat told another length, it changed
 * in between, and that shows afterwards, too. */
void sources_read(struct list *sources, size_t length);

/* A file of `now` in which there is nothing, and which had something in it, or was missing, when
 * `before` was made. NULL: there is none. */
const char *sources_emptied(const struct list *before, const struct list *now);

/* Has any of them changed since? */
bool sources_changed(const struct list *sources);

void sources_free(struct list *sources);

#endif
