/* Certificates and public keys out of a file: PEM with anything around it, DER, bundles,
 * PKCS#7 (RFC 7468, RFC 5280, RFC 2315). */
#ifndef PINSHIM_CLI_CERTS_H
#define PINSHIM_CLI_CERTS_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/input.h"
#include "config/pin.h"

/* One of both is set. */
struct cert {
    X509 *x509;
    X509_PUBKEY *key; /* a public key without a certificate */
    bool completed;   /* not the source's: found in the system's trust store */
};

struct certs {
    struct cert *items; /* in the order of the file */
    size_t count;
    bool private_key; /* the file holds one too */
};

/* Reads every certificate and public key of the file at `path` ("-": standard input). What else a
 * PEM file holds is passed over, but for private keys, which are told. On failure (unreadable,
 * damaged, nothing of use in it) returns false, and puts the reason into `why`.
 * Free `out` with certs_free in either case. */
bool certs_read(const char *path, struct certs *out, char *why, size_t size);

void certs_free(struct certs *certs);

/* Take over `x509` or `key` at the end. False, and freed, when memory is out; NULL is false. */
bool certs_add(struct certs *certs, X509 *x509, X509_PUBKEY *key);

/* The SPKI pin (RFC 7469 section 2.4). False when OpenSSL fails. */
bool cert_pin(const struct cert *cert, struct pin *out);

/* The SHA-256 of the whole certificate. False when OpenSSL fails. */
bool cert_fingerprint(const X509 *x509, struct pin *out);

#endif
