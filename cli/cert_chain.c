#include "cli/cert_chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cert_text.h"

#define DEBIAN_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

enum position chain_position(X509 *x509)
{
    bool self_issued = X509_get_extension_flags(x509) & EXFLAG_SI;

    if (X509_check_ca(x509) == 0)
        return POSITION_LEAF;
    if (!self_issued)
        return POSITION_INTERMEDIATE;
    return cert_names_host(x509) ? POSITION_LEAF : POSITION_ROOT;
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

bool chain_order(struct certs *certs)
{
    struct cert *sorted = calloc(certs->count + 1, sizeof(*sorted));
    bool *placed = calloc(certs->count + 1, sizeof(*placed));
    size_t n = 0, at;

    if (!sorted || !placed) {
        free(sorted);
        free(placed);
        return false;
    }
    for (size_t i = 0; i < certs->count; i++)
        placed[i] = !certs->items[i].x509;
    while ((at = next_end(certs, placed)) < certs->count) {
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

X509_STORE *system_store(void)
{
    X509_STORE *store = X509_STORE_new();

    if (!store)
        return NULL;
    X509_STORE_set_default_paths(store);
    if (access(DEBIAN_BUNDLE, R_OK) == 0)
        X509_STORE_load_locations(store, DEBIAN_BUNDLE, NULL);
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
