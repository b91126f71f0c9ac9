#include "cli/peer_chain.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/certs.h"
#include "shim/openssl.h"

/* The shim's code calls OpenSSL through a binding; here it is that of the library linked. */
static struct openssl *binding(void)
{
    if (openssl_count() == 0 && OPENSSL_init_ssl(0, NULL) == 1)
        openssl_discover(NULL);
    return openssl_count() > 0 ? openssl_at(0) : NULL;
}

/* Moves the certificates into a stack, as OpenSSL hands them around. */
static bool make_stack(const struct certs *certs, STACK_OF(X509) * stack)
{
    bool good = stack != NULL;

    for (size_t i = 0; good && i < certs->count; i++)
        good = X509_up_ref(certs->items[i].x509) == 1 &&
               sk_X509_push(stack, certs->items[i].x509) > 0;
    return good;
}

static bool only_certificates(const char *path, const struct certs *certs, char *why, size_t size)
{
    for (size_t i = 0; i < certs->count; i++) {
        if (!certs->items[i].x509) {
            snprintf(why, size, "%s holds a public key; a chain has only certificates",
                     input_name(path));
            return false;
        }
    }
    if (certs->count == 0)
        snprintf(why, size, "%s is a private key; name the file of the certificates",
                 input_name(path));
    return certs->count > 0;
}

static bool describe(struct peer_chain *chain)
{
    struct openssl *openssl = binding();

    if (!openssl ||
        !chain_read(openssl, sk_X509_value(chain->stack, 0), chain->stack, &chain->sent))
        return false;
    for (size_t i = 0; i < chain->sent.count; i++)
        if (!(chain->names[i] = cert_short_name(chain->sent.certs[i])))
            return false;
    return true;
}

bool peer_chain_read(const char *path, struct peer_chain *out, char *why, size_t size)
{
    struct certs certs;
    bool good;

    *out = (struct peer_chain){0};
    good = certs_read(path, &certs, why, size) && only_certificates(path, &certs, why, size);
    if (good) {
        out->stack = sk_X509_new_null();
        good = make_stack(&certs, out->stack) && describe(out);
        if (!good)
            snprintf(why, size, "OpenSSL cannot hash the certificates of %s", input_name(path));
    }
    certs_free(&certs);
    return good;
}

static bool path_to_system(struct openssl *openssl, const struct peer_chain *chain,
                           struct cert_list *path)
{
    X509_STORE *store = system_store();
    bool found = chain_path_to_store(openssl, store, chain->sent.certs[0], chain->stack, path);

    X509_STORE_free(store);
    return found;
}

void peer_chain_judge(const struct peer_chain *chain, const struct policy_view *view,
                      const struct policy_match *match, int64_t now, struct decision *out)
{
    struct chain facts = {.sent = chain->sent.digests, .sent_count = chain->sent.count};
    struct openssl *openssl = binding();
    struct cert_list path;

    policy_judge(view, match, &facts, now, out);
    if (!out->needs_path)
        return;
    facts.path = path.digests;
    if (path_to_system(openssl, chain, &path)) {
        facts.path_state = PATH_VERIFIED;
        facts.path_count = path.count;
        policy_judge(view, match, &facts, now, out);
        if (out->verdict == VERDICT_PASS)
            return;
    }
    facts.path_state = PATH_NONE;
    if (chain_path_to_pinned(openssl, view->policy, match->section, &chain->sent, chain->stack,
                             &path)) {
        facts.path_state = PATH_VERIFIED;
        facts.path_count = path.count;
    }
    ERR_clear_error();
    policy_judge(view, match, &facts, now, out);
}

void peer_chain_free(struct peer_chain *chain)
{
    for (size_t i = 0; i < CHAIN_MAX; i++)
        free(chain->names[i]);
    sk_X509_pop_free(chain->stack, X509_free);
    *chain = (struct peer_chain){0};
}
