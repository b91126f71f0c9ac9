/* The octets that a certificate was made from, without having OpenSSL write them anew. */
#ifndef PINSHIM_SHIM_ENCODING_H
#define PINSHIM_SHIM_ENCODING_H

#include <stdbool.h>

#include "config/der.h"
#include "shim/openssl.h"

/* The whole certificate in DER, for CRYPTO_free; data NULL when memory is short. Costs some 6,000
 * instructions. */
struct span encoding_make(struct openssl *o, X509 *cert);

/* The octets of TBSCertificate as they came (RFC 5280 section 4.1), which the certificate has kept;
 * they are its own. Some 20 instructions. False where they cannot be found or no longer hold:
 * OpenSSL has no getter for them, and where they lie is learned by encoding_learn. */
bool encoding_find_tbs(struct openssl *o, const X509 *cert, struct span *tbs);

/* Looks in a certificate for the place where it keeps `tbs`, which is part of its encoding. A
 * version in which there is none is encoded each time. */
void encoding_learn(struct openssl *o, const X509 *cert, struct span tbs);

#endif
