/* The client's SSL_CTX and the callbacks that it sets. */
#ifndef PINSHIM_TESTS_CLIENT_CONTEXT_H
#define PINSHIM_TESTS_CLIENT_CONTEXT_H

#include "tests/client/api.h"

/* Makes the context that the options ask for. Ends the program when it cannot. */
SSL_CTX *context_new(void);

/* The callbacks that the options ask for, NULL where they ask for none. */
SSL_verify_cb context_verify_callback(void);
typedef void info_function(const SSL *ssl, int where, int value);
info_function *context_ctx_info(void);
info_function *context_ssl_info(void);

/* Sets the cert-verify callback that the options ask for. */
void context_set_cert_verify(SSL_CTX *ctx);

/* SSL_VERIFY_PEER or SSL_VERIFY_NONE. */
int context_verify_mode(void);

#endif
