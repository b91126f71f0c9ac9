#include "tests/support/server/wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/server/connection.h"

static struct wire *wire_of(const SSL *ssl)
{
    struct connection *c = SSL_get_app_data(ssl);

    return &c->wire;
}

/* Cut when it is full. */
static void add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + length, size - length, format, args);
    va_end(args);
}

static void on_message(int written, int version, int type, const void *data, size_t length,
                       SSL *ssl, void *arg)
{
    const unsigned char *octets = data;
    struct wire *wire = wire_of(ssl);

    (void)version, (void)arg;
    if (written || length == 0)
        return;
    if (type == SSL3_RT_HANDSHAKE)
        add(wire->messages, sizeof wire->messages, "%u ", octets[0]);
    else if (type == SSL3_RT_CHANGE_CIPHER_SPEC)
        add(wire->messages, sizeof wire->messages, "ccs ");
    else if (type == SSL3_RT_ALERT && length > 1)
        add(wire->messages, sizeof wire->messages, "alert:%u ", octets[1]);
    if (type == SSL3_RT_HANDSHAKE && octets[0] == SSL3_MT_CLIENT_HELLO)
        snprintf(wire->hello, sizeof wire->hello, "%zu octets", length);
}

/* The length of a ticket is partly chance, and so is that of a hello that offers one. */
static void forget_length(struct wire *wire, const int *extensions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (extensions[i] == TLSEXT_TYPE_psk)
            wire->hello[0] = 0;
}

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    struct wire *wire = wire_of(ssl);
    const unsigned char *ciphers;
    size_t length = SSL_client_hello_get0_ciphers(ssl, &ciphers), count;
    int *extensions;

    (void)arg;
    *alert = SSL_AD_INTERNAL_ERROR;
    if (SSL_client_hello_get1_extensions_present(ssl, &extensions, &count) != 1)
        return SSL_CLIENT_HELLO_ERROR;
    forget_length(wire, extensions, count);
    add(wire->hello, sizeof wire->hello, ", ciphers ");
    for (size_t i = 0; i < length; i++)
        add(wire->hello, sizeof wire->hello, "%02x", ciphers[i]);
    add(wire->hello, sizeof wire->hello, ", extensions");
    for (size_t i = 0; i < count; i++)
        add(wire->hello, sizeof wire->hello, " %d", extensions[i]);
    OPENSSL_free(extensions);
    return SSL_CLIENT_HELLO_SUCCESS;
}

void wire_watch(SSL_CTX *ctx)
{
    SSL_CTX_set_msg_callback(ctx, on_message);
    SSL_CTX_set_client_hello_cb(ctx, on_hello, NULL);
}
