/* Refusing a connection as OpenSSL itself would: a failed certificate verification, with the
 * reason in words beside it (contract section 3). */
#ifndef PINSHIM_SHIM_REFUSAL_H
#define PINSHIM_SHIM_REFUSAL_H

#include <stdbool.h>

#include "shim/openssl.h"

/* Writes the one line for stderr. NULL: there was no memory for the words. */
void refusal_tell(const char *words);

/* At the ClientHello, for want of the memory to watch the handshake with: says so, and leaves what
 * a refused handshake leaves. The caller makes it fail. */
void refusal_in_hello(struct openssl *o, SSL *ssl);

/* Inside the certificate-verify callback: makes libssl fail this handshake with an alert, even
 * where the program asked for no verification. `words` (malloc'ed, may be NULL) is taken over.
 * Returns what the callback is to return. */
int refusal_in_callback(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx, char *words);

/* Inside the info callback, for a handshake that shows no certificate: cuts the connection off
 * from its BIOs, so that not a byte more leaves and none is read, on whatever road the program
 * goes on. `finished`: the handshake is, so libssl's own flags can shut the connection as well.
 * `words` is taken over. */
void refusal_cut(struct openssl *o, SSL *ssl, bool finished, char *words);

/* Was this BIO put in by refusal_cut? */
bool refusal_is_cut(struct openssl *o, const BIO *bio);

/* Puts libssl's "certificate verify failed" with the words on the error queue. */
void refusal_queue(struct openssl *o, const char *words);

/* Inside the certificate-verify callback, at its end. QUIC keeps the error queue as it is before
 * the alert leaves, and where the info callback is not ours nobody tells us of the alert: the words
 * go ahead, with an error like the one that libssl is about to put there. Does nothing for other
 * connections. */
void refusal_queue_ahead(struct openssl *o, const SSL *ssl);

/* Attaches the words to libssl's own error, if a refusal's are still waiting for it. */
void refusal_attach_words(struct openssl *o, const SSL *ssl);

#endif
