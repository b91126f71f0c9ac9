/* The order of certificates in a chain, and which of them the system trusts. */
#ifndef PINSHIM_CLI_CERT_CHAIN_H
#define PINSHIM_CLI_CERT_CHAIN_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "cli/certs.h"
#include "config/policy.h"

/* Sorts the certificates: each chain from its end towards its root by issuer, chains in the order
 * in which the file begins them. Bare keys stay behind the certificates. False when memory is
 * out; then nothing has moved. */
bool chain_order(struct certs *certs);

/* The same for what a server has sent: its own certificate stays in front, whatever the others say
 * of it. */
bool chain_order_sent(struct certs *certs);

/* Adds the issuers that the chain lacks at its end, as the store has them (struct cert's
 * `completed`); only where the certificates are one chain. False when memory is out. */
bool chain_complete(struct certs *certs, X509_STORE *store);

/* Do the certificates make a path from the first one to the store that counts for a TLS server,
 * and, unless `host` is NULL, for that name or address? On false `why` has OpenSSL's reason. */
bool chain_verifies(const struct certs *certs, X509_STORE *store, const char *host, char *why,
                    size_t size);

/* Where this certificate stands, by what it says itself: a root is self-issued, an intermediate a
 * CA, and everything else a leaf. A self-signed certificate that names a host is a server's
 * own, whatever its CA bit says (`openssl req -x509` sets that). */
enum position chain_position(X509 *x509);

/* Could it be a server's own as well as a CA's? It signed itself and may sign others; only whoever
 * has it from its place knows. */
bool chain_is_either(X509 *x509);

/* Where a certificate stands that came alone. What is either is a root where the store has it, or
 * where it names no host and has the key usage of a CA (RFC 5280 section 4.2.1.3); else it is what
 * a server shows, a leaf: `openssl req -x509` says CA:TRUE, and no more. Others as above. */
enum position chain_position_alone(X509 *x509, X509_STORE *store);

/* The trust store that OpenSSL's programs use here: its default places, and Debian's bundle.
 * NULL when memory is out. Free with X509_STORE_free. */
X509_STORE *system_store(void);

/* Is this very certificate in the store? */
bool system_store_has(X509_STORE *store, X509 *x509);

#endif
