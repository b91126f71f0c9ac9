#include "config/text.h"

#include <string.h>

#include "config/date.h"

void text_init(struct text *text, char *buffer, size_t size)
{
    text->data = buffer;
    text->size = size;
    text->length = 0;
    text->cut = false;
    buffer[0] = '\0';
}

void text_add_n(struct text *text, const char *data, size_t length)
{
    size_t room = text->size - 1 - text->length;

    if (length > room) {
        length = room;
        text->cut = true;
    }
    memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_n(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add_n(text, &c, 1);
}

void text_add_padded(struct text *text, uint64_t number, unsigned width)
{
    char digits[32];
    unsigned n = 0;

    do
        digits[sizeof digits - ++n] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (n < width && n < sizeof digits)
        digits[sizeof digits - ++n] = '0';
    text_add_n(text, digits + sizeof digits - n, n);
}

void text_add_number(struct text *text, int64_t number)
{
    if (number < 0)
        text_add_char(text, '-');
    text_add_padded(text, number < 0 ? -(uint64_t)number : (uint64_t)number, 1);
}

void text_add_hex(struct text *text, const uint8_t *data, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        const char pair[2] = {digits[data[i] >> 4], digits[data[i] & 15]};
        text_add_n(text, pair, sizeof pair);
    }
}

size_t text_utf8_length(const uint8_t *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

size_t text_acting(const uint8_t *s, char out[TEXT_ESCAPE_SIZE])
{
    size_t n = text_utf8_length(s);
    unsigned code = n == 2   ? (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu)
                    : n == 3 ? (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu)
                             : 0;
    struct text text;

    if (!((code >= 0x80 && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
          (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)))
        return 0;
    text_init(&text, out, TEXT_ESCAPE_SIZE);
    text_add(&text, "\\u");
    text_add_hex(&text, (const uint8_t[]){(uint8_t)(code >> 8), (uint8_t)code}, 2);
    return n;
}

size_t text_utf8_whole(const char *string, size_t length)
{
    const uint8_t *s = (const uint8_t *)string;
    size_t last = length, n; /* `last`: where the last character begins, and one more */

    while (last > 0 && length - last < 3 && (s[last - 1] & 0xc0) == 0x80)
        last--;
    if (last == 0 || s[last - 1] < 0xc0)
        return length;
    n = text_utf8_length(s + last - 1);
    return n > 0 && last - 1 + n <= length ? length : last - 1;
}

/* How many octets stand for themselves in JSON, up to the first that does not. */
static size_t plain_length(const uint8_t *s)
{
    size_t n = 0;

    while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
        n++;
    return n;
}

void text_add_json(struct text *text, const char *string)
{
    const uint8_t *s = (const uint8_t *)string;
    char escape[TEXT_ESCAPE_SIZE];

    if (string == NULL) {
        text_add(text, "null");
        return;
    }
    text_add_char(text, '"');
    while (*s != '\0') {
        size_t n = plain_length(s);
        if (n > 0) {
            text_add_n(text, (const char *)s, n);
            s += n;
            continue;
        }
        n = text_utf8_length(s);
        if (n == 0) {
            text_add(text, "\xef\xbf\xbd");
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            text_add_char(text, '\\');
            text_add_char(text, (char)*s);
        } else if (*s < 0x20 || *s == 0x7f) {
            text_add(text, "\\u00");
            text_add_hex(text, s, 1);
        } else if (text_acting(s, escape) > 0) {
            text_add(text, escape);
        } else {
            text_add_n(text, (const char *)s, n);
        }
        s += n;
    }
    text_add_char(text, '"');
}

void text_add_printable(struct text *text, const char *string)
{
    const uint8_t *s = (const uint8_t *)string;

    char escape[TEXT_ESCAPE_SIZE];

    while (*s != '\0') {
        size_t n = text_utf8_length(s), acting = text_acting(s, escape);
        /* C1 controls (U+0080 to U+009F) act on some terminals as C0 ones do. */
        bool control = n == 0 || *s < 0x20 || *s == 0x7f || (acting > 0 && *s == 0xc2);
        if (acting > 0 && !control) {
            text_add(text, escape);
        } else if (control) {
            text_add(text, "\\x");
            text_add_hex(text, s, n == 2 ? 2 : 1);
            n = n == 2 ? 2 : 1;
        } else {
            text_add_n(text, (const char *)s, n);
        }
        s += n;
    }
}

void text_add_time(struct text *text, int64_t unix_time, int milliseconds)
{
    int64_t days = unix_time / 86400, seconds = unix_time % 86400;
    struct date date;

    if (seconds < 0) {
        seconds += 86400;
        days--;
    }
    date = date_from_days(days);
    if (date.year < 0)
        text_add_char(text, '-');
    text_add_padded(text, (uint64_t)(date.year < 0 ? -date.year : date.year), 4);
    text_add_char(text, '-');
    text_add_padded(text, date.month, 2);
    text_add_char(text, '-');
    text_add_padded(text, date.day, 2);
    text_add_char(text, 'T');
    text_add_padded(text, (uint64_t)seconds / 3600, 2);
    text_add_char(text, ':');
    text_add_padded(text, (uint64_t)seconds / 60 % 60, 2);
    text_add_char(text, ':');
    text_add_padded(text, (uint64_t)seconds % 60, 2);
    if (milliseconds >= 0) {
        text_add_char(text, '.');
        text_add_padded(text, (uint64_t)milliseconds, 3);
    }
    text_add_char(text, 'Z');
}
