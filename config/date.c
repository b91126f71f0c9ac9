#include "config/date.h"

#include <stddef.h>

/* The number that so many digits make. */
static unsigned number(const char *digits, size_t count)
{
    unsigned n = 0;

    for (size_t i = 0; i < count; i++)
        n = 10 * n + (unsigned)(digits[i] - '0');
    return n;
}

enum date_text date_parse(const char *text, struct date *out)
{
    struct date date, again;

    for (size_t i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return DATE_MALFORMED;
    if (text[10] != '\0')
        return DATE_MALFORMED;
    date = (struct date){number(text, 4), number(text + 5, 2), number(text + 8, 2)};
    if (date.year < 1970 || date.month < 1 || date.month > 12)
        return DATE_NO_SUCH_DAY;
    again = date_from_days(date_to_days(&date));
    if (again.month != date.month || again.day != date.day)
        return DATE_NO_SUCH_DAY;
    if (out)
        *out = date;
    return DATE_GOOD;
}

/* Both count in eras of 400 years (146,097 days) that begin on a 1 March, so that leap days come
 * last; 719,468 days lie between 0000-03-01 and 1970-01-01. */

int64_t date_to_days(const struct date *date)
{
    int64_t year = date->month <= 2 ? date->year - 1 : date->year;
    int64_t era = (year >= 0 ? year : year - 399) / 400, year_of_era = year - era * 400;
    unsigned month = date->month > 2 ? date->month - 3 : date->month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

struct date date_from_days(int64_t days)
{
    int64_t since = days + 719468, era = (since >= 0 ? since : since - 146096) / 146097;
    unsigned day = (unsigned)(since - era * 146097);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned day_of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * day_of_year + 2) / 153;
    struct date date = {.day = day_of_year - (153 * month + 2) / 5 + 1,
                        .month = month < 10 ? month + 3 : month - 9};

    date.year = year + era * 400 + (date.month <= 2);
    return date;
}
