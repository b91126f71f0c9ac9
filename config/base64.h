/* Base 64 (RFC 4648 section 4). */
#ifndef PINSHIM_CONFIG_BASE64_H
#define PINSHIM_CONFIG_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Octets that encoding `n` octets takes, NUL included. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* Decodes `length` characters into at most `size` octets of `out`. White space is skipped only
 * when `lenient` (PEM). Padding may be missing; the unused bits of the last character may have any
 * value (such pins are in circulation). Returns the octets decoded, -1 when malformed or when
 * more than `size` octets come out. */
ssize_t base64_decode(const char *text, size_t length, int lenient, uint8_t *out, size_t size);

/* Encodes `length` octets into `out`, which holds BASE64_SIZE(length). */
void base64_encode(const uint8_t *data, size_t length, char *out);

#endif
