#include "tests/support/server/quic.h"

#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/support/server/context.h"

#if OPENSSL_VERSION_NUMBER >= 0x30500000L && !defined OPENSSL_NO_QUIC

#    include <openssl/quic.h>

/* Alerts are errors of the connection from here on (RFC 9001 section 4.8). */
enum { CRYPTO_ERROR = 0x100 };

const SSL_METHOD *quic_method(void)
{
    return OSSL_QUIC_server_method();
}

/* Waits for a datagram, or for QUIC's own timers. False when standard input has ended and there is
 * no datagram. */
static bool wait_for_events(SSL *ssl, int fd)
{
    struct timeval left;
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO}};
    int infinite = 1, wait = -1, ready;

    if (SSL_get_event_timeout(ssl, &left, &infinite) == 1 && !infinite)
        wait = (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
    ready = poll(fds, 2, wait);
    SSL_handle_events(ssl);
    return ready == 0 || fds[0].revents != 0;
}

bool quic_wait(struct connection *c, int result)
{
    int error = SSL_get_error(c->ssl, result);

    return (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) &&
           wait_for_events(c->ssl, c->fd);
}

bool quic_accept(struct connection *c)
{
    SSL_CONN_CLOSE_INFO info = {0};
    int result;

    while ((result = SSL_do_handshake(c->ssl)) != 1 && quic_wait(c, result))
        ;
    if (result != 1 && SSL_get_conn_close_info(c->ssl, &info, sizeof info) == 1 &&
        (info.flags & SSL_CONN_CLOSE_FLAG_LOCAL) == 0 && info.error_code >= CRYPTO_ERROR &&
        info.error_code < CRYPTO_ERROR + 0x100)
        c->alert = (int)(info.error_code - CRYPTO_ERROR);
    return result == 1;
}

void quic_conclude(struct connection *c)
{
    SSL_stream_conclude(c->ssl, 0);
}

static void serve_one(SSL *ssl, int fd, const struct answer *answer)
{
    static unsigned accepted;
    struct connection c = {
        .number = accepted++, .fd = fd, .ssl = ssl, .transport = OVER_QUIC, .alert = -1};

    SSL_set_blocking_mode(ssl, 0);
    connection_serve(&c, answer);
    if (!connection_record(&c))
        die("cannot write a record");
    SSL_free(ssl);
}

void quic_serve(SSL_CTX *ctx, int fd, const struct answer *answer)
{
    SSL *listener = SSL_new_listener(ctx, 0), *ssl;

    if (!listener || SSL_set_fd(listener, fd) != 1 || SSL_set_blocking_mode(listener, 0) != 1 ||
        SSL_listen(listener) != 1)
        die("cannot listen for QUIC");
    do
        while ((ssl = SSL_accept_connection(listener, SSL_ACCEPT_CONNECTION_NO_BLOCK)))
            serve_one(ssl, fd, answer);
    while (wait_for_events(listener, fd));
    SSL_free(listener);
}

#else

const SSL_METHOD *quic_method(void)
{
    die("--quic: since OpenSSL 3.5");
}

void quic_serve(SSL_CTX *ctx, int listener, const struct answer *answer)
{
    (void)ctx, (void)listener, (void)answer;
}

bool quic_accept(struct connection *c)
{
    (void)c;
    return false;
}

bool quic_wait(struct connection *c, int result)
{
    (void)c, (void)result;
    return false;
}

void quic_conclude(struct connection *c)
{
    (void)c;
}

#endif
