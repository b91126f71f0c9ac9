/* Raw public keys (RFC 7250), since OpenSSL 3.2. */
#ifndef PINSHIM_TESTS_CLIENT_RAW_KEY_H
#define PINSHIM_TESTS_CLIENT_RAW_KEY_H

#include "tests/client/api.h"

/* Lets the peer show a raw key (--raw-key), expects one (--expect-key), shows one itself
 * (--show-raw-key), as the options say. */
void raw_key_prepare(SSL *ssl);

#endif
