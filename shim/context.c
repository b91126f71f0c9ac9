#include "shim/context.h"

#include <stdlib.h>
#include <string.h>

#include "shim/connection.h"
#include "shim/guest.h"
#include "shim/handshake.h"
#include "shim/judgement.h"
#include "shim/library.h"
#include "shim/refusal.h"
#include "shim/verify.h"
#include "shim/verify_param.h"

/* A number of the range for private use (IANA, TLS ExtensionType Values); never on the wire. */
#define UNUSED_EXTENSION 65389

/* The program's own callback. Kept in the SSL_CTX's ex_data from the first, when no other thread
 * knows of it: a program may set its callback while others are in a handshake, and then OpenSSL
 * promises no more than that each of the two is whole. */
struct context {
    _Atomic(cert_verify_callback *) callback; /* NULL: it has set none */
    _Atomic(void *) arg;
};

/* A program that calls libssl past our hooks (RTLD_DEEPBIND) can put a callback of its own in
 * place of ours, and OpenSSL has no getter for it. Where the field lies is found by looking for
 * the pair that we have just set ourselves; a version in which it is not found is not touched. */
enum { SEARCHED = 512 }; /* octets: the callback is among the first fields of every version */

struct pair {
    cert_verify_callback *callback;
    void *arg;
};

static void find_callback_field(struct openssl *o, const SSL_CTX *ctx)
{
    const struct pair ours = {verify_certificate, o};

    if (atomic_load_explicit(&o->verify_callback_offset, memory_order_relaxed) != 0)
        return;
    for (size_t at = sizeof(void *); at + sizeof ours <= SEARCHED; at += sizeof(void *))
        if (memcmp((const char *)ctx + at, &ours, sizeof ours) == 0) {
            atomic_store_explicit(&o->verify_callback_offset, at, memory_order_relaxed);
            return;
        }
}

bool context_reclaim_callback(struct openssl *o, SSL_CTX *ctx)
{
    size_t offset = atomic_load_explicit(&o->verify_callback_offset, memory_order_relaxed);
    const struct pair *set = (const struct pair *)((const char *)ctx + offset);
    cert_verify_callback *callback;
    void *arg;

    if (offset == 0)
        return true;
    /* Another thread may be doing the same, and libssl writes the callback before its argument: so
     * in this order the argument is still the one of the callback. */
    arg = __atomic_load_n(&set->arg, __ATOMIC_ACQUIRE);
    callback = __atomic_load_n(&set->callback, __ATOMIC_ACQUIRE);
    if (callback == verify_certificate)
        return true;
    if (!context_set_program_callback(o, ctx, callback, arg))
        return false;
    o->SSL_CTX_set_cert_verify_callback(ctx, verify_certificate, o);
    return true;
}

/* libssl asks for our extension in every ClientHello, whoever drives the handshake. There is none
 * to add; it is the moment to see that we have not been displaced. */
static int on_client_hello(SSL *ssl, unsigned type, unsigned when, const unsigned char **out,
                           size_t *length, X509 *cert, size_t index, int *alert, void *arg)
{
    struct openssl *o = arg;
    SSL_CTX *ctx = o->SSL_get_SSL_CTX(ssl);
    struct guest guest;
    bool watched;
    int result = 0;

    if (!context_is_displaced(o, ctx) && o->SSL_get_info_callback(ssl) == handshake_info)
        return 0;
    guest = guest_enter();
    watched = context_reclaim_callback(o, ctx) && handshake_reclaim_info(o, ssl);
    (void)type, (void)when, (void)out, (void)length, (void)cert, (void)index;
    if (!watched && judgement_doubt_refuses(o, ssl)) {
        refusal_in_hello(o, ssl);
        *alert = SSL_AD_INTERNAL_ERROR;
        result = -1;
    }
    guest_leave(&guest);
    return result;
}

static struct context *context_get(struct openssl *o, const SSL_CTX *ctx)
{
    return o->ctx_index < 0 ? NULL : o->SSL_CTX_get_ex_data(ctx, o->ctx_index);
}

/* Never left out where somebody may pass the hooks by, and displace our callbacks; nor in libraries
 * that do QUIC, where our info callback may not be there at first (see on_new_ssl). */
static bool needs_hellos(const struct openssl *o, const struct context *context)
{
    return context == NULL || !context_hooked || library_passes_by(o) || openssl_has_quic(o);
}

/* Whose a new SSL_CTX or SSL is: two libssl may call the libcrypto that tells of it. */
static struct openssl *owner(const void *object, struct openssl *registered)
{
    struct openssl *found = openssl_of(object);

    return found != NULL ? found : registered;
}

/* Without memory for it, it is made when it is needed. */
static struct context *context_make(struct openssl *o, SSL_CTX *ctx, int index)
{
    struct context *context = calloc(1, sizeof *context);

    if (context != NULL && o->SSL_CTX_set_ex_data(ctx, index, context) == 1)
        return context;
    free(context);
    return NULL;
}

__thread bool context_hooked;

/* Does every SSL_CTX ask for hellos? Once somebody has gone by the answer, it stays. */
enum { UNDECIDED, ALL, NOT_ALL };
static atomic_int hellos;

static bool decide(int answer)
{
    int before = UNDECIDED;

    return atomic_compare_exchange_strong(&hellos, &before, answer) || before == answer;
}

static void on_new(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
    struct openssl *o = owner(parent, argp);
    struct context *context = context_make(o, parent, index);

    (void)ptr, (void)data, (void)argl;
    if (openssl_is_for_quic(o, parent))
        atomic_store_explicit(&o->quic_seen, true, memory_order_release);
    o->SSL_CTX_set_cert_verify_callback(parent, verify_certificate, o);
    find_callback_field(o, parent);
    if (!needs_hellos(o, context) && decide(NOT_ALL))
        return;
    /* Costs in each SSL, and in each message that can carry an extension. */
    handshake_follow_steps();
    if (o->SSL_CTX_add_custom_ext(parent, UNUSED_EXTENSION, SSL_EXT_CLIENT_HELLO, on_client_hello,
                                  NULL, o, NULL, NULL) != 1)
        atomic_store(&hellos, NOT_ALL); /* out of memory */
}

bool context_all_see_hellos(void)
{
    return decide(ALL);
}

bool context_some_see_none(void)
{
    return atomic_load_explicit(&hellos, memory_order_acquire) == NOT_ALL;
}

/* Libssl announces connections of QUIC, their streams and listeners as well, before it has written
 * down what they are: it would take each for a TLS connection, and write our callback behind its
 * end. So in a library that does QUIC the SSL_new hook is waited for, and behind that (a plugin
 * that is bound to libssl directly) the ClientHello. */
static void on_new_ssl(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
                       void *argp)
{
    struct openssl *o = owner(parent, argp);
    SSL_CTX *ctx;

    (void)ptr, (void)data, (void)index, (void)argl;
    connection_announce(parent);
    if (atomic_load_explicit(&o->quic_seen, memory_order_acquire))
        return;
    o->SSL_set_info_callback(parent, handshake_info);
    ctx = o->SSL_get_SSL_CTX(parent); /* not there yet since 3.2, where ClientHellos are seen */
    if (ctx != NULL && context_is_displaced(o, ctx))
        context_reclaim_callback(o, ctx);
}

void context_made_ssl(struct openssl *o, SSL *ssl)
{
    struct guest guest;

    if (!atomic_load_explicit(&o->quic_seen, memory_order_acquire))
        return;
    guest = guest_enter();
    if (o->SSL_get_info_callback(ssl) == NULL)
        o->SSL_set_info_callback(ssl, handshake_info);
    guest_leave(&guest);
}

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    free(ptr);
}

/* The calling thread's default library context; NULL in versions that have none. */
static void *default_libctx(const struct openssl *o)
{
    return o->set0_default != NULL ? o->set0_default(NULL) : NULL;
}

bool context_registered(const struct openssl *o)
{
    unsigned count = atomic_load_explicit(&o->libctx_count, memory_order_acquire);
    void *libctx;

    if (count == 0)
        return false;
    libctx = default_libctx(o);
    for (unsigned i = 0; i < count; i++)
        if (o->libctx[i] == libctx)
            return true;
    return false;
}

/* So many ex_data indexes are left out before ours where a program has got one already: there are
 * those that store things at the ones behind their own, which nobody gave them (Qt does, at two).
 * Not of sessions, and one of SSL where nobody is before us, for each costs in each handshake. */
enum { INDEX_GAP = 3, INDEX_FIRST = 1 };

/* Gets an ex_data index for our callbacks; the same as before, in a further library context, for
 * nothing tells of an object which one it came from. -1 when it is taken. */
static int get_index(struct openssl *o, int class, int before, CRYPTO_EX_new *on_make,
                     CRYPTO_EX_dup *dup, CRYPTO_EX_free *on_end)
{
    int gap = class == CRYPTO_EX_INDEX_SSL_SESSION ? 0 : INDEX_GAP, index = 0;

    while (index >= 0 && (before >= 0 ? index < before - 1 : gap-- > 0)) {
        index = o->CRYPTO_get_ex_new_index(class, 0, NULL, NULL, NULL, NULL);
        if (class == CRYPTO_EX_INDEX_SSL && index == INDEX_FIRST)
            gap = 0;
    }
    if (index >= 0)
        index = o->CRYPTO_get_ex_new_index(class, 0, o, on_make, dup, on_end);
    return before >= 0 && index != before ? -1 : index;
}

/* Takes over what the libcrypto told another libssl's binding. */
static void copy_registration(struct openssl *o, const struct openssl *from)
{
    unsigned count = atomic_load_explicit(&from->libctx_count, memory_order_acquire);

    o->ssl_index = from->ssl_index;
    o->session_index = from->session_index;
    o->ctx_index = from->ctx_index;
    memcpy(o->libctx, from->libctx, sizeof o->libctx);
    atomic_store_explicit(&o->libctx_count, count, memory_order_release);
}

static bool register_once(struct openssl *o)
{
    /* Through void *: the type of `from_d` changed between 1.1.1 and 3.0, not its meaning. */
    CRYPTO_EX_dup *dup = (CRYPTO_EX_dup *)(void *)connection_ex_dup;
    unsigned count = atomic_load(&o->libctx_count);
    int ssl, session, ctx;

    if (count == LIBCTX_MAX)
        return false;
    ssl = get_index(o, CRYPTO_EX_INDEX_SSL, o->ssl_index, on_new_ssl, dup, connection_ex_free);
    session = get_index(o, CRYPTO_EX_INDEX_SSL_SESSION, o->session_index, NULL, NULL, NULL);
    ctx = get_index(o, CRYPTO_EX_INDEX_SSL_CTX, o->ctx_index, on_new, NULL, on_free);
    if (ssl < 0 || session < 0 || ctx < 0)
        return false;
    verify_param_learn(o);
    if (count == 0) { /* after that they are the same, and other threads read them */
        o->ssl_index = ssl;
        o->session_index = session;
        o->ctx_index = ctx;
    }
    o->libctx[count] = default_libctx(o);
    atomic_store_explicit(&o->libctx_count, count + 1, memory_order_release);
    return true;
}

bool context_register(struct openssl *o)
{
    struct openssl *first = openssl_sharing(o);

    if (!context_registered(first) && !register_once(first))
        return false;
    if (first != o)
        copy_registration(o, first);
    return true;
}

bool context_set_program_callback(struct openssl *o, SSL_CTX *ctx, cert_verify_callback *callback,
                                  void *arg)
{
    struct context *context = context_get(o, ctx);

    if (context == NULL)
        context = context_make(o, ctx, o->ctx_index);
    if (context == NULL)
        return false;
    atomic_store(&context->arg, arg);
    atomic_store(&context->callback, callback);
    return true;
}

cert_verify_callback *context_program_callback(struct openssl *o, const SSL_CTX *ctx, void **arg)
{
    struct context *context = context_get(o, ctx);
    cert_verify_callback *callback = context != NULL ? atomic_load(&context->callback) : NULL;

    if (callback != NULL)
        *arg = atomic_load(&context->arg);
    return callback;
}
