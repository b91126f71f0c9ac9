/* How a session gets from one connection to the next. */
#ifndef PINSHIM_TESTS_CLIENT_SESSION_CARRY_H
#define PINSHIM_TESTS_CLIENT_SESSION_CARRY_H

#include "tests/client/api.h"

/* Makes the context tell of new sessions, where --carry says so. */
void session_carry_prepare(SSL_CTX *ctx);

/* Offers the session for the connection's handshake, as --carry says. Returns what OpenSSL did. */
int session_carry_offer(SSL_CTX *ctx, SSL *ssl, SSL_SESSION *session);

/* The session to offer after the connection `ssl`, to be freed; NULL: none. */
SSL_SESSION *session_carry_next(SSL *ssl);

#endif
