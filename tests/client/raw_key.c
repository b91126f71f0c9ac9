#include "tests/client/raw_key.h"

#include "tests/client/options.h"

#ifdef API_RAW_KEYS

static const unsigned char types[] = {TLSEXT_cert_type_rpk, TLSEXT_cert_type_x509};

/* The key in the certificate of this file, as a TLSA record of DANE (RFC 6698) says it. */
static void expect_key(SSL *ssl, const char *path)
{
    BIO *file = api.BIO_new_file(path, "r");
    X509 *cert = file ? api.PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;

    if (!cert || api.SSL_CTX_dane_enable(api.SSL_get_SSL_CTX(ssl)) != 1 ||
        api.SSL_dane_enable(ssl, options.sni) != 1 ||
        api.SSL_add_expected_rpk(ssl, api.X509_get0_pubkey(cert)) != 1)
        die("--expect-key %s", path);
    api.X509_free(cert);
    api.BIO_free_all(file);
}

void raw_key_prepare(SSL *ssl)
{
    if (options.raw_key && api.SSL_set1_server_cert_type(ssl, types, sizeof types) != 1)
        die("--raw-key");
    if (options.show_raw_key && api.SSL_set1_client_cert_type(ssl, types, sizeof types) != 1)
        die("--show-raw-key");
    if (options.expect_key)
        expect_key(ssl, options.expect_key);
}

#else

void raw_key_prepare(SSL *ssl)
{
    (void)ssl;
    if (options.raw_key || options.show_raw_key || options.expect_key)
        die("raw public keys came with OpenSSL 3.2");
}

#endif
