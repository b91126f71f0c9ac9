#include "cli/cert_chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cert_text.h"
#include "config/name.h"

enum position chain_position(X509 *x509)
{
    bool self_issued = X509_get_extension_flags(x509) & EXFLAG_SI;

    if (X509_check_ca(x509) == 0)
        return POSITION_LEAF;
    if (!self_issued)
        return POSITION_INTERMEDIATE;
    return cert_names_host(x509) ? POSITION_LEAF : POSITION_ROOT;
}

bool chain_is_either(X509 *x509)
{
    return X509_get_extension_flags(x509) & EXFLAG_SS && X509_check_ca(x509) != 0;
}

enum position chain_position_alone(X509 *x509, X509_STORE *store)
{
    enum position position = chain_position(x509);
    bool signs = X509_get_extension_flags(x509) & EXFLAG_KUSAGE &&
                 X509_get_key_usage(x509) & KU_KEY_CERT_SIGN;

    if (position == POSITION_ROOT && chain_is_either(x509) && !signs &&
        !system_store_has(store, x509))
        return POSITION_LEAF;
    return position;
}

static bool issued(X509 *issuer, X509 *subject)
{
    return issuer && subject && issuer != subject &&
           X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) == 0 &&
           X509_check_issued(issuer, subject) == X509_V_OK;
}

/* The first certificate not placed yet that issued none of the others left; when they issue each
 * other in a circle, the first left. `count` when none is left. */
static size_t next_end(const struct certs *certs, const bool *placed)
{
    size_t first = certs->count;

    for (size_t i = 0; i < certs->count; i++) {
        bool issuer = false;

        if (placed[i])
            continue;
        if (first == certs->count)
            first = i;
        for (size_t j = 0; j < certs->count && !issuer; j++)
            issuer = !placed[j] && issued(certs->items[i].x509, certs->items[j].x509);
        if (!issuer)
            return i;
    }
    return first;
}

static size_t next_issuer(const struct certs *certs, const bool *placed, X509 *subject)
{
    size_t i;

    for (i = 0; i < certs->count; i++)
        if (!placed[i] && issued(certs->items[i].x509, subject))
            break;
    return i;
}

/* `at`: where to begin; certs->count: at an end. */
static bool order(struct certs *certs, size_t at)
{
    struct cert *sorted = calloc(certs->count + 1, sizeof(*sorted));
    bool *placed = calloc(certs->count + 1, sizeof(*placed));
    size_t n = 0;

    if (!sorted || !placed) {
        free(sorted);
        free(placed);
        return false;
    }
    for (size_t i = 0; i < certs->count; i++)
        placed[i] = !certs->items[i].x509;
    while (at < certs->count || (at = next_end(certs, placed)) < certs->count) {
        do {
            placed[at] = true;
            sorted[n++] = certs->items[at];
            at = next_issuer(certs, placed, certs->items[at].x509);
        } while (at < certs->count);
    }
    for (size_t i = 0; i < certs->count; i++)
        if (!certs->items[i].x509)
            sorted[n++] = certs->items[i];
    free(certs->items);
    free(placed);
    certs->items = sorted;
    return true;
}

bool chain_order(struct certs *certs)
{
    return order(certs, certs->count);
}

bool chain_order_sent(struct certs *certs)
{
    return order(certs, 0);
}

static bool one_chain(const struct certs *certs)
{
    for (size_t i = 0; i < certs->count; i++)
        if (!certs->items[i].x509 ||
            (i > 0 && !issued(certs->items[i].x509, certs->items[i - 1].x509)))
            return false;
    return certs->count > 0;
}

bool chain_complete(struct certs *certs, X509_STORE *store)
{
    enum { LONGEST = 8 }; /* no store has more above a certificate */
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool good = context && X509_STORE_CTX_init(context, store, NULL, NULL) == 1;

    for (int i = 0; good && i < LONGEST && one_chain(certs); i++) {
        X509 *last = certs->items[certs->count - 1].x509, *issuer = NULL;

        if (X509_get_extension_flags(last) & EXFLAG_SI ||
            X509_STORE_CTX_get1_issuer(&issuer, context, last) != 1)
            break;
        good = certs_add(certs, issuer, NULL);
        if (good)
            certs->items[certs->count - 1].completed = true;
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return good;
}

static bool set_peer(X509_STORE_CTX *context, const char *host)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    struct address address;

    if (X509_STORE_CTX_set_default(context, "ssl_server") != 1)
        return false;
    if (!host)
        return true;
    if (address_parse(host, &address))
        return X509_VERIFY_PARAM_set1_ip(param, address.bytes, address.bits / 8) == 1;
    return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

bool chain_verifies(const struct certs *certs, X509_STORE *store, const char *host, char *why,
                    size_t size)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *sent = sk_X509_new_null();
    bool good = context && sent, verified;
    int error;

    for (size_t i = 0; good && i < certs->count; i++)
        if (certs->items[i].x509 && !certs->items[i].completed)
            good = sk_X509_push(sent, certs->items[i].x509) > 0;
    good = good && X509_STORE_CTX_init(context, store, certs->items[0].x509, sent) == 1 &&
           set_peer(context, host);
    verified = good && X509_verify_cert(context) == 1;
    error = good ? X509_STORE_CTX_get_error(context) : X509_V_ERR_OUT_OF_MEM;
    if (!verified)
        snprintf(why, size, "%s", X509_verify_cert_error_string(error));
    X509_STORE_CTX_free(context);
    sk_X509_free(sent);
    ERR_clear_error();
    return verified;
}

X509_STORE *system_store(void)
{
    X509_STORE *store = X509_STORE_new();

    if (!store)
        return NULL;
    X509_STORE_set_default_paths(store);
    if (access(TRUST_ANCHORS, R_OK) == 0)
        X509_STORE_load_locations(store, TRUST_ANCHORS, NULL);
    ERR_clear_error();
    return store;
}

bool system_store_has(X509_STORE *store, X509 *x509)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *found = NULL;
    bool has = false;

    if (context && X509_STORE_CTX_init(context, store, NULL, NULL) == 1)
        found = X509_STORE_CTX_get1_certs(context, X509_get_subject_name(x509));
    for (int i = 0; !has && i < sk_X509_num(found); i++)
        has = X509_cmp(sk_X509_value(found, i), x509) == 0;
    sk_X509_pop_free(found, X509_free);
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return has;
}
