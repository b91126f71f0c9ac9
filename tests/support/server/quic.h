/* The recording server over QUIC (RFC 9000), since OpenSSL 3.5. */
#ifndef PINSHIM_TESTS_SUPPORT_SERVER_QUIC_H
#define PINSHIM_TESTS_SUPPORT_SERVER_QUIC_H

#include "tests/support/server/connection.h"

/* The method of its context. Ends the program where OpenSSL has none. */
const SSL_METHOD *quic_method(void);

/* Serves the clients of a socket for datagrams, one after the other, until standard input has
 * ended and nothing is left to read, and writes their records. */
void quic_serve(SSL_CTX *ctx, int listener, const struct answer *answer);

/* Makes the handshake. True when it is done; else the alert is noted that the client closed the
 * connection with (RFC 9001 section 4.8). */
bool quic_accept(struct connection *connection);

/* After a call that returned `result`: waits for what comes next. False when the call is not to be
 * made again: it failed, or there are no clients any more. */
bool quic_wait(struct connection *connection, int result);

/* Everything is said. */
void quic_conclude(struct connection *connection);

#endif
