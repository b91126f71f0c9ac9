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
#include "shim/next.h"
#include "shim/runtime.h"
#include "shim/session.h"

#define HOOKS(X)                                                                                   \
    X(SSL_CTX_new)                                                                                 \
    X(SSL_CTX_new_ex)                                                                              \
    X(SSL_CTX_set_cert_verify_callback)                                                            \
    X(SSL_CTX_set_info_callback)                                                                   \
    X(SSL_connect)                                                                                 \
    X(SSL_do_handshake)                                                                            \
    X(SSL_get_info_callback)                                                                       \
    X(SSL_new)                                                                                     \
    X(SSL_set_info_callback)                                                                       \
    X(SSL_set_session)

enum {
#define ROW(name) ROW_##name,
    HOOKS(ROW)
#undef ROW
        HOOK_COUNT
};

/* The functions of another preload behind us: what libssl's callers would meet without us. NULL
 * where libssl is next. */
static _Atomic(void *) others[HOOK_COUNT];

/* Only what was loaded at start comes before a libssl for all its callers. 0: not known yet. */
static atomic_uint loaded_at_start;

static bool visit_other(const struct elf_object *object, void *arg)
{
    const struct elf_wanted *wanted = arg;
    bool is_libssl = openssl_is_libssl(object);

    for (size_t i = 0; i < HOOK_COUNT && !is_libssl; i++) {
        void *function = atomic_load(&others[i]) == NULL ? elf_import(object, &wanted[i]) : NULL;
        if (function == NULL)
            continue;
        atomic_store(&others[i], function);
        library_passed_by(); /* what it calls is what comes behind it */
    }
    return !is_libssl;
}

static __attribute__((noinline)) void visit_others(unsigned count)
{
    struct elf_wanted wanted[HOOK_COUNT] = {
#define ROW(function) {.name = #function},
        HOOKS(ROW)
#undef ROW
    };

    for (size_t i = 0; i < HOOK_COUNT; i++)
        wanted[i].hash = elf_hash(wanted[i].name);
    next_walk_first(count, visit_other, wanted);
}

/* At the first call, for few processes make one. */
static void find_others(void)
{
    static atomic_bool found;
    unsigned count = atomic_load(&loaded_at_start);

    if (atomic_load(&found) || count == 0)
        return;
    visit_others(count);
    atomic_store(&found, true);
}

__attribute__((constructor)) static void on_load(void)
{
    atomic_store(&loaded_at_start, elf_count());
}

/* The binding for a hook's call (library.h). */
static struct openssl *enter(const void *object, const SSL_METHOD *method)
{
    find_others();
    return library_for(object, method);
}

/* The same for an SSL that was made before. */
static struct openssl *enter_ssl(const SSL *ssl)
{
    find_others();
    return library_of(ssl);
}

/* How a caller came to a hook: by the name, or by asking dlsym for libssl's own function. */
enum road { BY_NAME, BY_HANDLE };

/* The function that the caller would have met: another preload's, or libssl's own. Where no libssl
 * is bound, the next in the order of loading, or NULL. */
#define REAL(o, name, road)                                                                        \
    ((road) == BY_NAME && atomic_load(&others[ROW_##name]) != NULL                                 \
         ? (__typeof__(&(name)))atomic_load(&others[ROW_##name])                                   \
     : (o) != NULL && (o)->name != NULL ? (o)->name                                                \
                                        : (__typeof__(&(name)))hook_next(#name))

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

static SSL_CTX *ctx_new(const SSL_METHOD *method, enum road road)
{
    struct openssl *o = enter(NULL, method);
    __typeof__(SSL_CTX_new) *real = REAL(o, SSL_CTX_new, road);
    bool before = context_hooked;
    SSL_CTX *ctx;

    if (real == NULL || must_not_be_made(o))
        return NULL;
    context_hooked = true;
    ctx = real(method);
    context_hooked = before;
    return ctx;
}

static SSL_CTX *ctx_new_ex(OSSL_LIB_CTX *libctx, const char *propq, const SSL_METHOD *method,
                           enum road road)
{
    struct openssl *o = enter(NULL, method);
    __typeof__(SSL_CTX_new_ex) *real = REAL(o, SSL_CTX_new_ex, road);
    bool before = context_hooked;
    SSL_CTX *ctx;

    if (real == NULL || must_not_be_made(o))
        return NULL;
    /* Without these it may be libssl's own SSL_CTX_new, where that calls it by name: whoever called
     * that one may have passed our hook. */
    context_hooked = before || libctx != NULL || propq != NULL || road == BY_HANDLE;
    ctx = real(libctx, propq, method);
    context_hooked = before;
    return ctx;
}

static SSL *new_ssl(SSL_CTX *ctx, enum road road)
{
    struct openssl *o = enter(ctx, NULL);
    __typeof__(SSL_new) *real = REAL(o, SSL_new, road);
    SSL *ssl = real != NULL ? real(ctx) : NULL;

    if (ssl != NULL && o != NULL && watching())
        context_made_ssl(o, ssl);
    return ssl;
}

static void ctx_set_cert_verify_callback(SSL_CTX *ctx, cert_verify_callback *callback, void *arg,
                                         enum road road)
{
    struct openssl *o = enter(ctx, NULL);
    __typeof__(SSL_CTX_set_cert_verify_callback) *real =
        REAL(o, SSL_CTX_set_cert_verify_callback, road);

    if (o != NULL && watching() && context_set_program_callback(o, ctx, callback, arg))
        return;
    /* Out of memory while watching: ours is displaced, and the ClientHello sees to that
     * (context.c). Where it cannot see it, ours stays: the program then has OpenSSL's own check. */
    if (real != NULL && !(o != NULL && watching() && o->verify_callback_offset == 0))
        real(ctx, callback, arg);
}

static int set_session(SSL *ssl, SSL_SESSION *session, enum road road)
{
    struct openssl *o = enter_ssl(ssl);
    __typeof__(SSL_set_session) *real = REAL(o, SSL_set_session, road);

    if (real == NULL)
        return 0;
    /* Quietly dropped: the program then sees a full handshake, as if the server had forgotten. For
     * whom a session was verified is looked at when the handshake starts (handshake.c). */
    if (o != NULL && session != NULL && watching() && !session_is_tagged(o, session) &&
        session_unwanted(o, ssl, session, false))
        session = NULL;
    return real(ssl, session);
}

static int connect_ssl(SSL *ssl, enum road road)
{
    struct openssl *o = enter_ssl(ssl);
    __typeof__(SSL_connect) *real = REAL(o, SSL_connect, road);

    if (o != NULL && watching())
        return handshake_run(o, ssl, true, real);
    return real != NULL ? real(ssl) : -1;
}

static int do_handshake(SSL *ssl, enum road road)
{
    struct openssl *o = enter_ssl(ssl);
    __typeof__(SSL_do_handshake) *real = REAL(o, SSL_do_handshake, road);

    if (o != NULL && watching())
        return handshake_run(o, ssl, false, real);
    return real != NULL ? real(ssl) : -1;
}

static void set_info_callback(SSL *ssl, info_callback *callback, enum road road)
{
    struct openssl *o = enter_ssl(ssl);
    __typeof__(SSL_set_info_callback) *real = REAL(o, SSL_set_info_callback, road);

    if (o != NULL && ssl != NULL && o->SSL_get_info_callback(ssl) == handshake_info &&
        (connection_set_program_info(o, ssl, callback) ||
         /* Out of memory: in enforce the program goes without, where nothing else sees to ours. */
         (context_some_see_none() && runtime_enforces())))
        return;
    if (real != NULL)
        real(ssl, callback);
}

/* It stays libssl's own, which is asked for it at each step (handshake.c). */
static void ctx_set_info_callback(SSL_CTX *ctx, info_callback *callback, enum road road)
{
    struct openssl *o = enter(ctx, NULL);
    __typeof__(SSL_CTX_set_info_callback) *real = REAL(o, SSL_CTX_set_info_callback, road);

    if (callback != NULL)
        handshake_follow_steps();
    if (real != NULL)
        real(ctx, callback);
}

static info_callback *get_info_callback(const SSL *ssl, enum road road)
{
    struct openssl *o = enter_ssl(ssl);
    __typeof__(SSL_get_info_callback) *real = REAL(o, SSL_get_info_callback, road);
    info_callback *callback = real != NULL ? real(ssl) : NULL;

    if (callback == handshake_info) {
        struct connection *connection = connection_get(o, ssl);
        callback = connection != NULL ? connection->program_info : NULL;
    }
    return callback;
}

PINSHIM_EXPORT SSL_CTX *SSL_CTX_new(const SSL_METHOD *method)
{
    return ctx_new(method, BY_NAME);
}

static SSL_CTX *found_SSL_CTX_new(const SSL_METHOD *method)
{
    return ctx_new(method, BY_HANDLE);
}

PINSHIM_EXPORT SSL_CTX *SSL_CTX_new_ex(OSSL_LIB_CTX *libctx, const char *propq,
                                       const SSL_METHOD *method)
{
    return ctx_new_ex(libctx, propq, method, BY_NAME);
}

static SSL_CTX *found_SSL_CTX_new_ex(OSSL_LIB_CTX *libctx, const char *propq,
                                     const SSL_METHOD *method)
{
    return ctx_new_ex(libctx, propq, method, BY_HANDLE);
}

PINSHIM_EXPORT SSL *SSL_new(SSL_CTX *ctx)
{
    return new_ssl(ctx, BY_NAME);
}

static SSL *found_SSL_new(SSL_CTX *ctx)
{
    return new_ssl(ctx, BY_HANDLE);
}

PINSHIM_EXPORT void
SSL_CTX_set_cert_verify_callback(SSL_CTX *ctx, int (*callback)(X509_STORE_CTX *, void *), void *arg)
{
    ctx_set_cert_verify_callback(ctx, callback, arg, BY_NAME);
}

static void found_SSL_CTX_set_cert_verify_callback(SSL_CTX *ctx, cert_verify_callback *callback,
                                                   void *arg)
{
    ctx_set_cert_verify_callback(ctx, callback, arg, BY_HANDLE);
}

PINSHIM_EXPORT void SSL_CTX_set_info_callback(SSL_CTX *ctx, void (*callback)(const SSL *, int, int))
{
    ctx_set_info_callback(ctx, callback, BY_NAME);
}

static void found_SSL_CTX_set_info_callback(SSL_CTX *ctx, info_callback *callback)
{
    ctx_set_info_callback(ctx, callback, BY_HANDLE);
}

PINSHIM_EXPORT int SSL_set_session(SSL *ssl, SSL_SESSION *session)
{
    return set_session(ssl, session, BY_NAME);
}

static int found_SSL_set_session(SSL *ssl, SSL_SESSION *session)
{
    return set_session(ssl, session, BY_HANDLE);
}

PINSHIM_EXPORT int SSL_connect(SSL *ssl)
{
    return connect_ssl(ssl, BY_NAME);
}

static int found_SSL_connect(SSL *ssl)
{
    return connect_ssl(ssl, BY_HANDLE);
}

PINSHIM_EXPORT int SSL_do_handshake(SSL *ssl)
{
    return do_handshake(ssl, BY_NAME);
}

static int found_SSL_do_handshake(SSL *ssl)
{
    return do_handshake(ssl, BY_HANDLE);
}

PINSHIM_EXPORT void SSL_set_info_callback(SSL *ssl, void (*callback)(const SSL *, int, int))
{
    set_info_callback(ssl, callback, BY_NAME);
}

static void found_SSL_set_info_callback(SSL *ssl, info_callback *callback)
{
    set_info_callback(ssl, callback, BY_HANDLE);
}

PINSHIM_EXPORT void (*SSL_get_info_callback(const SSL *ssl))(const SSL *, int, int)
{
    return get_info_callback(ssl, BY_NAME);
}

static info_callback *found_SSL_get_info_callback(const SSL *ssl)
{
    return get_info_callback(ssl, BY_HANDLE);
}

bool hook_is_ours(const void *function)
{
#define OURS(name) function == name ||
    return HOOKS(OURS) false;
#undef OURS
}

/* Whoever asks for it by handle gets no SSL_CTX from a libssl that cannot be watched, either. */
static bool makes_what_must_not_be(const char *name, const void *found)
{
    return strncmp(name, "SSL_CTX_new", 11) == 0 && watching() && runtime_enforces() &&
           openssl_unusable(found);
}

/* Our hook for who asks by handle; NULL: we have none of that name. */
static void *hook_by_handle(const char *name)
{
#define ROW(function)                                                                              \
    if (strcmp(name, #function) == 0)                                                              \
        return found_##function;
    HOOKS(ROW)
#undef ROW
    return NULL;
}

void hook_passed_by(const char *name)
{
    if (hook_by_handle(name) != NULL)
        library_passed_by();
}

void *hook_replace(const char *name, void *found)
{
    void *hook = hook_by_handle(name);

    if (hook == NULL)
        return found;
    if (openssl_holding(found) != NULL || makes_what_must_not_be(name, found))
        return hook;
    if (found != NULL && !hook_is_ours(found)) /* not bound yet, or another preload's */
        library_passed_by();
    return found;
}
