/* QUIC (RFC 9000, RFC 9001), as OpenSSL speaks it since 3.2: TLS 1.3 inside, and libssl drives the
 * handshake whatever the program calls. */
#include "tests/client/roads_quic.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>

#include "tests/client/options.h"
#include "tests/client/patience.h"
#include "tests/client/roads.h"

bool road_is_quic(void)
{
    return strncmp(options.road, "quic", 4) == 0;
}

#ifdef API_QUIC

const SSL_METHOD *quic_method(void)
{
    /* With a thread of OpenSSL's own beside it. */
    if (option_is(options.road, "quic_thread"))
        return api.OSSL_QUIC_client_thread_method();
    return api.OSSL_QUIC_client_method();
}

void quic_beside(void)
{
    SSL_CTX *ctx = options.quic_too ? api.SSL_CTX_new(api.OSSL_QUIC_client_method()) : NULL;
    SSL *ssl = ctx ? api.SSL_new(ctx) : NULL;

    if (options.quic_too && !ssl)
        die("--quic-too");
    api.SSL_free(ssl);
    api.SSL_CTX_free(ctx);
}

/* Waits for what QUIC waits for. False when the call is not to be made again. */
static bool again(struct visit *v, int result)
{
    struct timeval left;
    struct pollfd fd = {.fd = v->fd, .events = POLLIN};
    int error = api.SSL_get_error(v->ssl, result), infinite = 1, wait = -1;

    if (error == SSL_ERROR_WANT_RETRY_VERIFY)
        return true;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return false;
    if (api.SSL_get_event_timeout(v->ssl, &left, &infinite) == 1 && !infinite)
        wait = (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
    poll(&fd, 1, wait);
    api.SSL_handle_events(v->ssl);
    return true;
}

static void open_quic(struct visit *v, bool connected, bool blocking)
{
    static const unsigned char alpn[] = "\5tests"; /* QUIC asks for one */
    struct sockaddr_storage peer;
    BIO *bio;

    v->again = again;
    v->ssl = api.SSL_new(v->ctx);
    if (!v->ssl)
        die("SSL_new");
    visit_prepare(v, v->ssl);
    visit_address(v, &peer);
    v->fd = socket(peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (v->fd < 0 || (connected && connect(v->fd, (struct sockaddr *)&peer, sizeof peer) != 0))
        die("a socket for QUIC");
    bio = api.BIO_new_dgram(v->fd, BIO_NOCLOSE);
    if (!bio || (connected && api.BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer) != 1))
        die("BIO_new_dgram");
    api.SSL_set_bio(v->ssl, bio, bio);
    /* A BIO_ADDR is a socket address. */
    if (api.SSL_set_alpn_protos(v->ssl, alpn, sizeof alpn - 1) != 0 ||
        (!connected && api.SSL_set1_initial_peer_addr(v->ssl, (BIO_ADDR *)&peer) != 1) ||
        api.SSL_set_blocking_mode(v->ssl, blocking) != 1)
        die("QUIC");
}

static void open_blocking(struct visit *v)
{
    open_quic(v, true, true);
}

static void open_nonblocking(struct visit *v)
{
    open_quic(v, true, false);
}

static void open_unconnected(struct visit *v)
{
    open_quic(v, false, true);
}

const struct road quic_roads[] = {
    {"quic", open_blocking, patient_connect, patient_write, patient_read, false, false},
    {"quic_do_handshake", open_blocking, patient_do_handshake, patient_write, patient_read, false,
     false},
    {"quic_write", open_blocking, patient_request, patient_write, patient_read, true, false},
    {"quic_nonblocking", open_nonblocking, patient_connect, patient_write, patient_read, false,
     false},
    {"quic_nonblocking_write", open_nonblocking, patient_request, patient_write, patient_read, true,
     false},
    {"quic_unconnected", open_unconnected, patient_connect, patient_write, patient_read, false,
     false},
    {"quic_thread", open_blocking, patient_connect, patient_write, patient_read, false, false},
    {0},
};

#else

const SSL_METHOD *quic_method(void)
{
    die("QUIC came with OpenSSL 3.2");
}

void quic_beside(void)
{
    if (options.quic_too)
        quic_method();
}

const struct road quic_roads[] = {{0}};

#endif
