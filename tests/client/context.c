#include "tests/client/context.h"

#include <string.h>

#include "tests/client/lenience.h"
#include "tests/client/options.h"
#include "tests/client/psk.h"
#include "tests/client/session_carry.h"
#include "tests/client/visit.h"

/* Lets everything pass, as too many do. */
static int verify_accept(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    api.X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

/* Switches verification off while it is under way. */
static int verify_switch(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = api.X509_STORE_CTX_get_ex_data(store, api.SSL_get_ex_data_X509_STORE_CTX_idx());

    (void)ok;
    api.SSL_set_verify(ssl, SSL_VERIFY_NONE, verify_switch);
    return 1;
}

SSL_verify_cb context_verify_callback(void)
{
    return option_is(options.verify_switch, "during")     ? verify_switch
           : option_is(options.verify_callback, "accept") ? verify_accept
                                                          : NULL;
}

static int cert_accept(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    api.X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int cert_check(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    return api.X509_verify_cert(store);
}

void context_set_cert_verify(SSL_CTX *ctx)
{
    if (option_is(options.cert_verify_callback, "accept"))
        api.SSL_CTX_set_cert_verify_callback(ctx, cert_accept, NULL);
    else if (option_is(options.cert_verify_callback, "check"))
        api.SSL_CTX_set_cert_verify_callback(ctx, cert_check, NULL);
}

static void note(const SSL *ssl, int where, int value)
{
    struct visit *v = api.SSL_get_ex_data(ssl, 0);

    if (!v)
        return;
    if ((where & SSL_CB_ALERT) && v->alert_count < ALERTS_MAX)
        v->alerts[v->alert_count++] = where << 16 | (value & 0xffff);
    if (where & SSL_CB_HANDSHAKE_START)
        v->handshakes_started++;
    if (where & SSL_CB_HANDSHAKE_DONE)
        v->handshakes_done++;
}

/* Two functions, so that a getter can tell which it gives back. */
static void on_ctx_info(const SSL *ssl, int where, int value)
{
    note(ssl, where, value);
}

static void on_ssl_info(const SSL *ssl, int where, int value)
{
    note(ssl, where, value);
}

info_function *context_ctx_info(void)
{
    return option_is(options.info, "ctx") || option_is(options.info, "both") ? on_ctx_info : NULL;
}

info_function *context_ssl_info(void)
{
    return option_is(options.info, "ssl") || option_is(options.info, "both") ? on_ssl_info : NULL;
}

int context_verify_mode(void)
{
    return option_is(options.verify, "peer") ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
}

/* Old versions and keyless ciphers need security level 0 since OpenSSL 3.0. */
static void set_versions(SSL_CTX *ctx)
{
    static const struct {
        const char *name;
        int version;
    } versions[] = {
        {"1.0", TLS1_VERSION},
        {"1.1", TLS1_1_VERSION},
        {"1.2", TLS1_2_VERSION},
        {"1.3", TLS1_3_VERSION},
    };

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (!option_is(options.tls, versions[i].name))
            continue;
        if (versions[i].version < TLS1_2_VERSION)
            api.SSL_CTX_set_security_level(ctx, 0);
        api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, versions[i].version, NULL);
        api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, versions[i].version, NULL);
    }
    if (!options.anonymous)
        return;
    api.SSL_CTX_set_security_level(ctx, 0);
    api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION, NULL);
    if (api.SSL_CTX_set_cipher_list(ctx, "ADH") != 1)
        die("no anonymous ciphers");
}

SSL_CTX *context_new(void)
{
    SSL_CTX *ctx = api.SSL_CTX_new(api.TLS_client_method());

    if (!ctx)
        die("SSL_CTX_new");
    set_versions(ctx);
    psk_set(ctx);
    session_carry_prepare(ctx);
    lenience_set(ctx);
    api.SSL_CTX_set_verify(ctx, context_verify_mode(), context_verify_callback());
    if (options.ca && api.SSL_CTX_load_verify_locations(ctx, options.ca, NULL) != 1)
        die("--ca %s", options.ca);
    if (options.cert && (api.SSL_CTX_use_certificate_chain_file(ctx, options.cert) != 1 ||
                         api.SSL_CTX_use_PrivateKey_file(ctx, options.key, SSL_FILETYPE_PEM) != 1))
        die("--cert %s", options.cert);
    if (!options.cert_verify_late)
        context_set_cert_verify(ctx);
    if (context_ctx_info())
        api.SSL_CTX_set_info_callback(ctx, context_ctx_info());
    return ctx;
}
