#include "tests/client/psk.h"

#include <stdio.h>
#include <string.h>

#include "tests/client/options.h"

#define IDENTITY "tester"

static unsigned char key[64];
static unsigned key_length;

/* --psk-beside-session: is there none to resume? */
static bool holds_back(SSL *ssl)
{
    return options.psk_beside_session && !api.SSL_SESSION_has_ticket(api.SSL_get_session(ssl));
}

static unsigned on_tls12(SSL *ssl, const char *hint, char *identity, unsigned identity_size,
                         unsigned char *psk, unsigned psk_size)
{
    (void)hint;
    if (holds_back(ssl) || psk_size < key_length || identity_size < sizeof IDENTITY)
        return 0;
    memcpy(identity, IDENTITY, sizeof IDENTITY);
    memcpy(psk, key, key_length);
    return key_length;
}

static int on_tls13(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *id_length,
                    SSL_SESSION **session)
{
    static const unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};
    SSL_SESSION *made = api.SSL_SESSION_new();

    (void)md;
    if (holds_back(ssl)) {
        api.SSL_SESSION_free(made);
        *session = NULL;
        return 1;
    }
    if (!made || api.SSL_SESSION_set1_master_key(made, key, key_length) != 1 ||
        api.SSL_SESSION_set_cipher(made, api.SSL_CIPHER_find(ssl, aes_128_gcm_sha256)) != 1 ||
        api.SSL_SESSION_set_protocol_version(made, TLS1_3_VERSION) != 1)
        return 0;
    if (option_is(options.road, "early_data"))
        api.SSL_SESSION_set_max_early_data(made, 16384);
    *id = (const unsigned char *)IDENTITY;
    *id_length = strlen(IDENTITY);
    *session = made;
    return 1;
}

void psk_set(SSL_CTX *ctx)
{
    unsigned octet;

    if (!options.psk)
        return;
    key_length = 0;
    for (const char *hex = options.psk; key_length < sizeof key && sscanf(hex, "%2x", &octet) == 1;
         hex += 2)
        key[key_length++] = (unsigned char)octet;
    api.SSL_CTX_set_psk_client_callback(ctx, on_tls12);
    api.SSL_CTX_set_psk_use_session_callback(ctx, on_tls13);
    if (api.SSL_CTX_set_cipher_list(ctx, "PSK") != 1)
        die("no PSK ciphers");
}
