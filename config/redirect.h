/* The URL of `redirect`: %h, %p and %r stand for host, port and reason, %% for a percent. */
#ifndef PINSHIM_CONFIG_REDIRECT_H
#define PINSHIM_CONFIG_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>

/* No longer one is accepted, before and after what is put in. */
enum { REDIRECT_MAX = 2000 };

/* Is it a URL (RFC 3986: a scheme, and only characters that one may have)? On failure false, and
 * `why` says what to write. */
bool redirect_valid(const char *url, char *why, size_t size);

/* Writes a valid URL with all put in, URL-encoded (RFC 3986 section 2.1); "" for what is not known.
 * False when it does not fit. */
bool redirect_expand(const char *url, const char *host, const char *port, const char *reason,
                     char *out, size_t size);

#endif
