/* Lines of JSON: the shim's events, and the records of the recording server. */
#ifndef PINSHIM_TESTS_SUPPORT_EVENTS_H
#define PINSHIM_TESTS_SUPPORT_EVENTS_H

#include <stddef.h>

#include <jansson.h>

/* Reads JSON Lines: one object a line, each line ended and of at most 4096 octets; anything else
 * fails the test. Returns a JSON array; free it with json_decref. */
json_t *json_lines(const char *text);

/* The events in the file at `path`, none when there is no such file. Free as above. */
json_t *events_read(const char *path);

/* How many events are of this kind and, unless `host` is NULL, for this host. */
size_t events_count(const json_t *events, const char *event, const char *host);

/* How many events are told to be lost. */
size_t events_lost(const json_t *events);

/* The last such event; without one the test fails. Borrowed from `events`. */
const json_t *events_last(const json_t *events, const char *event, const char *host);

/* The string, number or boolean at `field`; without it, or with another type, the test fails.
 * A null string is NULL. */
const char *field_string(const json_t *object, const char *field);
long field_number(const json_t *object, const char *field);
int field_true(const json_t *object, const char *field);

/* Fails the test, showing the object, unless the field is that string (NULL: null). */
void expect_string(const json_t *object, const char *field, const char *value);

/* The same for a number. */
void expect_number(const json_t *object, const char *field, long value);

#endif
