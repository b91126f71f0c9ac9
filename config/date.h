/* Dates of the Gregorian calendar and days since 1970-01-01, in UTC. libc's own functions are not
 * used in the shim: they take the time zone's lock, which a child of fork may find held. */
#ifndef PINSHIM_CONFIG_DATE_H
#define PINSHIM_CONFIG_DATE_H

#include <stdint.h>

struct date {
    int64_t year;
    unsigned month, day; /* from 1 */
};

enum date_text { DATE_GOOD, DATE_MALFORMED, DATE_NO_SUCH_DAY };

/* Reads "YYYY-MM-DD", from 1970 on. `out` (may be NULL) is set only when it is good. */
enum date_text date_parse(const char *text, struct date *out);

/* Days from 1970-01-01; the date need not be checked before. */
int64_t date_to_days(const struct date *date);

/* The date that is `days` after 1970-01-01 (before it, when negative). */
struct date date_from_days(int64_t days);

#endif
