#include "tests/support/server/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "tests/support/server/connection.h"
#include "tests/support/server/wire.h"
#include "tests/support/server/datagram.h"
#include "tests/support/server/quic.h"

#define IDENTITY "tester" /* of the pre-shared key */
enum { TICKET_KEY_SIZE = 80, EARLY_DATA = 4096 };

static struct {
    const struct server_context *options;
    unsigned char alpn[64]; /* ProtocolNameList (RFC 7301 section 3.1) */
    unsigned alpn_length;
    unsigned char psk[64];
    unsigned psk_length;
} made;

void die(const char *what)
{
    fprintf(stderr, "tls-server: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct connection *c = SSL_get_app_data(ssl);

    if (c && (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
        (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        c->alert = value & 0xff;
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_length,
                       const unsigned char *in, unsigned in_length, void *arg)
{
    unsigned char *chosen;

    (void)ssl, (void)arg;
    if (SSL_select_next_proto(&chosen, out_length, made.alpn, made.alpn_length, in, in_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static void set_alpn(SSL_CTX *ctx, const char *list)
{
    char copy[sizeof made.alpn], *rest = copy, *name;

    if (snprintf(copy, sizeof copy, "%s", list) >= (int)sizeof copy - 1)
        die("--alpn: too long");
    while ((name = strsep(&rest, ","))) {
        size_t length = strlen(name);
        made.alpn[made.alpn_length++] = (unsigned char)length;
        memcpy(made.alpn + made.alpn_length, name, length);
        made.alpn_length += (unsigned)length;
    }
    SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
}

static unsigned psk_tls12(SSL *ssl, const char *identity, unsigned char *psk, unsigned size)
{
    (void)ssl;
    if (strcmp(identity, IDENTITY) != 0 || size < made.psk_length)
        return 0;
    memcpy(psk, made.psk, made.psk_length);
    return made.psk_length;
}

static int psk_tls13(SSL *ssl, const unsigned char *identity, size_t length, SSL_SESSION **session)
{
    static const unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};
    SSL_SESSION *psk;

    *session = NULL;
    if (length != strlen(IDENTITY) || memcmp(identity, IDENTITY, length) != 0)
        return 1; /* a ticket, perhaps */
    psk = SSL_SESSION_new();
    if (!psk || !SSL_SESSION_set1_master_key(psk, made.psk, made.psk_length) ||
        !SSL_SESSION_set_cipher(psk, SSL_CIPHER_find(ssl, aes_128_gcm_sha256)) ||
        !SSL_SESSION_set_protocol_version(psk, TLS1_3_VERSION) ||
        !SSL_SESSION_set_max_early_data(psk, SSL_get_max_early_data(ssl)))
        return 0;
    *session = psk;
    return 1;
}

static void set_psk(SSL_CTX *ctx, const char *hex)
{
    unsigned octet;

    for (; made.psk_length < sizeof made.psk && sscanf(hex, "%2x", &octet) == 1; hex += 2)
        made.psk[made.psk_length++] = (unsigned char)octet;
    SSL_CTX_set_psk_server_callback(ctx, psk_tls12);
    SSL_CTX_set_psk_find_session_callback(ctx, psk_tls13);
    if (!made.options->cert && SSL_CTX_set_cipher_list(ctx, "PSK") != 1)
        die("no PSK ciphers");
    /* With a certificate, too, it would choose one of another hash. */
    if (SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") != 1)
        die("no cipher suite");
}

/* Called for each handshake before a certificate is chosen. */
static int choose_cert(SSL *ssl, void *arg)
{
    struct connection *c = SSL_get_app_data(ssl);

    (void)arg;
    if (!c || c->handshakes++ == 0 || !made.options->second_cert)
        return 1;
    return SSL_use_certificate_chain_file(ssl, made.options->second_cert) == 1 &&
           SSL_use_PrivateKey_file(ssl, made.options->second_key, SSL_FILETYPE_PEM) == 1;
}

static void set_ticket_key(SSL_CTX *ctx, const char *word)
{
    unsigned char keys[TICKET_KEY_SIZE];
    size_t length = strlen(word);

    for (size_t i = 0; i < sizeof keys; i++)
        keys[i] = (unsigned char)word[i % length];
    if (SSL_CTX_set_tlsext_ticket_keys(ctx, keys, (long)sizeof keys) != 1)
        die("--ticket-key");
    /* Against replay of early data, a server keeps its sessions to itself. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
}

/* What is accepted of old and keyless protocols. */
static void set_lenience(SSL_CTX *ctx, const struct server_context *options)
{
    if (options->weak || options->anonymous)
        SSL_CTX_set_security_level(ctx, 0);
    if (options->weak)
        SSL_CTX_set_min_proto_version(ctx, options->dtls ? DTLS1_VERSION : TLS1_VERSION);
    if (!options->dtls && (options->tls12 || options->anonymous))
        SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    if (!options->anonymous)
        return;
    SSL_CTX_set_dh_auto(ctx, 1);
    if (!SSL_CTX_set_cipher_list(ctx, "ADH"))
        die("no anonymous ciphers");
}

static void set_algorithms(SSL_CTX *ctx, const struct server_context *options)
{
    if (options->groups && SSL_CTX_set1_groups_list(ctx, options->groups) != 1)
        die("--groups");
    if (options->ciphers && SSL_CTX_set_cipher_list(ctx, options->ciphers) != 1)
        die("--ciphers");
}

static void set_raw_key(SSL_CTX *ctx)
{
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    static const unsigned char types[] = {TLSEXT_cert_type_rpk, TLSEXT_cert_type_x509};

    if (SSL_CTX_set1_server_cert_type(ctx, types, sizeof types) != 1 ||
        SSL_CTX_set1_client_cert_type(ctx, types, sizeof types) != 1)
        die("--raw-key");
#else
    (void)ctx;
    die("--raw-key: since OpenSSL 3.2");
#endif
}

SSL_CTX *server_context_new(const struct server_context *options, bool early_data)
{
    SSL_CTX *ctx = SSL_CTX_new(options->quic   ? quic_method()
                               : options->dtls ? DTLS_server_method()
                                               : TLS_server_method());

    if (!ctx)
        die("SSL_CTX_new");
    made.options = options;
    SSL_CTX_set_info_callback(ctx, on_info);
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"tests", 5);
    SSL_CTX_set_cert_cb(ctx, choose_cert, NULL);
    wire_watch(ctx);
    set_lenience(ctx, options);
    set_algorithms(ctx, options);
    if (options->raw_key)
        set_raw_key(ctx);
    if (options->dtls)
        datagram_context(ctx);
    if (options->cert && (SSL_CTX_use_certificate_chain_file(ctx, options->cert) != 1 ||
                          SSL_CTX_use_PrivateKey_file(ctx, options->key, SSL_FILETYPE_PEM) != 1))
        die("cannot use the certificate or the key");
    if (options->request_client_cert)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_any);
    if (options->no_tickets)
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
#ifdef SSL_OP_ALLOW_CLIENT_RENEGOTIATION /* before 3.0 it always is */
    if (options->renegotiation)
        SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
#endif
    if (early_data)
        SSL_CTX_set_max_early_data(ctx, EARLY_DATA);
    if (options->alpn || options->quic)
        set_alpn(ctx, options->alpn ? options->alpn : "tests");
    if (options->psk)
        set_psk(ctx, options->psk);
    if (options->ticket_key)
        set_ticket_key(ctx, options->ticket_key);
    return ctx;
}
