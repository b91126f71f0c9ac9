#include "shim/context.h"

#include <stdlib.h>

#include "shim/connection.h"
#include "shim/handshake.h"
#include "shim/verify.h"

/* The program's own callback. Kept in the SSL_CTX's ex_data, and only when there is one. */
struct context {
    cert_verify_callback *callback;
    void *arg;
};

static void on_new(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
    struct openssl *o = argp;

    (void)ptr, (void)data, (void)index, (void)argl;
    o->SSL_CTX_set_cert_verify_callback(parent, verify_certificate, o);
}

static void on_new_ssl(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                       void *argp)
{
    struct openssl *o = argp;

    (void)ptr, (void)data, (void)index, (void)argl;
    o->SSL_set_info_callback(parent, handshake_info);
}

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    free(ptr);
}

bool context_register(struct openssl *o)
{
    /* Through void *: the type of `from_d` changed between 1.1.1 and 3.0, not its meaning. */
    CRYPTO_EX_dup *dup = (CRYPTO_EX_dup *)(void *)connection_ex_dup;

    o->ssl_index =
        o->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, o, on_new_ssl, dup, connection_ex_free);
    o->session_index =
        o->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, o, NULL, NULL, NULL);
    o->ctx_index = o->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, o, on_new, NULL, on_free);
    return o->ctx_index >= 0 && o->ssl_index >= 0 && o->session_index >= 0;
}

static struct context *context_get(struct openssl *o, const SSL_CTX *ctx)
{
    return o->ctx_index < 0 ? NULL : o->SSL_CTX_get_ex_data(ctx, o->ctx_index);
}

bool context_set_program_callback(struct openssl *o, SSL_CTX *ctx, cert_verify_callback *callback,
                                  void *arg)
{
    struct context *context = context_get(o, ctx);

    if (context == NULL) {
        context = calloc(1, sizeof *context);
        if (context == NULL || o->SSL_CTX_set_ex_data(ctx, o->ctx_index, context) != 1) {
            free(context);
            return false;
        }
    }
    context->callback = callback;
    context->arg = arg;
    return true;
}

cert_verify_callback *context_program_callback(struct openssl *o, const SSL_CTX *ctx, void **arg)
{
    struct context *context = context_get(o, ctx);

    if (context == NULL)
        return NULL;
    *arg = context->arg;
    return context->callback;
}
