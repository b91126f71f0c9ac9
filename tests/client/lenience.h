/* Programs that tell OpenSSL to overlook something. */
#ifndef PINSHIM_TESTS_CLIENT_LENIENCE_H
#define PINSHIM_TESTS_CLIENT_LENIENCE_H

#include "tests/client/api.h"

/* Lets the context (--purpose any) or its store (--purpose store) verify for any purpose, and gives
 * the context the flags of --lenient, its store those of --lenient-store. */
void lenience_set(SSL_CTX *ctx);

#endif
