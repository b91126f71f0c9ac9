/* Refusing a connection as OpenSSL itself would: a failed certificate verification, with the
 * reason in words beside it (contract section 3). */
#ifndef PINSHIM_SHIM_REFUSAL_H
#define PINSHIM_SHIM_REFUSAL_H

#include "shim/openssl.h"

/* Writes the one line for stderr. */
void refusal_tell(const char *words);

/* Inside the certificate-verify callback: makes libssl fail this handshake with an alert, even
 * where the program asked for no verification. `words` (malloc'ed, may be NULL) is taken over.
 * Returns what the callback is to return. */
int refusal_in_callback(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx, char *words);

/* After a handshake that met no callback: shuts the connection both ways, so that not a byte of
 * the program's leaves, and leaves the error that a refused handshake has. Returns what the
 * handshake call is to return. `words` is taken over. */
int refusal_after_handshake(struct openssl *o, SSL *ssl, char *words);

/* Attaches the words to libssl's error, if a refusal's are still waiting for it. */
void refusal_attach_words(struct openssl *o, const SSL *ssl);

#endif
