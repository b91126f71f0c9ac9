/* The A-label of a U-label (RFC 3492, RFC 5890), so that an error can say what to write. */
#ifndef PINSHIM_CONFIG_PUNYCODE_H
#define PINSHIM_CONFIG_PUNYCODE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the domain name `name` (UTF-8) with each of its non-ASCII labels as an A-label into
 * `out`. Letters are folded to lower case for Latin-1, Greek and Cyrillic; full IDNA mapping is
 * left to whoever registers names. False, and `out` unspecified, when `name` is not UTF-8 or
 * does not fit. */
bool punycode_name(const char *name, char *out, size_t size);

#endif
