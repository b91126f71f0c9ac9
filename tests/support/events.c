#include "tests/support/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#define LINE_MAX_OCTETS 4096 /* what an event may take, its newline included */

json_t *json_lines(const char *text)
{
    json_t *lines = json_array();
    json_error_t error;

    while (*text) {
        size_t length = strcspn(text, "\n");
        cr_assert(text[length] == '\n', "a line does not end: %s", text);
        cr_assert(length + 1 <= LINE_MAX_OCTETS, "a line of %zu octets: %.*s", length + 1,
                  (int)length, text);
        json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        cr_assert(line && json_is_object(line), "not a JSON object (%s): %.*s", error.text,
                  (int)length, text);
        json_array_append_new(lines, line);
        text += length + 1;
    }
    return lines;
}

json_t *events_read(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;

    if (!file) {
        cr_assert(errno == ENOENT, "%s: %s", path, strerror(errno));
        return json_array();
    }
    ssize_t length = getdelim(&text, &size, 0, file); /* text has no NUL: all of it */
    cr_assert(length >= 0 || feof(file), "%s: %s", path, strerror(errno));
    json_t *events = json_lines(length > 0 ? text : "");
    fclose(file);
    free(text);
    return events;
}

static const json_t *last(const json_t *events, const char *event, const char *host, size_t *count)
{
    const json_t *found = NULL;
    size_t i;
    json_t *one;

    *count = 0;
    json_array_foreach(events, i, one)
    {
        if (strcmp(field_string(one, "event"), event) != 0)
            continue;
        const char *its_host = json_string_value(json_object_get(one, "host"));
        if (!host || (its_host && strcmp(its_host, host) == 0)) {
            found = one;
            ++*count;
        }
    }
    return found;
}

size_t events_count(const json_t *events, const char *event, const char *host)
{
    size_t count;

    last(events, event, host, &count);
    return count;
}

size_t events_lost(const json_t *events)
{
    size_t lost = 0, i;
    json_t *event;

    json_array_foreach(events, i, event) lost +=
        (size_t)json_integer_value(json_object_get(event, "lost"));
    return lost;
}

/* Fails the test with the object in view. */
static void fail(const json_t *object, const char *field, const char *wanted)
{
    char *text = json_dumps(object, JSON_COMPACT);

    cr_assert_fail("%s is not %s in %s", field, wanted, text ? text : "(nothing)");
}

const json_t *events_last(const json_t *events, const char *event, const char *host)
{
    size_t count;
    const json_t *found = last(events, event, host, &count);

    if (!found)
        fail(events, event, host ? host : "there");
    return found;
}

const char *field_string(const json_t *object, const char *field)
{
    const json_t *value = json_object_get(object, field);

    if (!json_is_string(value) && !json_is_null(value))
        fail(object, field, "a string or null");
    return json_string_value(value);
}

long field_number(const json_t *object, const char *field)
{
    const json_t *value = json_object_get(object, field);

    if (!json_is_integer(value))
        fail(object, field, "a number");
    return (long)json_integer_value(value);
}

int field_true(const json_t *object, const char *field)
{
    const json_t *value = json_object_get(object, field);

    if (!json_is_boolean(value))
        fail(object, field, "true or false");
    return json_is_true(value);
}

void expect_string(const json_t *object, const char *field, const char *value)
{
    const char *found = field_string(object, field);

    if (!found != !value || (found && strcmp(found, value) != 0))
        fail(object, field, value ? value : "null");
}

void expect_number(const json_t *object, const char *field, long value)
{
    char text[32];

    if (field_number(object, field) == value)
        return;
    snprintf(text, sizeof text, "%ld", value);
    fail(object, field, text);
}
