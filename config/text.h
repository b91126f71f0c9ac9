/* Text built in a buffer of fixed size: never overflows, always ends in NUL, remembers whether
 * something was cut. Used instead of stdio inside other people's processes. */
#ifndef PINSHIM_CONFIG_TEXT_H
#define PINSHIM_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *data;
    size_t size;   /* of the buffer */
    size_t length; /* without the NUL */
    bool cut;
};

void text_init(struct text *text, char *buffer, size_t size);
void text_add(struct text *text, const char *string);
void text_add_n(struct text *text, const char *data, size_t length);
void text_add_char(struct text *text, char c);
void text_add_number(struct text *text, int64_t number);
/* `number` in decimal, with zeros in front up to `width`. */
void text_add_padded(struct text *text, uint64_t number, unsigned width);
/* Lower-case hex. */
void text_add_hex(struct text *text, const uint8_t *data, size_t length);
/* Length of the well-formed UTF-8 sequence at `s` (RFC 3629 section 4), which a NUL ends; 0 when
 * there is none. */
size_t text_utf8_length(const uint8_t *s);
/* How much of the first `length` octets of a string to keep, so that no character is cut: up to
 * three octets fewer where it goes on within one, or was cut there. */
size_t text_utf8_whole(const char *string, size_t length);
/* Length of the character at `s`, which a NUL ends, if a terminal does not show it but does what it
 * says: a C1 control (ECMA-48), or one that turns the direction of what stands around it (UAX #9);
 * 0 for others. `out`: the character as JSON may write it, "\u009b". */
#define TEXT_ESCAPE_SIZE 7
size_t text_acting(const uint8_t *s, char out[TEXT_ESCAPE_SIZE]);
/* A JSON string with its quotes (RFC 8259 section 7). Octets that are not UTF-8 become U+FFFD, and
 * controls, also those of text_acting, are escaped. NULL is written as null. */
void text_add_json(struct text *text, const char *string);
/* For a terminal: control characters and what is not UTF-8 are written as \xNN, and what turns the
 * direction of text as \uNNNN. */
void text_add_printable(struct text *text, const char *string);
/* RFC 3339 in UTC: seconds, or milliseconds when `milliseconds` >= 0. */
void text_add_time(struct text *text, int64_t unix_time, int milliseconds);

#endif
