/* How a connection that begins in clear text is asked for TLS. */
#ifndef PINSHIM_CLI_STARTTLS_H
#define PINSHIM_CLI_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/stream.h"

/* "smtp, imap, …": for help and messages. */
extern const char starttls_names[];

/* The port that the protocol has when none is named; 0: there is no such protocol. */
uint16_t starttls_port(const char *protocol);

/* Talks until TLS may begin. `host` is whom an XMPP server is asked for. What the server says is
 * read up to a bound. On failure false, and the reason in `why`. */
bool starttls(const struct stream *stream, const char *protocol, const char *host, char *why,
              size_t size);

#endif
