/* The seam: our certificate-verify callback, which every full handshake of a client meets. */
#ifndef PINSHIM_SHIM_VERIFY_H
#define PINSHIM_SHIM_VERIFY_H

#include "shim/openssl.h"

/* For SSL_CTX_set_cert_verify_callback; `arg` is the struct openssl. The program's own check
 * runs first and is never made more lenient: what it refuses stays refused. */
int verify_certificate(X509_STORE_CTX *store_ctx, void *arg);

#endif
