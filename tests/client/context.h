/* The client's SSL_CTX and the callbacks that it sets. */
#ifndef PINSHIM_TESTS_CLIENT_CONTEXT_H
#define PINSHIM_TESTS_CLIENT_CONTEXT_H

#include <stdbool.h>

#include "tests/client/api.h"

/* Makes the context that the options ask for. Ends the program when it cannot. */
SSL_CTX *context_new(void);

/* The info callbacks that the options ask for, NULL where they ask for none. */
typedef void info_function(const SSL *ssl, int where, int value);
info_function *context_ctx_info(void);
info_function *context_ssl_info(void);

/* Do they come in the middle of the handshake? */
bool context_info_is_late(void);

#endif
