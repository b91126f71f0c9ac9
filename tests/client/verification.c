#include "tests/client/verification.h"

#include "tests/client/options.h"
#include "tests/client/visit.h"

/* How often "later" is said before there is an answer. */
enum { LATER_TIMES = 3 };

static const char cert_verify_arg[] = "what the program handed over";

static SSL *ssl_of(X509_STORE_CTX *store)
{
    return api.X509_STORE_CTX_get_ex_data(store, api.SSL_get_ex_data_X509_STORE_CTX_idx());
}

/* The program's callbacks are called as often as without a shim. */
static struct visit *count_call(X509_STORE_CTX *store)
{
    struct visit *v = api.SSL_get_ex_data(ssl_of(store), 0);

    v->verify_calls++;
    return v;
}

/* Lets everything pass, as too many do. */
static int verify_accept(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    count_call(store);
    api.X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

/* Switches verification off while it is under way, and accepts without touching the error. */
static int verify_switch(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    count_call(store);
    api.SSL_set_verify(ssl_of(store), SSL_VERIFY_NONE, verify_switch);
    return 1;
}

/* The same for what comes from the context. */
static int verify_switch_ctx(int ok, X509_STORE_CTX *store)
{
    struct visit *v = count_call(store);

    (void)ok;
    api.SSL_CTX_set_verify(v->ctx, SSL_VERIFY_NONE, NULL);
    return 1;
}

int verification_mode(void)
{
    return option_is(options.verify, "peer") ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
}

SSL_verify_cb verification_callback(void)
{
    return option_is(options.verify_switch, "during")       ? verify_switch
           : option_is(options.verify_switch, "ctx-during") ? verify_switch_ctx
           : option_is(options.verify_callback, "accept")   ? verify_accept
                                                            : NULL;
}

/* The call of a cert-verify callback, which must have got what the program gave. */
static struct visit *called_with(X509_STORE_CTX *store, void *arg)
{
    if (arg != (void *)cert_verify_arg)
        die("a cert-verify callback was called without its argument");
    return count_call(store);
}

static int cert_accept(X509_STORE_CTX *store, void *arg)
{
    called_with(store, arg);
    api.X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int cert_check(X509_STORE_CTX *store, void *arg)
{
    called_with(store, arg);
    return api.X509_verify_cert(store);
}

/* Accepts, and switches verification off. */
static int cert_switch(X509_STORE_CTX *store, void *arg)
{
    called_with(store, arg);
    api.SSL_set_verify(ssl_of(store), SSL_VERIFY_NONE, NULL);
    return 1;
}

/* Says "later" a few times. True when it is time for an answer. */
static int time_to_answer(X509_STORE_CTX *store, void *arg)
{
    struct visit *v = called_with(store, arg);

    if (v->verify_calls > LATER_TIMES)
        return 1;
    api.SSL_ctrl(ssl_of(store), SSL_CTRL_SET_RETRY_VERIFY, 0, NULL);
    return 0;
}

static int cert_later_accept(X509_STORE_CTX *store, void *arg)
{
    if (time_to_answer(store, arg))
        api.X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int cert_later_refuse(X509_STORE_CTX *store, void *arg)
{
    if (!time_to_answer(store, arg))
        return 1;
    api.X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

/* To libssl this is no "later", but a no: where it verifies nothing, the handshake goes on. */
static int cert_later_and_no(X509_STORE_CTX *store, void *arg)
{
    called_with(store, arg);
    api.SSL_ctrl(ssl_of(store), SSL_CTRL_SET_RETRY_VERIFY, 0, NULL);
    return 0;
}

static void set_cert_verify(SSL_CTX *ctx, const char *name)
{
    static const struct {
        const char *name;
        int (*callback)(X509_STORE_CTX *, void *);
    } callbacks[] = {
        {"accept", cert_accept},
        {"check", cert_check},
        {"switch", cert_switch},
        {"later-accept", cert_later_accept},
        {"later-refuse", cert_later_refuse},
        {"later-and-no", cert_later_and_no},
    };

    for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++)
        if (option_is(name, callbacks[i].name))
            api.SSL_CTX_set_cert_verify_callback(ctx, callbacks[i].callback,
                                                 (void *)cert_verify_arg);
}

/* Called when the client is to choose its certificate: the server's has been seen by then. */
static int on_cert(SSL *ssl, void *arg)
{
    (void)arg;
    api.SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    return 1;
}

void verification_for_context(SSL_CTX *ctx)
{
    api.SSL_CTX_set_verify(ctx, verification_mode(), verification_callback());
    if (option_is(options.cert_verify_when, "early"))
        set_cert_verify(ctx, options.cert_verify_callback);
    if (option_is(options.verify_switch, "cert"))
        api.SSL_CTX_set_cert_cb(ctx, on_cert, NULL);
}

void verification_for_ssl(SSL *ssl, SSL_CTX *ctx)
{
    if (option_is(options.cert_verify_when, "late"))
        set_cert_verify(ctx, options.cert_verify_callback);
    if (option_is(options.verify_switch, "before"))
        api.SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
}

void verification_in_info(struct visit *v, int where)
{
    if ((where & SSL_CB_LOOP) == 0)
        return;
    if (option_is(options.cert_verify_when, "info"))
        set_cert_verify(v->ctx, options.cert_verify_callback);
    if (option_is(options.verify_switch, "info"))
        api.SSL_set_verify(v->ssl, SSL_VERIFY_NONE, NULL);
}

void verification_after(SSL *ssl, SSL_CTX *ctx)
{
    if (!option_is(options.verify_switch, "after"))
        return;
    api.SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    api.SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    api.SSL_CTX_set_cert_verify_callback(ctx, NULL, NULL);
}
