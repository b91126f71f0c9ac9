/* Times of events: RFC 3339 in UTC, kept as milliseconds since 1970. */
#ifndef PINSHIM_CLI_EVENT_TIME_H
#define PINSHIM_CLI_EVENT_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_MS ((int64_t)86400000)

/* "2026-11-21 03:45:00 UTC" and a NUL, with room for the years that certificates may have. */
#define TIME_TEXT 48

/* Reads "YYYY-MM-DDTHH:MM:SSZ", with or without a fraction of a second. False, and `out`
 * untouched, when it is no such time, or no day of the calendar. */
bool event_time_parse(const char *text, int64_t *out);

/* For people: "2026-11-21 03:45:00", UTC; "-" for TIME_UNKNOWN. */
void event_time_format(int64_t time, char out[TIME_TEXT]);

/* The day alone: "2026-11-21". */
void event_day_format(int64_t time, char out[TIME_TEXT]);

/* RFC 3339: "2026-11-21T03:45:00Z". */
void event_time_rfc3339(int64_t time, char out[TIME_TEXT]);

/* Days from `from` to `to`, begun ones not counted; negative when it is behind. */
int64_t event_days(int64_t from, int64_t to);

#endif
