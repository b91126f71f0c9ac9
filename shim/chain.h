/* A peer's certificates as the verdict wants them: digests, and paths that verify. All with the
 * program's own OpenSSL; callers mark and restore its error queue. */
#ifndef PINSHIM_SHIM_CHAIN_H
#define PINSHIM_SHIM_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "config/verdict.h"
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
    int level; /* the connection's security level: how strong keys and signatures must be */
};

struct cert_list {
    X509 *certs[CHAIN_MAX]; /* not owned */
    struct cert_digests digests[CHAIN_MAX];
    size_t count;
};

/* Fills `out` with the leaf and what was sent after it, digests and positions included. `sent`
 * may hold the leaf again, anywhere. False when a digest cannot be made (no memory): the list is
 * then empty and must not be judged. */
bool chain_read(struct openssl *o, X509 *leaf, const STACK_OF(X509) * sent, struct cert_list *out);

/* The same for a peer that shows a raw public key instead of a certificate (RFC 7250): one entry,
 * whose certificate digest is all zeros and whose certs[0] is NULL. */
bool chain_read_raw_key(struct openssl *o, EVP_PKEY *key, struct cert_list *out);

/* The same for a path that was verified: leaf first, anchor last. */
bool chain_read_path(struct openssl *o, const STACK_OF(X509) * path, struct cert_list *out);

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
 * trust anchors. One that OpenSSL cannot read adds nothing. */
void chain_add_anchor(struct openssl *o, X509_STORE *store, const uint8_t *der, size_t length);

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

/* Writes a distinguished name (RFC 2253, UTF-8) into `out`; cut when it does not fit, "" when it
 * cannot be written. */
void chain_name_text(struct openssl *o, const X509_NAME *name, char *out, size_t size);

/* notAfter as Unix time; 0 when it is malformed. */
int64_t chain_not_after(struct openssl *o, const X509 *cert);

#endif
