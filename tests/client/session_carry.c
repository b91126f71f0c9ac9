#include "tests/client/session_carry.h"

#include "tests/client/options.h"

static SSL_SESSION *kept; /* by the callback; ours */

/* As curl and nginx keep theirs. */
static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    api.SSL_SESSION_free(kept);
    kept = session;
    return 1; /* the reference is ours */
}

void session_carry_prepare(SSL_CTX *ctx)
{
    if (!option_is(options.carry, "cache"))
        return;
    api.SSL_CTX_ctrl(ctx, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_CLIENT, NULL);
    api.SSL_CTX_sess_set_new_cb(ctx, on_new_session);
}

/* From a connection that has it and goes nowhere. */
static int offer_by_copy(SSL_CTX *ctx, SSL *ssl, SSL_SESSION *session)
{
    SSL *donor = api.SSL_new(ctx);
    int result;

    if (!donor || api.SSL_set_session(donor, session) != 1)
        die("SSL_set_session");
    result = api.SSL_copy_session_id(ssl, donor);
    api.SSL_free(donor);
    return result;
}

static int offer_a_dup(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION *dup = api.SSL_SESSION_dup(session);
    int result;

    if (!dup)
        die("SSL_SESSION_dup");
    result = api.SSL_set_session(ssl, dup);
    api.SSL_SESSION_free(dup);
    return result;
}

int session_carry_offer(SSL_CTX *ctx, SSL *ssl, SSL_SESSION *session)
{
    if (option_is(options.carry, "copy"))
        return offer_by_copy(ctx, ssl, session);
    if (option_is(options.carry, "dup"))
        return offer_a_dup(ssl, session);
    return api.SSL_set_session(ssl, session);
}

SSL_SESSION *session_carry_next(SSL *ssl)
{
    if (!option_is(options.carry, "cache"))
        return api.SSL_get1_session(ssl);
    /* TLS 1.2 makes no new session of a resumed one. */
    if (kept && api.SSL_SESSION_up_ref(kept) != 1)
        die("SSL_SESSION_up_ref");
    return kept;
}
