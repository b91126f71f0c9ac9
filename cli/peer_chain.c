#include "cli/peer_chain.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/certs.h"
#include "config/directory.h"
#include "shim/evidence.h"
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
        if (!certs->items[i].completed)
            good = X509_up_ref(certs->items[i].x509) == 1 &&
                   sk_X509_push(stack, certs->items[i].x509) > 0;
    return good;
}

static bool only_certificates(const char *name, const struct certs *certs, char *why, size_t size)
{
    for (size_t i = 0; i < certs->count; i++) {
        if (!certs->items[i].x509) {
            snprintf(why, size, "%s holds a public key; a chain has only certificates", name);
            return false;
        }
    }
    if (certs->count == 0)
        snprintf(why, size, "%s is a private key; name the file of the certificates", name);
    return certs->count > 0;
}

static bool describe(struct peer_chain *chain)
{
    struct openssl *openssl = binding();

    chain_start(sk_X509_value(chain->stack, 0), chain->stack, &chain->sent);
    if (!openssl || !chain_know_all(openssl, &chain->sent, CERTIFICATE_SPKI | CERTIFICATE_WHOLE))
        return false;
    for (size_t i = 0; i < chain->sent.count; i++)
        if (!(chain->names[i] = cert_short_name(chain->sent.certs[i])))
            return false;
    return true;
}

bool peer_chain_take(const struct certs *certs, const char *name, struct peer_chain *out, char *why,
                     size_t size)
{
    *out = (struct peer_chain){0};
    if (!only_certificates(name, certs, why, size))
        return false;
    out->stack = sk_X509_new_null();
    if (make_stack(certs, out->stack) && describe(out))
        return true;
    snprintf(why, size, "OpenSSL cannot hash the certificates of %s", name);
    return false;
}

bool peer_chain_read(const char *path, struct peer_chain *out, char *why, size_t size)
{
    struct certs certs;
    bool good;

    *out = (struct peer_chain){0};
    good = certs_read(path, &certs, why, size) &&
           peer_chain_take(&certs, input_name(path), out, why, size);
    certs_free(&certs);
    return good;
}

/* The security level of connections that say nothing of it. */
static int default_level(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    int level = ctx ? SSL_CTX_get_security_level(ctx) : 1;

    SSL_CTX_free(ctx);
    return level;
}

bool peer_chain_judge(struct peer_chain *chain, const char *config, const struct policy_view *view,
                      const struct policy_match *match, const char *host, int64_t now,
                      struct decision *out)
{
    struct evidence evidence = {.sent = &chain->sent,
                                .untrusted = chain->stack,
                                .store = system_store(),
                                .level = default_level()};
    char *path = path_beside(config, policy_trust_anchors(view));
    bool good;

    if (path)
        evidence.anchors = anchors_open(path, geteuid(), true);
    good = evidence_judge(binding(), view, match, host, &evidence, now, out);
    anchors_close(evidence.anchors);
    X509_STORE_free(evidence.store);
    free(path);
    ERR_clear_error();
    return good;
}

void peer_chain_free(struct peer_chain *chain)
{
    for (size_t i = 0; i < CHAIN_MAX; i++)
        free(chain->names[i]);
    chain_release(&chain->sent);
    sk_X509_pop_free(chain->stack, X509_free);
    *chain = (struct peer_chain){0};
}
