#include "shim/chain.h"

#include <string.h>
#include <time.h>

#include "config/date.h"

/* Fetched once for each libcrypto: a fetch costs more than the hash (3.0 and later). */
static const EVP_MD *digest_method(struct openssl *o)
{
    const EVP_MD *md = atomic_load_explicit(&o->sha256, memory_order_acquire);

    if (md == NULL) {
        md = o->EVP_MD_fetch != NULL ? o->EVP_MD_fetch(NULL, "SHA2-256", NULL) : NULL;
        if (md == NULL)
            md = o->EVP_sha256();
        /* Two threads may both fetch; one reference then stays unfreed, once. */
        atomic_store_explicit(&o->sha256, md, memory_order_release);
    }
    return md;
}

static bool digest_der(struct openssl *o, unsigned char *der, int length, uint8_t out[DIGEST_SIZE])
{
    unsigned size = 0;
    bool good = length > 0 &&
                o->EVP_Digest(der, (size_t)length, out, &size, digest_method(o), NULL) == 1 &&
                size == DIGEST_SIZE;

    o->CRYPTO_free(der, __FILE__, __LINE__);
    return good;
}

static bool read_cert(struct openssl *o, X509 *cert, struct cert_digests *out)
{
    unsigned char *spki = NULL, *whole = NULL;
    int length;

    /* i2d_X509_PUBKEY of the key as it came: i2d_PUBKEY would decode and encode it again, at
     * 200 times the cost. */
    length = o->i2d_X509_PUBKEY(o->X509_get_X509_PUBKEY(cert), &spki);
    if (!digest_der(o, spki, length, out->spki))
        return false;
    length = o->i2d_X509(cert, &whole);
    return digest_der(o, whole, length, out->cert);
}

static bool is_self_issued(struct openssl *o, X509 *cert)
{
    return o->X509_NAME_cmp(o->X509_get_subject_name(cert), o->X509_get_issuer_name(cert)) == 0;
}

static bool add_cert(struct openssl *o, X509 *cert, struct cert_list *out)
{
    struct cert_digests *digests = &out->digests[out->count];

    if (!read_cert(o, cert, digests)) {
        out->count = 0;
        return false;
    }
    digests->position = out->count == 0           ? POSITION_LEAF
                        : is_self_issued(o, cert) ? POSITION_ROOT
                                                  : POSITION_INTERMEDIATE;
    for (size_t i = 0; i < out->count; i++) /* a duplicate must not push out another */
        if (memcmp(out->digests[i].cert, digests->cert, DIGEST_SIZE) == 0)
            return true;
    out->certs[out->count++] = cert;
    return true;
}

static int stack_count(struct openssl *o, const STACK_OF(X509) * stack)
{
    int count = stack == NULL ? 0 : o->OPENSSL_sk_num((const OPENSSL_STACK *)stack);

    return count < 0 ? 0 : count;
}

static X509 *stack_at(struct openssl *o, const STACK_OF(X509) * stack, int i)
{
    return o->OPENSSL_sk_value((const OPENSSL_STACK *)stack, i);
}

bool chain_read(struct openssl *o, X509 *leaf, const STACK_OF(X509) * sent, struct cert_list *out)
{
    int count = stack_count(o, sent);

    out->count = 0;
    if (!add_cert(o, leaf, out))
        return false;
    for (int i = 0; i < count && i < CHAIN_LOOKED_AT && out->count < CHAIN_MAX; i++)
        if (stack_at(o, sent, i) != leaf && !add_cert(o, stack_at(o, sent, i), out))
            return false;
    return true;
}

bool chain_read_raw_key(struct openssl *o, EVP_PKEY *key, struct cert_list *out)
{
    unsigned char *spki = NULL;
    int length = o->i2d_PUBKEY(key, &spki);

    memset(out, 0, sizeof *out);
    if (!digest_der(o, spki, length, out->digests[0].spki))
        return false;
    out->digests[0].position = POSITION_LEAF;
    out->count = 1;
    return true;
}

bool chain_read_path(struct openssl *o, const STACK_OF(X509) * path, struct cert_list *out)
{
    int count = stack_count(o, path);

    out->count = 0;
    if (count == 0 || count > CHAIN_MAX)
        return false;
    for (int i = 0; i < count; i++)
        if (!add_cert(o, stack_at(o, path, i), out))
            return false;
    return true;
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
               chain_read_path(o, o->X509_STORE_CTX_get0_chain(ctx), out);
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

void chain_add_anchor(struct openssl *o, X509_STORE *store, const uint8_t *der, size_t length)
{
    X509 *cert = o->d2i_X509_AUX(NULL, &der, (long)length);

    if (cert != NULL)
        o->X509_STORE_add_cert(store, cert);
    o->X509_free(cert);
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
        for (int k = 0; k < stack_count(o, found); k++) {
            X509 *issuer = stack_at(o, found, k);
            struct cert_digests digests = {
                .position = is_self_issued(o, issuer) ? POSITION_ROOT : POSITION_INTERMEDIATE};
            if (read_cert(o, issuer, &digests))
                add_end(ends, issuer, &digests);
        }
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

void chain_name_text(struct openssl *o, const X509_NAME *name, char *out, size_t size)
{
    BIO *bio = o->BIO_new(o->BIO_s_mem());
    int length = -1;

    if (bio != NULL &&
        o->X509_NAME_print_ex(bio, name, 0,
                              XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
        length = o->BIO_read(bio, out, (int)size - 1);
    out[length > 0 ? length : 0] = '\0';
    o->BIO_free(bio);
}

int64_t chain_not_after(struct openssl *o, const X509 *cert)
{
    struct date date;
    struct tm tm;

    if (o->ASN1_TIME_to_tm(o->X509_get0_notAfter(cert), &tm) != 1)
        return 0;
    date = (struct date){tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday};
    return date_to_days(&date) * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}
