#include "cli/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input.h"

/* A read of this size costs next to nothing for each line. */
#define BUFFER_SIZE ((size_t)1 << 20)

struct file {
    const char *path;
    size_t machine;
    int fd;
    uint64_t line;
    bool too_long; /* the rest of a line whose beginning was dropped is skipped */
    event_taker *take;
    void *context;
    struct event_parser *parser;
    struct event_reading *reading;
};

static void note(struct bad_lines *lines, const struct file *file, const char *why)
{
    if (lines->count < BAD_LINES) {
        struct bad_line *bad = &lines->first[lines->count];
        bad->file = file->path;
        bad->line = file->line;
        snprintf(bad->why, sizeof(bad->why), "%s", why);
    }
    lines->count++;
}

/* `domain`: that the line is about; NULL: not known. */
static void take_bad(struct file *file, const char *domain, const char *why)
{
    const struct event unreadable = {.kind = EVENT_UNREADABLE, .domain = domain};

    note(&file->reading->bad, file, why);
    file->take(file->context, file->machine, &unreadable);
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\r", line[i]) || line[i] == '\0')
            return false;
    return true;
}

static void take_event(struct file *file, const struct event *event)
{
    file->reading->events++;
    if (event->damage)
        note(&file->reading->damaged, file, event->damage);
    file->take(file->context, file->machine, event);
}

static void take_remains(struct file *file, const struct event_remains *remains, const char *why)
{
    if (remains->is_torn)
        file->reading->torn++; /* it is being written, or the disk was full */
    else
        take_bad(file, remains->domain, why);
}

/* Where the next event begins, in a line that begins with what was left of an earlier one; within a
 * string its quotes would be escaped. NULL: nowhere. */
static const char *find_seam(const char *from, const char *end)
{
    static const char start[] = "{\"v\":1,\"";

    return memmem(from, (size_t)(end - from), start, strlen(start));
}

/* A line, or a piece of one; false, and nothing done, if it is no JSON and `may_split`. */
static bool take_piece(struct file *file, const char *line, size_t length, bool may_split)
{
    char why[160];
    const struct event *event = event_parse(file->parser, line, length, why, sizeof(why));
    struct event_remains remains;

    if (event) {
        take_event(file, event);
        return true;
    }
    remains = event_parse_remains(file->parser);
    if (may_split && !remains.is_json)
        return false;
    take_remains(file, &remains, why);
    return true;
}

static void take_line(struct file *file, const char *line, size_t length)
{
    const char *end = line + length, *seam;

    file->line++;
    if (file->too_long) {
        file->too_long = false;
        take_bad(file, NULL, "it is too long for an event");
        return;
    }
    if (is_blank(line, length))
        return;
    seam = *line == '{' ? find_seam(line + 1, end) : NULL;
    if (take_piece(file, line, length, seam != NULL))
        return;
    for (; line; line = seam) {
        seam = find_seam(line + 1, end);
        take_piece(file, line, (size_t)((seam ? seam : end) - line), false);
    }
}

/* Takes the whole lines of `buffer`; what is left is moved to its front. Returns its length. */
static size_t take_lines(struct file *file, char *buffer, size_t length)
{
    char *line = buffer, *end = buffer + length, *newline;

    while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        take_line(file, line, (size_t)(newline - line));
        line = newline + 1;
    }
    length = (size_t)(end - line);
    if (file->too_long || length > EVENT_LINE_LIMIT) {
        file->too_long = true;
        return 0;
    }
    memmove(buffer, line, length);
    return length;
}

/* Compressed files are named by mistake: the words say what to do with them. */
static const char *compression(const char *data, size_t length)
{
    static const struct {
        const char *magic, *tool;
    } known[] = {{"\x1f\x8b", "zcat"},
                 {"\xfd"
                  "7zXZ",
                  "xzcat"},
                 {"\x28\xb5\x2f\xfd", "zstdcat"},
                 {"BZh", "bzcat"}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (length >= strlen(known[i].magic) &&
            memcmp(data, known[i].magic, strlen(known[i].magic)) == 0)
            return known[i].tool;
    return NULL;
}

static bool read_lines(struct file *file, char *buffer)
{
    size_t length = 0;
    bool begun = false;

    for (;;) {
        ssize_t n = read(file->fd, buffer + length, BUFFER_SIZE - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            cli_error("cannot read %s: %m", input_name(file->path));
            return false;
        }
        if (n == 0)
            break;
        if (!begun && compression(buffer, (size_t)n)) {
            cli_error("%s is compressed: %s it into 'pinshim ... -'", input_name(file->path),
                      compression(buffer, (size_t)n));
            return false;
        }
        begun = true;
        length = take_lines(file, buffer, length + (size_t)n);
    }
    if (length > 0 || file->too_long)
        take_line(file, buffer, length);
    return true;
}

/* The earlier argument that is this very file; `i` when there is none. Only files on disk: what
 * comes through a pipe comes once. */
static size_t same_file(const struct stat *states, size_t i)
{
    size_t j = 0;

    if (!S_ISREG(states[i].st_mode))
        return i;
    while (j < i && (states[j].st_dev != states[i].st_dev || states[j].st_ino != states[i].st_ino))
        j++;
    return j;
}

static bool open_file(struct file *file, struct stat *state)
{
    bool is_stdin = strcmp(file->path, "-") == 0;

    file->fd = is_stdin ? dup(STDIN_FILENO) : open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0 || fstat(file->fd, state) != 0) {
        cli_error("cannot read %s: %m", input_name(file->path));
        return false;
    }
    return true;
}

bool event_reading_failed(const struct event_reading *reading)
{
    const struct bad_line *first = &reading->bad.first[0];

    if (reading->events > 0 || reading->bad.count == 0)
        return false;
    cli_error("there is no event in what was read; %s:%" PRIu64 ": %s", input_name(first->file),
              first->line, first->why);
    return true;
}

bool event_files_read(char *const *paths, size_t count, event_taker *take, void *context,
                      struct event_reading *reading)
{
    struct event_parser *parser = event_parser_new();
    struct stat *states = calloc(count, sizeof(*states));
    char *buffer = malloc(BUFFER_SIZE);
    bool good = parser && states && buffer;

    if (!good)
        cli_error("out of memory");
    for (size_t i = 0; good && i < count; i++) {
        struct file file = {.path = paths[i],
                            .machine = i,
                            .fd = -1,
                            .take = take,
                            .context = context,
                            .parser = parser,
                            .reading = reading};
        size_t same;

        good = open_file(&file, &states[i]);
        same = good ? same_file(states, i) : i;
        if (same < i)
            cli_error("%s is the same file as %s; read once", paths[i], paths[same]);
        else if (good)
            good = read_lines(&file, buffer);
        if (file.fd >= 0)
            close(file.fd);
    }
    event_parser_free(parser);
    free(states);
    free(buffer);
    return good;
}
