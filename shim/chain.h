/* A peer's certificates as the verdict wants them: digests, and paths that verify. All with the
 * program's own OpenSSL; callers mark and restore its error queue. */
#ifndef PINSHIM_SHIM_CHAIN_H
#define PINSHIM_SHIM_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "config/verdict.h"
#include "shim/certificate.h"
#include "shim/openssl.h"

/* No more different certificates of one message are kept: RFC 8446 sets no bound, and every path
 * that verifies in practice is far shorter. */
#define CHAIN_MAX 16

/* No more of them are looked at, duplicates included. */
#define CHAIN_LOOKED_AT 100

/* What a path is built from. */
struct path_start {
    X509 *leaf; /* NULL for a raw public key: then there is no path */
    STACK_OF(X509) * untrusted;
    int level;      /* the connection's security level: how strong keys and signatures must be */
    unsigned parts; /* what to find out of the certificates of a path */
};

/* Looked at no further than somebody asks. Release it, once it was started. */
struct cert_list {
    X509 *certs[CHAIN_MAX];               /* not owned */
    struct certificate *known[CHAIN_MAX]; /* NULL: not looked at */
    struct cert_digests digests[CHAIN_MAX];
    size_t count;
    const STACK_OF(X509) * rest; /* what was sent, not looked at yet; not owned */
    bool whole;                  /* nothing of what was sent was left out, in this order */
};

/* Starts a list with the leaf, or as an empty one where that is NULL; `sent` is what was sent,
 * where the leaf may stand again. */
void chain_start(X509 *leaf, const STACK_OF(X509) * sent, struct cert_list *out);

/* Looks at the leaf, or at all that was sent: positions, digests and what else `parts` asks for
 * (certificate.h). False when memory is short: then the list must not be judged. */
bool chain_know_leaf(struct openssl *o, struct cert_list *list, unsigned parts);
bool chain_know_all(struct openssl *o, struct cert_list *list, unsigned parts);

/* Starts a list for a peer that shows a raw public key instead of a certificate (RFC 7250): one
 * entry, whose certificate digest is all zeros and whose certs[0] is NULL. False when memory is
 * short. */
bool chain_read_raw_key(struct openssl *o, EVP_PKEY *key, struct cert_list *out);

/* Starts a list with a path that was verified: leaf first, anchor last, all looked at. */
bool chain_read_path(struct openssl *o, const STACK_OF(X509) * path, unsigned parts,
                     struct cert_list *out);

/* Starts a list with some of another's, in the order of `which`: positions are those of a path. */
void chain_take(const struct cert_list *from, const uint8_t *which, size_t count,
                struct cert_list *out);

void chain_release(struct cert_list *list);

/* What of a certificate a section's pins may name: a set of certificate.h's parts. */
unsigned chain_parts(const struct policy *policy, const struct policy_section *section);

/* Does OpenSSL itself answer for this verification, or has a program put functions of its own in
 * place: the verify callback, which overrides errors, or the checks of issuers and signatures
 * (X509_STORE_set_verify and its like)? */
bool chain_verify_callback_is_openssls(struct openssl *o, X509_STORE_CTX *ctx);
bool chain_checks_are_openssls(struct openssl *o, X509_STORE_CTX *ctx);

/* What a program may tell OpenSSL to overlook. A path that was built under one of these is none. */
#define CHAIN_LENIENT                                                                              \
    (X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_USE_CHECK_TIME | X509_V_FLAG_ALLOW_PROXY_CERTS |      \
     X509_V_FLAG_IGNORE_CRITICAL)

/* May each certificate of a path serve its part in that of a TLS server (key usage and extended key
 * usage)? A program may have verified it for another purpose. */
bool chain_is_for_server(struct openssl *o, const STACK_OF(X509) * path);

/* Puts a certificate in DER, also in OpenSSL's TRUSTED form with its distrust, into a store of
 * trust anchors. False when it was not added: OpenSSL cannot read it, or memory is short. Its
 * key and extensions are read as well: where that has failed once OpenSSL does not try again. */
bool chain_add_anchor(struct openssl *o, X509_STORE *store, const uint8_t *der, size_t length);

/* Builds a path from the leaf to a certificate that the section pins, with these as the only trust
 * anchors (RFC 5280 section 6, as OpenSSL does it: signatures, CA constraints, dates, purpose of a
 * TLS server). The pinned ones are looked for among those sent and, unless `store` is NULL, among
 * the issuers of those that it holds. False when there is none. */
bool chain_path_to_pinned(struct openssl *o, const struct policy *policy,
                          const struct policy_section *section, const struct cert_list *sent,
                          const struct path_start *start, X509_STORE *store, struct cert_list *out);

/* The same to any certificate of `store`, be it an intermediate one; NULL has none. */
bool chain_path_to_any(struct openssl *o, X509_STORE *store, const struct path_start *start,
                       struct cert_list *out);

/* Builds a path from the leaf to an anchor of `store`. False when there is none. */
bool chain_path_to_store(struct openssl *o, X509_STORE *store, const struct path_start *start,
                         struct cert_list *out);

#endif
