#include "cli/event_time.h"

#include <string.h>

#include "cli/event.h"
#include "config/date.h"
#include "config/text.h"

static bool digits(const char **at, unsigned count, unsigned *out)
{
    unsigned value = 0;

    for (; count > 0; count--, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        value = 10 * value + (unsigned)(**at - '0');
    }
    *out = value;
    return true;
}

static bool sign(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    ++*at;
    return true;
}

/* ".123": at least one digit; what is finer than a millisecond is dropped. */
static bool fraction(const char **at, unsigned *ms)
{
    unsigned digit, weight = 100;

    *ms = 0;
    if (!sign(at, '.'))
        return true;
    if (!digits(at, 1, &digit))
        return false;
    do {
        *ms += digit * weight;
        weight /= 10;
    } while (digits(at, 1, &digit));
    return true;
}

bool event_time_parse(const char *text, int64_t *out)
{
    unsigned year, month, day, hour, minute, second, ms;
    struct date date, again;
    int64_t days;

    if (!digits(&text, 4, &year) || !sign(&text, '-') || !digits(&text, 2, &month) ||
        !sign(&text, '-') || !digits(&text, 2, &day) || !sign(&text, 'T') ||
        !digits(&text, 2, &hour) || !sign(&text, ':') || !digits(&text, 2, &minute) ||
        !sign(&text, ':') || !digits(&text, 2, &second) || !fraction(&text, &ms) ||
        !sign(&text, 'Z') || *text != '\0')
        return false;
    /* 60: a leap second (RFC 3339 section 5.6). */
    if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60)
        return false;
    date = (struct date){.year = year, .month = month, .day = day};
    days = date_to_days(&date);
    again = date_from_days(days);
    if (again.month != month || again.day != day)
        return false;
    *out = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * (int64_t)1000 + ms;
    return true;
}

void event_time_rfc3339(int64_t time, char out[TIME_TEXT])
{
    struct text text;

    text_init(&text, out, TIME_TEXT);
    text_add_time(&text, time / 1000 - (time % 1000 < 0), -1);
}

void event_time_format(int64_t time, char out[TIME_TEXT])
{
    char *t;

    if (time == TIME_UNKNOWN) {
        strcpy(out, "-");
        return;
    }
    event_time_rfc3339(time, out);
    t = strchr(out, 'T');
    *t = ' ';
    t[9] = '\0'; /* the Z */
}

void event_day_format(int64_t time, char out[TIME_TEXT])
{
    event_time_rfc3339(time, out);
    *strchr(out, 'T') = '\0';
}

int64_t event_days(int64_t from, int64_t to)
{
    return (to - from) / DAY_MS - ((to - from) % DAY_MS < 0);
}
