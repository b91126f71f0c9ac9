#include "tests/soak/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has(const char *line, const char *text)
{
    return strstr(line, text) != NULL;
}

static void count_line(const char *line, size_t length, struct event_counts *counts)
{
    bool whole = length >= 2 && strncmp(line, "{\"v\":1,", 7) == 0 && line[length - 2] == '}' &&
                 line[length - 1] == '\n';
    const char *lost = strstr(line, ",\"lost\":");

    if (whole && lost)
        counts->lost += strtoul(lost + strlen(",\"lost\":"), NULL, 10);
    if (whole && has(line, "\"event\":\"handshake\""))
        counts->handshakes[has(line, "\"verdict\":\"pass\"")   ? PASS
                           : has(line, "\"verdict\":\"fail\"") ? FAIL
                                                               : UNPINNED]++;
    else if (whole && has(line, "\"event\":\"policy\""))
        counts->policies++;
    else if (counts->others++ == 0)
        printf("soak: unexpected: %s", line);
}

static void count_file(const char *path, struct event_counts *counts)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while (file && (length = getline(&line, &room, file)) > 0)
        count_line(line, (size_t)length, counts);
    free(line);
    if (file)
        fclose(file);
    unlink(path);
}

static void paths(const char *directory, char now[4096], char aside[4096])
{
    snprintf(now, 4096, "%s/events", directory);
    snprintf(aside, 4096, "%s/events.1", directory);
}

void events_rotate(const char *directory, struct event_counts *counts)
{
    char now[4096], aside[4096];

    paths(directory, now, aside);
    if (access(aside, F_OK) == 0 && access(now, F_OK) != 0)
        return;
    count_file(aside, counts);
    (void)rename(now, aside);
}

void events_finish(const char *directory, struct event_counts *counts)
{
    char now[4096], aside[4096];

    paths(directory, now, aside);
    count_file(aside, counts);
    count_file(now, counts);
}
