#include "tests/client/context.h"

#include <string.h>

#include "tests/client/lenience.h"
#include "tests/client/options.h"
#include "tests/client/psk.h"
#include "tests/client/session_carry.h"
#include "tests/client/roads_datagram.h"
#include "tests/client/roads_quic.h"
#include "tests/client/verification.h"
#include "tests/client/visit.h"

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
    if (where & SSL_CB_LOOP)
        v->steps++;
    verification_in_info(v, where);
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
    return option_is(options.info, "ctx") || option_is(options.info, "both") ||
                   option_is(options.info, "ctx-late")
               ? on_ctx_info
               : NULL;
}

info_function *context_ssl_info(void)
{
    return option_is(options.info, "ssl") || option_is(options.info, "both") ||
                   option_is(options.info, "ssl-late")
               ? on_ssl_info
               : NULL;
}

/* A cert callback (SSL_CTX_set_cert_cb), which comes in the middle of the handshake. */
static int on_cert(SSL *ssl, void *ctx)
{
    if (option_is(options.info, "ctx-late"))
        api.SSL_CTX_set_info_callback(ctx, on_ctx_info);
    else
        api.SSL_set_info_callback(ssl, on_ssl_info);
    return 1;
}

bool context_info_is_late(void)
{
    return option_is(options.info, "ctx-late") || option_is(options.info, "ssl-late");
}

/* Old versions and keyless ciphers need security level 0 since OpenSSL 3.0. */
static void set_versions(SSL_CTX *ctx)
{
    static const struct {
        const char *name;
        int version;
    } versions[] = {
        {"1.0", TLS1_VERSION},   {"1.1", TLS1_1_VERSION},    {"1.2", TLS1_2_VERSION},
        {"1.3", TLS1_3_VERSION}, {"dtls1.0", DTLS1_VERSION}, {"dtls1.2", DTLS1_2_VERSION},
    };

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (!option_is(options.tls, versions[i].name))
            continue;
        if (versions[i].version < TLS1_2_VERSION || versions[i].version == DTLS1_VERSION)
            api.SSL_CTX_set_security_level(ctx, 0);
        api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, versions[i].version, NULL);
        api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, versions[i].version, NULL);
    }
    if (!options.anonymous)
        return;
    api.SSL_CTX_set_security_level(ctx, 0);
    if (!road_is_dtls())
        api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION, NULL);
    if (api.SSL_CTX_set_cipher_list(ctx, "ADH") != 1)
        die("no anonymous ciphers");
}

static const SSL_METHOD *method(void)
{
    return road_is_quic()                    ? quic_method()
           : road_is_dtls()                  ? api.DTLS_client_method()
           : option_is(options.serve, "one") ? api.TLS_method()
                                             : api.TLS_client_method();
}

/* The first one by SSL_CTX_new_ex, on request; where there is none, as all others. */
static SSL_CTX *new_of_kind(void)
{
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    static bool made;

    if (options.switch_ctx_between && !made) {
        made = true;
        return api.SSL_CTX_new_ex(NULL, NULL, method());
    }
#endif
    return api.SSL_CTX_new(method());
}

SSL_CTX *context_new(void)
{
    SSL_CTX *ctx = new_of_kind();

    if (!ctx)
        die("SSL_CTX_new");
    set_versions(ctx);
    psk_set(ctx);
    session_carry_prepare(ctx);
    lenience_set(ctx);
    verification_for_context(ctx);
    if (options.ca && api.SSL_CTX_load_verify_locations(ctx, options.ca, NULL) != 1)
        die("--ca %s", options.ca);
    if (options.cert && (api.SSL_CTX_use_certificate_chain_file(ctx, options.cert) != 1 ||
                         api.SSL_CTX_use_PrivateKey_file(ctx, options.key, SSL_FILETYPE_PEM) != 1))
        die("--cert %s", options.cert);
    if (context_info_is_late())
        api.SSL_CTX_set_cert_cb(ctx, on_cert, ctx);
    else if (context_ctx_info())
        api.SSL_CTX_set_info_callback(ctx, context_ctx_info());
    return ctx;
}
