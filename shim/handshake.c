#include "shim/handshake.h"

#include "shim/backstop.h"
#include "shim/connection.h"
#include "shim/context.h"
#include "shim/guest.h"
#include "shim/peer.h"
#include "shim/refusal.h"
#include "shim/runtime.h"
#include "shim/session.h"
#include "shim/socket.h"
#include "shim/traffic.h"

/* Here, whatever road led here, and with all that the program will have said of the peer. A
 * renegotiation goes on from the session it has. */
static void drop_unwanted_session(struct openssl *o, SSL *ssl)
{
    SSL_SESSION *session = o->SSL_get_session(ssl);

    if (session == NULL || o->SSL_get_state(ssl) != TLS_ST_BEFORE ||
        !session_unwanted(o, ssl, session, true))
        return;
    o->ERR_set_mark();
    o->SSL_set_session(ssl, NULL);
    o->ERR_pop_to_mark();
}

static void on_start(struct openssl *o, SSL *ssl)
{
    if (o->SSL_get_state(ssl) == TLS_ST_EARLY_DATA)
        return; /* the same handshake goes on behind its early data */
    connection_restart(o, ssl);
    socket_note_datagram(o, ssl);
    traffic_start(o, ssl);
    drop_unwanted_session(o, ssl);
}

/* The ClientHello is out and early data is next. */
static void on_early_data(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);

    if (connection == NULL || !connection->refused)
        backstop_early_data(o, ssl);
}

/* The program gets its own info callback back where callers may look past our hooks: if there is
 * another handshake, its ClientHello brings ours in again. */
static void give_back_info(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);

    if ((connection == NULL || !connection->refused) && context_all_see_hellos())
        o->SSL_set_info_callback(ssl, connection != NULL ? connection->program_info : NULL);
    connection_finish(ssl);
}

static void on_fatal_alert(struct openssl *o, SSL *ssl, int where)
{
    if ((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT)
        refusal_attach_words(o, ssl);
    /* A handshake that ends like this is not reported done. */
    if (o->SSL_get_info_callback(ssl) == handshake_info)
        give_back_info(o, ssl);
}

static void on_finish(struct openssl *o, SSL *ssl)
{
    struct connection *connection = connection_get(o, ssl);

    if (connection == NULL || !connection->judged)
        backstop_finished(o, ssl);
    else
        connection->judged = false; /* that was for this handshake */
    give_back_info(o, ssl);
}

bool handshake_reclaim_info(struct openssl *o, SSL *ssl)
{
    info_callback *set = o->SSL_get_info_callback(ssl);

    if (set == handshake_info)
        return true;
    connection_restart(o, ssl);
    if (!connection_set_program_info(o, ssl, set))
        return false;
    socket_note_datagram(o, ssl);
    traffic_start(o, ssl);
    o->SSL_set_info_callback(ssl, handshake_info);
    return true;
}

static bool is_fatal_alert(int where, int ret)
{
    return (where & SSL_CB_ALERT) != 0 && ret >> 8 == SSL3_AL_FATAL;
}

/* What matters of a client's handshake. */
static void on_event(struct openssl *o, SSL *ssl, int where, int ret)
{
    struct guest guest = guest_enter();

    if ((where & SSL_CB_HANDSHAKE_START) != 0)
        on_start(o, ssl);
    else if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && o->SSL_get_state(ssl) == TLS_ST_EARLY_DATA)
        on_early_data(o, ssl); /* libssl calls it done: it stops here to let the data out */
    else if ((where & SSL_CB_HANDSHAKE_DONE) != 0)
        on_finish(o, ssl);
    else if (is_fatal_alert(where, ret))
        on_fatal_alert(o, ssl, where);
    guest_leave(&guest);
}

/* A certificate may be what comes next, and a cert-verify callback have been set meanwhile. */
static void on_displaced(struct openssl *o, SSL *ssl)
{
    struct guest guest;

    if (o->SSL_is_server(ssl))
        return;
    handshake_follow_steps();
    guest = guest_enter();
    context_reclaim_callback(o, o->SSL_get_SSL_CTX(ssl));
    guest_leave(&guest);
}

static atomic_bool steps_matter;

void handshake_follow_steps(void)
{
    if (!atomic_load_explicit(&steps_matter, memory_order_acquire)) /* threads share the line */
        atomic_store_explicit(&steps_matter, true, memory_order_release);
}

/* There is something to do, or somebody to tell. */
static __attribute__((noinline)) void on_info(struct openssl *o, SSL *ssl, int where, int ret)
{
    info_callback *program = connection_program_info(o, ssl);

    if ((where & (SSL_CB_HANDSHAKE_START | SSL_CB_HANDSHAKE_DONE)) != 0 ||
        is_fatal_alert(where, ret)) {
        if (!o->SSL_is_server(ssl))
            on_event(o, ssl, where, ret);
        else if (o->SSL_get_info_callback(ssl) == handshake_info)
            give_back_info(o, ssl); /* a server is none of our business */
    }
    if (program != NULL) {
        handshake_follow_steps();
        program(ssl, where, ret);
    }
    if ((where & (SSL_CB_LOOP | SSL_CB_HANDSHAKE_START)) != 0 &&
        context_is_displaced(o, o->SSL_get_SSL_CTX(ssl)))
        on_displaced(o, ssl);
}

/* Called some twenty times in a handshake: most are left at once. */
void handshake_info(const SSL *seen, int where, int ret)
{
    SSL *ssl = (SSL *)seen; /* libssl passes its own object; const only keeps programs honest */
    struct openssl *o;

    if ((where & (SSL_CB_HANDSHAKE_START | SSL_CB_HANDSHAKE_DONE | SSL_CB_ALERT)) == 0 &&
        !atomic_load_explicit(&steps_matter, memory_order_acquire))
        return;
    o = openssl_of(ssl);
    on_info(o != NULL ? o : openssl_at(0), ssl, where, ret);
}

/* Somebody has displaced ours past our hooks, and there may be no ClientHello to see it. Without
 * memory, in enforce, the program goes without its own. */
static __attribute__((noinline)) void reclaim_at_start(struct openssl *o, SSL *ssl)
{
    struct guest guest = guest_enter();

    if (context_some_see_none() && o->SSL_get_state(ssl) == TLS_ST_BEFORE &&
        !handshake_reclaim_info(o, ssl) && runtime_enforces())
        o->SSL_set_info_callback(ssl, handshake_info);
    guest_leave(&guest);
}

int handshake_run(struct openssl *o, SSL *ssl, bool connects, int (*real)(SSL *))
{
    struct connection *connection;
    struct guest guest;
    int result;

    if (ssl != NULL && o->SSL_get_info_callback(ssl) != handshake_info &&
        (connects || !o->SSL_is_server(ssl)))
        reclaim_at_start(o, ssl);
    result = real(ssl);
    connection = ssl == NULL ? NULL : connection_get(o, ssl);

    if (connection == NULL || !connection->refused)
        return result;
    guest = guest_enter();
    if (result > 0) {
        refusal_queue(o, connection->words);
        result = -1;
    }
    refusal_attach_words(o, ssl);
    guest_leave(&guest);
    return result;
}
