/* What is known of a certificate: its digests, names and dates. A peer shows the same certificates
 * in every handshake, and these cost more to find out than all the rest that is decided; so they
 * are found out once, and kept for as many certificates as the table has room for.
 *
 * What is kept says nothing of whether a certificate is to be believed. It follows from the
 * certificate's octets alone, and is found by all of them: no other certificate gets it. */
#ifndef PINSHIM_SHIM_CERTIFICATE_H
#define PINSHIM_SHIM_CERTIFICATE_H

#include <stdatomic.h>
#include <stdint.h>

#include "config/pin.h"
#include "config/policy.h"
#include "shim/openssl.h"

/* What may be asked for: the later, the costlier. */
enum certificate_part { CERTIFICATE_SPKI = 1, CERTIFICATE_WHOLE = 2, CERTIFICATE_WORDS = 4 };

struct certificate {
    uint64_t id;    /* of these octets: no other certificate of this process has had it; the same
                       certificate may come to have another */
    unsigned parts; /* what of the following is known */
    bool self_issued;
    int64_t not_before, not_after; /* Unix time; INT64_MAX and INT64_MIN where malformed */
    uint8_t spki[DIGEST_SIZE];     /* with CERTIFICATE_SPKI */
    uint8_t cert[DIGEST_SIZE];     /* with CERTIFICATE_WHOLE */
    char *subject, *issuer;        /* with CERTIFICATE_WORDS: RFC 2253, UTF-8, cut at 199 octets */
    _Atomic(char *) told;          /* malloc'ed: what event.c made of it */
};

/* Finds out `parts` (a set) of a certificate, or has them already. For certificate_release, by the
 * thread that asked. NULL when memory is short. */
struct certificate *certificate_know(struct openssl *o, X509 *cert, unsigned parts);

/* NULL is fine. */
void certificate_release(struct certificate *certificate);

/* Are these the same octets? */
bool certificate_equal(const struct certificate *a, const struct certificate *b);

/* SHA-256 of what OpenSSL gave as `der`, which is freed. False when it is empty or memory short. */
bool certificate_digest(struct openssl *o, unsigned char *der, int length,
                        uint8_t out[DIGEST_SIZE]);

#endif
