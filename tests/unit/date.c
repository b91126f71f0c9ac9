#include "config/date.h"

#include <stdlib.h>
#include <time.h>

#include <criterion/criterion.h>

TestSuite(date);

static const struct {
    struct date date;
    int64_t days;
} dates[] = {
    {{1970, 1, 1}, 0},        {{1970, 1, 2}, 1},      {{1969, 12, 31}, -1},
    {{2000, 2, 29}, 11016},   {{2000, 3, 1}, 11017},  {{1900, 2, 28}, -25509},
    {{1900, 3, 1}, -25508},   {{2024, 2, 29}, 19782}, {{2038, 1, 19}, 24855},
    {{2100, 2, 28}, 47540},   {{2100, 3, 1}, 47541},  {{9999, 12, 31}, 2932896},
    {{1600, 2, 29}, -135081}, {{0, 3, 1}, -719468},   {{0, 2, 29}, -719469},
    {{-1, 12, 31}, -719529},
};

Test(date, both_ways)
{
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        const struct date *date = &dates[i].date;
        struct date back = date_from_days(dates[i].days);

        cr_expect_eq(date_to_days(date), dates[i].days, "%lld-%u-%u", (long long)date->year,
                     date->month, date->day);
        cr_expect(back.year == date->year && back.month == date->month && back.day == date->day,
                  "day %lld is %lld-%u-%u", (long long)dates[i].days, (long long)back.year,
                  back.month, back.day);
    }
}

/* Every day of 800 years and more, as libc has it. */
Test(date, as_libc)
{
    for (int64_t days = -400 * 366; days < 400 * 366; days++) {
        time_t time = (time_t)days * 86400;
        struct date date = date_from_days(days);
        struct tm tm;

        cr_assert(gmtime_r(&time, &tm));
        if (date.year != tm.tm_year + 1900 || date.month != (unsigned)tm.tm_mon + 1 ||
            date.day != (unsigned)tm.tm_mday || date_to_days(&date) != days)
            cr_assert_fail("day %lld is not %lld-%u-%u", (long long)days, (long long)date.year,
                           date.month, date.day);
    }
}

Test(date, from_text)
{
    static const struct {
        const char *text;
        enum date_text result;
    } texts[] = {
        {"1970-01-01", DATE_GOOD},
        {"2024-02-29", DATE_GOOD},
        {"9999-12-31", DATE_GOOD},
        {"2023-02-29", DATE_NO_SUCH_DAY},
        {"2100-02-29", DATE_NO_SUCH_DAY},
        {"2027-04-31", DATE_NO_SUCH_DAY},
        {"2027-13-01", DATE_NO_SUCH_DAY},
        {"2027-00-10", DATE_NO_SUCH_DAY},
        {"2027-01-00", DATE_NO_SUCH_DAY},
        {"1969-12-31", DATE_NO_SUCH_DAY},
        {"", DATE_MALFORMED},
        {"2027-1-01", DATE_MALFORMED},
        {"2027-01-01 ", DATE_MALFORMED},
        {"2027/01/01", DATE_MALFORMED},
        {"2027-01", DATE_MALFORMED},
        {"-027-01-01", DATE_MALFORMED},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct date date = {.year = 7};

        cr_expect_eq(date_parse(texts[i].text, &date), texts[i].result, "%s", texts[i].text);
        cr_expect_eq(date.year == 7, texts[i].result != DATE_GOOD, "%s", texts[i].text);
    }
}
