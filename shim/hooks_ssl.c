/* The few functions of libssl that are interposed. SSL_read, SSL_write and their like are not:
 * the data path costs nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shim/connection.h"
#include "shim/context.h"
#include "shim/handshake.h"
#include "shim/hooks.h"
#include "shim/library.h"
#include "shim/runtime.h"
#include "shim/session.h"

/* libssl's own function: the binding's, else the next in the order of loading (or NULL). */
#define REAL(o, name)                                                                              \
    ((o) != NULL && (o)->name != NULL ? (o)->name : (__typeof__(&(name)))hook_next(#name))

static bool watching(void)
{
    enum runtime_state state = runtime_state();

    return (state == RUNTIME_ACTIVE || state == RUNTIME_BROKEN) && !runtime_busy();
}

/* In enforce, what cannot be watched is not made: a libssl that is none we know, a library context
 * that we cannot register with. The event has been written by then. */
static bool must_not_be_made(const struct openssl *o)
{
    return watching() && (o == NULL || !context_registered(o)) && runtime_enforces();
}

PINSHIM_EXPORT SSL_CTX *SSL_CTX_new(const SSL_METHOD *method)
{
    struct openssl *o = library_for(NULL, method);
    __typeof__(SSL_CTX_new) *real = REAL(o, SSL_CTX_new);

    return real != NULL && !must_not_be_made(o) ? real(method) : NULL;
}

PINSHIM_EXPORT SSL_CTX *SSL_CTX_new_ex(OSSL_LIB_CTX *libctx, const char *propq,
                                       const SSL_METHOD *method)
{
    struct openssl *o = library_for(NULL, method);
    __typeof__(SSL_CTX_new_ex) *real = REAL(o, SSL_CTX_new_ex);

    return real != NULL && !must_not_be_made(o) ? real(libctx, propq, method) : NULL;
}

PINSHIM_EXPORT void
SSL_CTX_set_cert_verify_callback(SSL_CTX *ctx, int (*callback)(X509_STORE_CTX *, void *), void *arg)
{
    struct openssl *o = library_for(ctx, NULL);
    __typeof__(SSL_CTX_set_cert_verify_callback) *real = REAL(o, SSL_CTX_set_cert_verify_callback);

    if (o != NULL && watching() && context_set_program_callback(o, ctx, callback, arg))
        return;
    /* Out of memory while watching: ours is displaced, and the ClientHello sees to that
     * (context.c). Where it cannot see it, ours stays: the program then has OpenSSL's own check. */
    if (real != NULL && !(o != NULL && watching() && o->verify_callback_offset == 0))
        real(ctx, callback, arg);
}

PINSHIM_EXPORT int SSL_set_session(SSL *ssl, SSL_SESSION *session)
{
    struct openssl *o = library_for(ssl, NULL);
    __typeof__(SSL_set_session) *real = REAL(o, SSL_set_session);

    if (real == NULL)
        return 0;
    /* Quietly dropped: the program then sees a full handshake, as if the server had forgotten. */
    if (o != NULL && session != NULL && watching() && session_unwanted(o, ssl, session))
        session = NULL;
    return real(ssl, session);
}

PINSHIM_EXPORT int SSL_connect(SSL *ssl)
{
    struct openssl *o = library_for(ssl, NULL);
    __typeof__(SSL_connect) *real = REAL(o, SSL_connect);

    if (o != NULL && watching())
        return handshake_run(o, ssl, real);
    return real != NULL ? real(ssl) : -1;
}

PINSHIM_EXPORT int SSL_do_handshake(SSL *ssl)
{
    struct openssl *o = library_for(ssl, NULL);
    __typeof__(SSL_do_handshake) *real = REAL(o, SSL_do_handshake);

    if (o != NULL && watching())
        return handshake_run(o, ssl, real);
    return real != NULL ? real(ssl) : -1;
}

PINSHIM_EXPORT void SSL_set_info_callback(SSL *ssl, void (*callback)(const SSL *, int, int))
{
    struct openssl *o = library_for(ssl, NULL);
    __typeof__(SSL_set_info_callback) *real = REAL(o, SSL_set_info_callback);
    struct connection *connection = NULL;

    if (o != NULL && ssl != NULL && o->SSL_get_info_callback(ssl) == handshake_info)
        connection = connection_make(o, ssl);
    if (connection != NULL)
        connection->program_info = callback;
    else if (real != NULL)
        real(ssl, callback);
}

PINSHIM_EXPORT void (*SSL_get_info_callback(const SSL *ssl))(const SSL *, int, int)
{
    struct openssl *o = library_for(ssl, NULL);
    __typeof__(SSL_get_info_callback) *real = REAL(o, SSL_get_info_callback);
    info_callback *callback = real != NULL ? real(ssl) : NULL;

    if (callback == handshake_info) {
        struct connection *connection = connection_get(o, ssl);
        callback = connection != NULL ? connection->program_info : NULL;
    }
    return callback;
}

bool hook_is_ours(const void *function)
{
    return function == SSL_CTX_new || function == SSL_CTX_new_ex ||
           function == SSL_CTX_set_cert_verify_callback || function == SSL_connect ||
           function == SSL_do_handshake || function == SSL_get_info_callback ||
           function == SSL_set_info_callback || function == SSL_set_session;
}

/* Whoever asks for it by handle gets no SSL_CTX from a libssl that cannot be watched, either. */
static bool makes_what_must_not_be(const void *hook, const void *found)
{
    return (hook == SSL_CTX_new || hook == SSL_CTX_new_ex) && watching() && runtime_enforces() &&
           openssl_unusable(found);
}

void *hook_replace(const char *name, void *found)
{
    static const struct {
        const char *name;
        void *hook;
    } hooks[] = {
        {"SSL_CTX_new", SSL_CTX_new},
        {"SSL_CTX_new_ex", SSL_CTX_new_ex},
        {"SSL_CTX_set_cert_verify_callback", SSL_CTX_set_cert_verify_callback},
        {"SSL_connect", SSL_connect},
        {"SSL_do_handshake", SSL_do_handshake},
        {"SSL_get_info_callback", SSL_get_info_callback},
        {"SSL_set_info_callback", SSL_set_info_callback},
        {"SSL_set_session", SSL_set_session},
    };

    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        if (strcmp(name, hooks[i].name) == 0 &&
            (openssl_holding(found) != NULL || makes_what_must_not_be(hooks[i].hook, found)))
            return hooks[i].hook;
    return found;
}
