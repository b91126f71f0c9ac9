/* DTLS (RFC 6347), over sockets that are connected and sockets that are not. */
#include "tests/client/roads_datagram.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tests/client/options.h"
#include "tests/client/patience.h"
#include "tests/client/roads.h"

enum { QUICK = 100000 }; /* us: for --quick-timer */

bool road_is_dtls(void)
{
    return strncmp(options.road, "dtls", 4) == 0;
}

static unsigned quick_timer(SSL *ssl, unsigned before)
{
    (void)ssl;
    return before ? 2 * before : QUICK;
}

/* Waits as long as DTLS says, and has the last flight sent again when nothing came. False when the
 * call is not to be made again. */
static bool again(struct visit *v, int result)
{
    struct timeval left = {0};
    struct pollfd fd = {.fd = v->fd, .events = POLLIN};
    int error = api.SSL_get_error(v->ssl, result), wait = -1;

    if (error == SSL_ERROR_WANT_RETRY_VERIFY)
        return true;
    if (error != SSL_ERROR_WANT_READ)
        return false;
    if (api.SSL_ctrl(v->ssl, DTLS_CTRL_GET_TIMEOUT, 0, &left) > 0)
        wait = (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
    if (poll(&fd, 1, wait) > 0)
        return true;
    v->timed_out = true;
    return api.SSL_ctrl(v->ssl, DTLS_CTRL_HANDLE_TIMEOUT, 0, NULL) >= 0;
}

static void open_datagram(struct visit *v, bool connected, bool blocking)
{
    struct sockaddr_storage peer = {0};
    BIO *bio;

    v->again = again;
    v->ssl = api.SSL_new(v->ctx);
    if (!v->ssl)
        die("SSL_new");
    visit_prepare(v, v->ssl);
    visit_address(v, &peer);
    v->fd = socket(peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (v->fd < 0 || (connected && connect(v->fd, (struct sockaddr *)&peer, sizeof peer) != 0) ||
        (!blocking && fcntl(v->fd, F_SETFL, fcntl(v->fd, F_GETFL) | O_NONBLOCK) != 0))
        die("a socket for datagrams");
    bio = api.BIO_new_dgram(v->fd, BIO_NOCLOSE);
    if (!bio ||
        api.BIO_ctrl(bio, connected ? BIO_CTRL_DGRAM_SET_CONNECTED : BIO_CTRL_DGRAM_SET_PEER, 0,
                     &peer) != 1)
        die("BIO_new_dgram");
    api.SSL_set_bio(v->ssl, bio, bio);
    if (options.quick_timer)
        api.DTLS_set_timer_cb(v->ssl, quick_timer);
    api.SSL_set_connect_state(v->ssl);
}

static void open_connected(struct visit *v)
{
    open_datagram(v, true, true);
}

static void open_unconnected(struct visit *v)
{
    open_datagram(v, false, true);
}

static void open_nonblocking(struct visit *v)
{
    open_datagram(v, true, false);
}

static void open_unconnected_nonblocking(struct visit *v)
{
    open_datagram(v, false, false);
}

const struct road datagram_roads[] = {
    {"dtls", open_connected, patient_connect, patient_write, patient_read, false, false},
    {"dtls_do_handshake", open_connected, patient_do_handshake, patient_write, patient_read, false,
     false},
    {"dtls_write", open_connected, patient_request, patient_write, patient_read, true, false},
    {"dtls_nonblocking", open_nonblocking, patient_connect, patient_write, patient_read, false,
     false},
    {"dtls_unconnected", open_unconnected, patient_connect, patient_write, patient_read, false,
     false},
    {"dtls_unconnected_write", open_unconnected_nonblocking, patient_request, patient_write,
     patient_read, true, false},
    {0},
};
