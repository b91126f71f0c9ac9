#include "shim/chain.h"

#include <string.h>

static int stack_count(struct openssl *o, const STACK_OF(X509) * stack)
{
    int count = stack == NULL ? 0 : o->OPENSSL_sk_num((const OPENSSL_STACK *)stack);

    return count < 0 ? 0 : count;
}

static X509 *stack_at(struct openssl *o, const STACK_OF(X509) * stack, int i)
{
    return o->OPENSSL_sk_value((const OPENSSL_STACK *)stack, i);
}

void chain_start(X509 *leaf, const STACK_OF(X509) * sent, struct cert_list *out)
{
    out->certs[0] = leaf;
    out->known[0] = NULL;
    out->count = leaf != NULL;
    out->rest = sent;
    out->whole = true;
}

void chain_release(struct cert_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        certificate_release(list->known[i]);
    list->count = 0;
    list->rest = NULL;
}

/* Looks at the certificate in a place of the list, which it may have looked at before. */
static bool know(struct openssl *o, struct cert_list *list, size_t i, unsigned parts)
{
    struct cert_digests *digests = &list->digests[i];
    struct certificate *known = list->known[i];

    if (known != NULL && (parts & ~known->parts) == 0)
        return true;
    certificate_release(known); /* what is in use is not put in the place of what is kept */
    known = list->known[i] = certificate_know(o, list->certs[i], parts);
    if (known == NULL)
        return false;
    memcpy(digests->spki, known->spki, DIGEST_SIZE);
    memcpy(digests->cert, known->cert, DIGEST_SIZE);
    digests->position = i == 0               ? POSITION_LEAF
                        : known->self_issued ? POSITION_ROOT
                                             : POSITION_INTERMEDIATE;
    return true;
}

/* Adds one; a duplicate must not push out another. */
static bool add(struct openssl *o, struct cert_list *list, X509 *cert, unsigned parts)
{
    size_t n = list->count;

    list->certs[n] = cert;
    list->known[n] = NULL;
    if (!know(o, list, n, parts))
        return false;
    for (size_t i = 0; i < n; i++)
        if (certificate_equal(list->known[i], list->known[n])) {
            certificate_release(list->known[n]);
            list->whole = false;
            return true;
        }
    list->count++;
    return true;
}

bool chain_know_leaf(struct openssl *o, struct cert_list *list, unsigned parts)
{
    return list->count == 0 || list->certs[0] == NULL || know(o, list, 0, parts);
}

bool chain_know_all(struct openssl *o, struct cert_list *list, unsigned parts)
{
    int count = stack_count(o, list->rest), i;

    for (size_t k = 0; k < list->count; k++)
        if (list->certs[k] != NULL && !know(o, list, k, parts))
            return false;
    for (i = 0; i < count && i < CHAIN_LOOKED_AT && list->count < CHAIN_MAX; i++)
        if (stack_at(o, list->rest, i) != list->certs[0] &&
            !add(o, list, stack_at(o, list->rest, i), parts))
            return false;
    list->whole = list->whole && i == count;
    list->rest = NULL;
    return true;
}

bool chain_read_raw_key(struct openssl *o, EVP_PKEY *key, struct cert_list *out)
{
    unsigned char *spki = NULL;
    int length = o->i2d_PUBKEY(key, &spki);

    chain_start(NULL, NULL, out);
    memset(&out->digests[0], 0, sizeof out->digests[0]);
    if (!certificate_digest(o, spki, length, out->digests[0].spki))
        return false;
    out->digests[0].position = POSITION_LEAF;
    out->count = 1;
    return true;
}

bool chain_read_path(struct openssl *o, const STACK_OF(X509) * path, unsigned parts,
                     struct cert_list *out)
{
    int count = stack_count(o, path);

    chain_start(NULL, NULL, out);
    if (count == 0 || count > CHAIN_MAX)
        return false;
    for (int i = 0; i < count; i++)
        if (!add(o, out, stack_at(o, path, i), parts)) {
            chain_release(out);
            return false;
        }
    return true;
}

void chain_take(const struct cert_list *from, const uint8_t *which, size_t count,
                struct cert_list *out)
{
    chain_start(NULL, NULL, out);
    for (size_t i = 0; i < count; i++) {
        out->certs[i] = from->certs[which[i]];
        out->known[i] = NULL;
        out->digests[i] = from->digests[which[i]];
        if (i > 0 && out->digests[i].position == POSITION_LEAF)
            out->digests[i].position =
                from->known[which[i]]->self_issued ? POSITION_ROOT : POSITION_INTERMEDIATE;
    }
    out->count = count;
}

unsigned chain_parts(const struct policy *policy, const struct policy_section *section)
{
    const struct policy_pin *pin = section == NULL ? NULL : policy_pins(policy, section);

    for (uint32_t i = 0; section != NULL && i < section->pins.count; i++)
        if (pin[i].kind == PIN_CERT)
            return CERTIFICATE_SPKI | CERTIFICATE_WHOLE;
    return CERTIFICATE_SPKI;
}

static bool in_libcrypto(const struct openssl *o, uintptr_t function)
{
    return function == 0 || elf_contains(&o->crypto, (const void *)function);
}

bool chain_verify_callback_is_openssls(struct openssl *o, X509_STORE_CTX *ctx)
{
    return in_libcrypto(o, (uintptr_t)o->X509_STORE_CTX_get_verify_cb(ctx));
}

bool chain_checks_are_openssls(struct openssl *o, X509_STORE_CTX *ctx)
{
    return in_libcrypto(o, (uintptr_t)o->X509_STORE_CTX_get_verify(ctx)) &&
           in_libcrypto(o, (uintptr_t)o->X509_STORE_CTX_get_check_issued(ctx));
}

bool chain_is_for_server(struct openssl *o, const STACK_OF(X509) * path)
{
    /* Above 1 are CAs of the time before basicConstraints, which X509_verify_cert takes, too. */
    for (int i = 0; i < stack_count(o, path); i++)
        if (o->X509_check_purpose(stack_at(o, path, i), X509_PURPOSE_SSL_SERVER, i > 0) <= 0)
            return false;
    return true;
}

/* Hands OpenSSL's own answer through. The default callback does just that, but a program may
 * have put one that overrides errors into its store. */
static int keep_answer(int ok, X509_STORE_CTX *ctx)
{
    (void)ctx;
    return ok;
}

static bool verify(struct openssl *o, X509_STORE *store, unsigned long flags,
                   const struct path_start *start, struct cert_list *out)
{
    X509_STORE_CTX *ctx = start->leaf == NULL || store == NULL ? NULL : o->X509_STORE_CTX_new();
    bool good = false;

    if (ctx != NULL && o->X509_STORE_CTX_init(ctx, store, start->leaf, start->untrusted) == 1) {
        X509_VERIFY_PARAM *param = o->X509_STORE_CTX_get0_param(ctx);
        o->X509_STORE_CTX_set_verify_cb(ctx, keep_answer);
        /* The store may carry a program's leniency; and a purpose, which goes before ours. */
        o->X509_VERIFY_PARAM_clear_flags(param, CHAIN_LENIENT);
        o->X509_VERIFY_PARAM_set_flags(param, flags);
        o->X509_VERIFY_PARAM_set_auth_level(param, start->level);
        good = chain_checks_are_openssls(o, ctx) &&
               o->X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER) == 1 &&
               o->X509_verify_cert(ctx) == 1 && o->X509_STORE_CTX_get_error(ctx) == X509_V_OK &&
               chain_is_for_server(o, o->X509_STORE_CTX_get0_chain(ctx)) &&
               chain_read_path(o, o->X509_STORE_CTX_get0_chain(ctx), start->parts, out);
    }
    o->X509_STORE_CTX_free(ctx);
    return good;
}

bool chain_path_to_store(struct openssl *o, X509_STORE *store, const struct path_start *start,
                         struct cert_list *out)
{
    return verify(o, store, 0, start, out);
}

bool chain_path_to_any(struct openssl *o, X509_STORE *store, const struct path_start *start,
                       struct cert_list *out)
{
    return verify(o, store, X509_V_FLAG_PARTIAL_CHAIN, start, out);
}

bool chain_add_anchor(struct openssl *o, X509_STORE *store, const uint8_t *der, size_t length)
{
    X509 *cert = o->d2i_X509_AUX(NULL, &der, (long)length);
    bool added = cert != NULL && o->X509_check_purpose(cert, -1, 0) == 1 &&
                 o->X509_get0_pubkey(cert) != NULL && o->X509_STORE_add_cert(store, cert) == 1;

    o->X509_free(cert);
    return added;
}

/* The pinned certificates that a path may end at. */
struct ends {
    struct openssl *o;
    const struct policy *policy;
    const struct policy_section *section;
    const struct cert_list *sent;
    X509_STORE *store;     /* the ends; NULL: none found yet */
    OPENSSL_STACK *before; /* those of `sent` that an end may have issued; not owned */
};

static void add_end(struct ends *ends, X509 *cert, const struct cert_digests *digests)
{
    struct openssl *o = ends->o;

    if ((ends->section->match & digests->position) == 0 ||
        policy_pin_of(ends->policy, ends->section, digests->spki, digests->cert) == NULL)
        return;
    if (ends->store == NULL)
        ends->store = o->X509_STORE_new();
    if (ends->before == NULL)
        ends->before = o->OPENSSL_sk_new_null();
    if (ends->store == NULL || ends->before == NULL)
        return;
    o->X509_STORE_add_cert(ends->store, cert);
    for (size_t i = 1; i < ends->sent->count; i++)
        if (o->X509_NAME_cmp(o->X509_get_issuer_name(ends->sent->certs[i]),
                             o->X509_get_subject_name(cert)) == 0)
            o->OPENSSL_sk_push(ends->before, ends->sent->certs[i]);
}

static void add_issuer(struct ends *ends, X509 *issuer, unsigned parts)
{
    struct certificate *known = certificate_know(ends->o, issuer, parts);
    struct cert_digests digests;

    if (known == NULL)
        return;
    digests.position = known->self_issued ? POSITION_ROOT : POSITION_INTERMEDIATE;
    memcpy(digests.spki, known->spki, DIGEST_SIZE);
    memcpy(digests.cert, known->cert, DIGEST_SIZE);
    add_end(ends, issuer, &digests);
    certificate_release(known);
}

/* Adds what `store` holds under the names of the issuers of what was sent. */
static void add_issuers(struct ends *ends, X509_STORE *store, const struct path_start *start)
{
    struct openssl *o = ends->o;
    X509_STORE_CTX *ctx = o->X509_STORE_CTX_new();
    bool good =
        ctx != NULL && o->X509_STORE_CTX_init(ctx, store, start->leaf, start->untrusted) == 1;

    for (size_t i = 0; good && i < ends->sent->count; i++) {
        STACK_OF(X509) *found =
            o->X509_STORE_CTX_get1_certs(ctx, o->X509_get_issuer_name(ends->sent->certs[i]));
        for (int k = 0; k < stack_count(o, found); k++)
            add_issuer(ends, stack_at(o, found, k), start->parts);
        o->OPENSSL_sk_pop_free((OPENSSL_STACK *)found, (OPENSSL_sk_freefunc)o->X509_free);
    }
    o->X509_STORE_CTX_free(ctx);
}

bool chain_path_to_pinned(struct openssl *o, const struct policy *policy,
                          const struct policy_section *section, const struct cert_list *sent,
                          const struct path_start *start, X509_STORE *store, struct cert_list *out)
{
    struct ends ends = {.o = o, .policy = policy, .section = section, .sent = sent};
    struct path_start reordered = *start;
    bool found = false;

    if (start->leaf == NULL)
        return false;
    for (size_t i = 1; i < sent->count; i++)
        add_end(&ends, sent->certs[i], &sent->digests[i]);
    if (store != NULL)
        add_issuers(&ends, store, start);
    if (ends.before != NULL) {
        /* OpenSSL takes the first issuer that fits and does not come back to try another: where a
         * CA has several certificates, one that leads to an end must come first. */
        for (int i = 0; i < stack_count(o, start->untrusted); i++)
            o->OPENSSL_sk_push(ends.before, stack_at(o, start->untrusted, i));
        reordered.untrusted = (STACK_OF(X509) *)ends.before;
        found = chain_path_to_any(o, ends.store, &reordered, out);
    }
    o->OPENSSL_sk_free(ends.before);
    o->X509_STORE_free(ends.store);
    return found;
}
