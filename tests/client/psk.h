/* External pre-shared keys (RFC 4279; RFC 8446 section 2.2). */
#ifndef PINSHIM_TESTS_CLIENT_PSK_H
#define PINSHIM_TESTS_CLIENT_PSK_H

#include "tests/client/api.h"

/* Gives the context the key of --psk, for TLS 1.2 and 1.3. Does nothing without that option. */
void psk_set(SSL_CTX *ctx);

#endif
