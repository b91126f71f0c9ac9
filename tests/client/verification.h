/* What programs do to OpenSSL's verification: callbacks of their own, and switching it off. */
#ifndef PINSHIM_TESTS_CLIENT_VERIFICATION_H
#define PINSHIM_TESTS_CLIENT_VERIFICATION_H

#include "tests/client/api.h"

struct visit;

/* SSL_VERIFY_PEER or SSL_VERIFY_NONE, and the verify callback, that the options ask for; NULL:
 * none. */
int verification_mode(void);
SSL_verify_cb verification_callback(void);

/* The moments at which the options may ask for something: sets the cert-verify callback, or
 * switches verification off, if this is the moment. */
void verification_for_context(SSL_CTX *ctx);               /* a new SSL_CTX */
void verification_for_ssl(SSL *ssl, SSL_CTX *ctx);         /* a new SSL */
void verification_in_info(struct visit *visit, int where); /* inside the info callback */
void verification_after(SSL *ssl, SSL_CTX *ctx);           /* the handshake is done */

#endif
