/* The little DER that finding a SubjectPublicKeyInfo takes (X.690; RFC 5280 section 4.1). */
#ifndef PINSHIM_CONFIG_DER_H
#define PINSHIM_CONFIG_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const uint8_t *data;
    size_t length;
};

/* Finds the SubjectPublicKeyInfo inside a DER certificate; `spki` then points into `cert`.
 * `cert` may be followed by other octets only if `trailing` says so (OpenSSL's TRUSTED form). */
bool der_certificate_spki(struct span cert, bool trailing, struct span *spki);

/* Finds in a DER certificate, and nothing behind it, the TBSCertificate, header included, and what
 * the BIT STRING of the signature holds, the count of unused bits first. Both point into `cert`. */
bool der_certificate_parts(struct span cert, struct span *tbs, struct span *signature);

/* Is this, from the first octet to the last, a SubjectPublicKeyInfo? */
bool der_is_spki(struct span der);

/* Is this a PKCS#1 RSAPublicKey (RFC 8017 appendix A.1.1): two positive integers? */
bool der_is_rsa_public_key(struct span der);

/* Is this a private key in one of its forms (PKCS#8, encrypted PKCS#8, PKCS#1, SEC 1)? */
bool der_is_private_key(struct span der);

#endif
