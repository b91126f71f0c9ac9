#include "config/text.h"

#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>
#include <jansson.h>

TestSuite(text);

static const struct {
    const char *string, *json;
} escapes[] = {
    {NULL, "null"},
    {"", "\"\""},
    {"plain", "\"plain\""},
    {"say \"no\"", "\"say \\\"no\\\"\""},
    {"back\\slash", "\"back\\\\slash\""},
    {"\b\t\n\f\r", "\"\\u0008\\u0009\\u000a\\u000c\\u000d\""},
    {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
    {"\x1b[31m", "\"\\u001b[31m\""},
    {"</script>", "\"</script>\""},
    {"\xc2\x80\xc2\x9b[2J\xc2\x9f\xc2\xa0", "\"\\u0080\\u009b[2J\\u009f\xc2\xa0\""}, /* C1 */
    /* what turns the direction of text (UAX #9), and its neighbours */
    {"\xd8\x9b\xd8\x9c\xd8\x9d", "\"\xd8\x9b\\u061c\xd8\x9d\""},
    {"\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
     "\"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\""},
    {"\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xac\xe2\x80\xac\xe2\x80\xaf",
     "\"\xe2\x80\xa9\\u202a\\u202e\\u202c\\u202c\xe2\x80\xaf\""},
    {"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
     "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\""},
    {"\xe2\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"b\xc3\xbc", "\"b\xc3\xbc\""},
    {"\xe2\x82\xac", "\"\xe2\x82\xac\""},
    {"\xf0\x9f\x94\x92", "\"\xf0\x9f\x94\x92\""},
    {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
    /* RFC 3629: each octet of what is not UTF-8 */
    {"\xff", "\"\xef\xbf\xbd\""},
    {"a\x80z", "\"a\xef\xbf\xbdz\""},
    {"\xc3", "\"\xef\xbf\xbd\""},
    {"\xc3\"", "\"\xef\xbf\xbd\\\"\""}, /* a cut sequence does not eat the quote */
    {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                                 /* overlong */
    {"\xe0\x80\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},                 /* a surrogate */
    {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* too high */
    {"\xf0\x80\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
};

Test(text, json)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        char buffer[128];
        struct text text;

        text_init(&text, buffer, sizeof buffer);
        text_add_json(&text, escapes[i].string);
        cr_expect_str_eq(buffer, escapes[i].json, "row %zu: %s", i, buffer);
        cr_expect_not(text.cut);
        cr_expect_eq(text.length, strlen(buffer));
    }
}

/* Whatever two octets there are, a parser takes what comes out. */
Test(text, json_of_all_pairs)
{
    for (unsigned pair = 0x0100; pair <= 0xffff; pair++) {
        const char string[] = {(char)(pair >> 8), (char)pair, 0};
        char buffer[64];
        struct text text;
        json_t *value;

        text_init(&text, buffer, sizeof buffer);
        text_add_json(&text, string);
        value = json_loads(buffer, JSON_DECODE_ANY, NULL);
        cr_assert(json_is_string(value), "%04x: %s", pair, buffer);
        if (pair < 0x8000 && (pair & 0xff) < 0x80)
            cr_expect_str_eq(json_string_value(value), string, "%04x", pair);
        json_decref(value);
    }
}

static const struct {
    const char *string, *shown;
} printables[] = {
    {"plain \"x\" \\", "plain \"x\" \\"},
    {"\x1b[2J", "\\x1b[2J"},
    {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
    {"\x7f", "\\x7f"},
    {"\xc3\xbc", "\xc3\xbc"},
    {"\xc2\x9b", "\\xc29b"}, /* CSI as one character */
    {"\xc2\xa0", "\xc2\xa0"},
    {"a\xe2\x80\xaetxt\xe2\x80\xac", "a\\u202etxt\\u202c"}, /* right to left from here */
    {"\xd8\x9c\xe2\x81\xa7\xe2\x81\xa9", "\\u061c\\u2067\\u2069"},
    {"\xff", "\\xff"},
    {"\xe2\x82", "\\xe2\\x82"},
};

Test(text, printable)
{
    for (size_t i = 0; i < sizeof printables / sizeof *printables; i++) {
        char buffer[64];
        struct text text;

        text_init(&text, buffer, sizeof buffer);
        text_add_printable(&text, printables[i].string);
        cr_expect_str_eq(buffer, printables[i].shown, "row %zu: %s", i, buffer);
    }
}

static const struct {
    const char *string;
    size_t length, whole;
} cuts[] = {
    {"", 0, 0},
    {"abc", 3, 3},
    {"abc", 2, 2},
    {"\xc3\xbc", 2, 2},
    {"\xc3\xbc", 1, 0},
    {"a\xe2\x82\xac", 4, 4},
    {"a\xe2\x82\xac", 3, 1},
    {"a\xe2\x82\xac", 2, 1},
    {"a\xe2\x82\xac"
     "b",
     4, 4},
    {"\xf0\x9f\x94\x92", 4, 4},
    {"\xf0\x9f\x94\x92", 3, 0},
    {"\xf0\x9f\x94\x92", 1, 0},
    {"\xc3\xbc\xf0\x9f\x94", 5, 2}, /* cut already */
    {"ab\xc3", 3, 2},
    {"\xbc\xbc\xbc\xbc\xbc", 5, 5}, /* of no character */
    {"a\xbc", 2, 2},
    {"\xc3\xbc\xbc", 3, 3},
};

Test(text, whole_characters)
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        cr_expect_eq(text_utf8_whole(cuts[i].string, cuts[i].length), cuts[i].whole, "row %zu", i);
}

Test(text, cut)
{
    for (size_t size = 1; size <= 12; size++) {
        char buffer[16];
        struct text text;

        memset(buffer, 0x77, sizeof buffer);
        text_init(&text, buffer, size);
        text_add(&text, "0123");
        text_add_char(&text, '4');
        text_add_number(&text, 56789);
        cr_expect_eq(text.cut, size < 11, "%zu", size);
        cr_expect_eq(strlen(buffer), size < 11 ? size - 1 : 10, "%zu: %s", size, buffer);
        cr_expect_arr_eq(buffer, "0123456789", strlen(buffer), "%zu: %s", size, buffer);
        for (size_t i = size; i < sizeof buffer; i++)
            cr_expect_eq(buffer[i], 0x77, "wrote octet %zu of %zu", i, size);
    }
}

Test(text, numbers)
{
    char buffer[128];
    struct text text;

    text_init(&text, buffer, sizeof buffer);
    text_add_number(&text, 0);
    text_add_char(&text, ' ');
    text_add_number(&text, INT64_MIN);
    text_add_char(&text, ' ');
    text_add_number(&text, INT64_MAX);
    text_add_char(&text, ' ');
    text_add_padded(&text, 7, 3);
    text_add_char(&text, ' ');
    text_add_padded(&text, 1234, 3);
    text_add_char(&text, ' ');
    text_add_padded(&text, UINT64_MAX, 1);
    text_add_char(&text, ' ');
    text_add_hex(&text, (const uint8_t *)"\x00\x9f\xff", 3);
    cr_expect_str_eq(buffer, "0 -9223372036854775808 9223372036854775807 007 1234 "
                             "18446744073709551615 009fff");
}

static const struct {
    int64_t time;
    int milliseconds;
    const char *want;
} times[] = {
    {0, -1, "1970-01-01T00:00:00Z"},
    {0, 0, "1970-01-01T00:00:00.000Z"},
    {1795232700, 123, "2026-11-21T03:45:00.123Z"},
    {1795232700, 7, "2026-11-21T03:45:00.007Z"},
    {86399, -1, "1970-01-01T23:59:59Z"},
    {-1, -1, "1969-12-31T23:59:59Z"},
    {951782400, -1, "2000-02-29T00:00:00Z"},
    {2147483648, -1, "2038-01-19T03:14:08Z"},
    {253402300799, -1, "9999-12-31T23:59:59Z"},
    {253402300800, -1, "10000-01-01T00:00:00Z"},
};

Test(text, times)
{
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char buffer[40];
        struct text text;

        text_init(&text, buffer, sizeof buffer);
        text_add_time(&text, times[i].time, times[i].milliseconds);
        cr_expect_str_eq(buffer, times[i].want);
    }
}
