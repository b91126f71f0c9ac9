#include "tests/support/server/datagram.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/support/server/context.h"

#define COOKIE "a cookie"

static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *length)
{
    (void)ssl;
    *length = (unsigned)strlen(COOKIE);
    memcpy(cookie, COOKIE, *length);
    return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned length)
{
    (void)ssl;
    return length == strlen(COOKIE) && memcmp(cookie, COOKIE, length) == 0;
}

void datagram_context(SSL_CTX *ctx)
{
    SSL_CTX_set_cookie_generate_cb(ctx, make_cookie);
    SSL_CTX_set_cookie_verify_cb(ctx, check_cookie);
}

int datagram_listen(const struct sockaddr *address, unsigned *port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } sa = {.v6 = {0}};
    socklen_t length = sizeof sa;
    const int on = 1;
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* The sockets of connections have the listener's port. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, address, sizeof sa) != 0 || getsockname(fd, &sa.any, &length) != 0)
        die("cannot listen for datagrams");
    *port = ntohs(sa.any.sa_family == AF_INET ? sa.v4.sin_port : sa.v6.sin6_port);
    return fd;
}

/* Makes of the listener a socket for this peer alone, so that the kernel sorts the datagrams, with
 * what it has received so far; and a new listener. */
static void split(struct connection *c, int *listener, const struct sockaddr_storage *peer)
{
    struct sockaddr_storage own = {0};
    socklen_t length = sizeof own;
    unsigned port;

    if (getsockname(*listener, (struct sockaddr *)&own, &length) != 0 ||
        connect(*listener, (const struct sockaddr *)peer, sizeof *peer) != 0)
        die("cannot connect to a client");
    c->fd = *listener;
    *listener = datagram_listen((struct sockaddr *)&own, &port);
}

/* A socket of its own for this peer, at another address than the one that the peer sent to. */
static void answer_from(struct connection *c, const char *address,
                        const struct sockaddr_storage *peer)
{
    struct sockaddr_storage own = {.ss_family = AF_INET};
    unsigned port;

    if (inet_pton(AF_INET, address, &((struct sockaddr_in *)&own)->sin_addr) != 1)
        die("--answer-from");
    c->fd = datagram_listen((struct sockaddr *)&own, &port);
    if (connect(c->fd, (const struct sockaddr *)peer, sizeof *peer) != 0)
        die("cannot connect to a client");
}

/* Answers ClientHellos without a cookie, and forgets them. True when one has it. */
static bool cookie_returned(SSL *ssl, int listener, struct sockaddr_storage *peer)
{
    BIO *bio = BIO_new_dgram(listener, BIO_NOCLOSE);
    BIO_ADDR *from = BIO_ADDR_new();
    bool returned;

    if (!bio || !from)
        die("out of memory");
    SSL_set_bio(ssl, bio, bio);
    returned = DTLSv1_listen(ssl, from) > 0 && BIO_dgram_get_peer(bio, peer) > 0;
    BIO_ADDR_free(from);
    return returned;
}

bool datagram_accept(struct connection *c, SSL_CTX *ctx, int *listener,
                     struct datagram_options *options)
{
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    char datagram[1];
    bool lose = options->lossy;

    options->lossy = false;
    if (recvfrom(*listener, datagram, sizeof datagram, lose ? 0 : MSG_PEEK,
                 (struct sockaddr *)&peer, &length) < 0 ||
        lose)
        return false;
    c->ssl = SSL_new(ctx);
    if (!c->ssl)
        die("SSL_new");
    if (options->cookie && !cookie_returned(c->ssl, *listener, &peer)) {
        SSL_free(c->ssl);
        return false;
    }
    if (options->answer_from)
        answer_from(c, options->answer_from, &peer);
    else
        split(c, listener, &peer);
    return true;
}

bool datagram_attach(struct connection *c)
{
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    BIO *bio = BIO_new_dgram(c->fd, BIO_NOCLOSE);

    if (!bio || getpeername(c->fd, (struct sockaddr *)&peer, &length) != 0)
        return false;
    BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
    SSL_set_bio(c->ssl, bio, bio);
    return true;
}

bool datagram_wait(struct connection *c, int result)
{
    struct timeval left = {0};
    struct pollfd fds[] = {{.fd = c->fd, .events = POLLIN}, {.fd = STDIN_FILENO}};
    int wait = -1;

    if (SSL_get_error(c->ssl, result) != SSL_ERROR_WANT_READ)
        return false;
    if (DTLSv1_get_timeout(c->ssl, &left) == 1)
        wait = (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
    if (poll(fds, 2, wait) == 0)
        return DTLSv1_handle_timeout(c->ssl) >= 0;
    return fds[0].revents != 0;
}
