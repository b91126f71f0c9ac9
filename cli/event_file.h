/* Files of events, read line by line in constant memory. */
#ifndef PINSHIM_CLI_EVENT_FILE_H
#define PINSHIM_CLI_EVENT_FILE_H

#include "cli/event.h"
#include "config/list.h"

/* Lines with something wrong that are remembered, of each kind; the others are counted. */
#define BAD_LINES 5

struct bad_line {
    const char *file; /* as it was named */
    uint64_t line;
    char why[160];
};

struct bad_lines {
    uint64_t count;
    struct bad_line first[BAD_LINES];
};

/* What was read. Start with {0}. */
struct event_reading {
    uint64_t events;
    struct bad_lines bad;     /* lines that are no events of version 1 */
    struct bad_lines damaged; /* events of which a detail was left out */
    uint64_t torn;            /* beginnings of events that were never written to their end */
};

/* What is done with an event, which may be EVENT_UNREADABLE; `machine` is the number of its file
 * among the arguments. */
typedef void event_taker(void *context, size_t machine, const struct event *event);

/* Gives each event of the files at `paths` ("-": standard input) to `take`. A file that is named
 * twice is read once, and stderr says so. False, with the reason on stderr, when one cannot be
 * read, or memory is out. */
bool event_files_read(char *const *paths, size_t count, event_taker *take, void *context,
                      struct event_reading *reading);

/* Is there no event in what was read, but lines that are none? Says so then on stderr, with the
 * place of the first. */
bool event_reading_failed(const struct event_reading *reading);

/* The machine that each file is from: its base name, without the endings of rotation (".1",
 * "-20261121") and of the format (".jsonl", ".json", ".ndjson", ".log"), so that an old file and
 * its successor are one machine; files of one base name in several directories have the directory
 * in front. Printable. Returns `count` strings; NULL: memory is out. Free with event_machines_free,
 * which takes NULL. */
char **event_machines(char *const *paths, size_t count);
void event_machines_free(char **machines, size_t count);

#endif
