/* What a certificate says, as text for tables and messages. */
#ifndef PINSHIM_CLI_CERT_TEXT_H
#define PINSHIM_CLI_CERT_TEXT_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "config/pin.h"

/* 32 octets as hex with colons, and a NUL. */
#define FINGERPRINT_SIZE (3 * DIGEST_SIZE)
/* "2027-01-01T00:00:00Z" and a NUL. */
#define CERT_TIME_SIZE 32

/* The subject in the form of RFC 2253, UTF-8; malloc'ed. NULL when memory is out. */
char *cert_subject(const X509 *x509);

/* What people call the certificate: its (last, so most specific) commonName, else its first
 * subjectAltName of DNS or address form, else its subject. malloc'ed; NULL when memory is out. */
char *cert_short_name(const X509 *x509);

/* The issuer as people call it: its commonName, else the whole name; malloc'ed. NULL when memory is
 * out. */
char *cert_issuer_name(const X509 *x509);

/* The subjectAltNames of DNS and address form, separated by ", "; malloc'ed, "" when there is none.
 * NULL when memory is out. */
char *cert_names(const X509 *x509);

/* "RSA 2048", "EC P-256", "Ed25519"; "unknown" for a key that OpenSSL cannot read. */
#define CERT_KEY_SIZE 32
void cert_key_text(const X509 *x509, char out[CERT_KEY_SIZE]);

/* Does a subjectAltName name a host, by DNS name or address? */
bool cert_names_host(const X509 *x509);

/* "AB:CD:…": as `openssl x509 -fingerprint -sha256` writes it. */
void fingerprint_format(const struct pin *pin, char out[FINGERPRINT_SIZE]);

/* notBefore and notAfter as RFC 3339 in UTC; "" when the certificate has none that can be read. */
void cert_not_before(const X509 *x509, char out[CERT_TIME_SIZE]);
void cert_not_after(const X509 *x509, char out[CERT_TIME_SIZE]);

/* Is notAfter behind us? */
bool cert_expired(const X509 *x509);

#endif
