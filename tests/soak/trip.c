#include "tests/soak/trip.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST "GET / HTTP/1.1\r\n\r\n"
#define ANSWER "HTTP/1.1 204\r\n\r\n"

enum { SOCKETS_EVERY = 16 }; /* the others are over memory, which is faster */

/* No more turns than this are needed to tell who waits for whom. */
enum { TURNS = 20 };

struct ends {
    SSL *client, *server;
    int fds[2];
};

void traveller_open(struct traveller *t, SSL_CTX *const *servers)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    *t = (struct traveller){.client = SSL_CTX_new(TLS_client_method()), .servers = servers};
    must(t->client != NULL, "no client");
    SSL_CTX_set_session_cache_mode(t->client, SSL_SESS_CACHE_OFF);
    t->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(t->listener >= 0 && bind(t->listener, (struct sockaddr *)&here, sizeof here) == 0 &&
             listen(t->listener, 4) == 0,
         "no socket to listen on");
}

void traveller_close(struct traveller *t)
{
    SSL_SESSION_free(t->session);
    SSL_CTX_free(t->client);
    close(t->listener);
}

static void join_by_memory(struct ends *ends)
{
    BIO *there = BIO_new(BIO_s_mem()), *back = BIO_new(BIO_s_mem());

    must(there && back && BIO_up_ref(there) == 1 && BIO_up_ref(back) == 1, "no memory BIO");
    BIO_set_mem_eof_return(there, -1);
    BIO_set_mem_eof_return(back, -1);
    SSL_set_bio(ends->client, back, there);
    SSL_set_bio(ends->server, there, back);
}

/* Closed by a reset, so that no port is kept waiting. */
static void join_by_socket(struct ends *ends, int listener)
{
    const struct linger at_once = {.l_onoff = 1};
    struct sockaddr_in there;
    socklen_t length = sizeof there;

    must(getsockname(listener, (struct sockaddr *)&there, &length) == 0, "no port");
    ends->fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(ends->fds[0] >= 0 && connect(ends->fds[0], (struct sockaddr *)&there, sizeof there) == 0 &&
             (ends->fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0 &&
             fcntl(ends->fds[0], F_SETFL, O_NONBLOCK) == 0 &&
             setsockopt(ends->fds[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0,
         "no connection");
    must(SSL_set_fd(ends->client, ends->fds[0]) == 1 && SSL_set_fd(ends->server, ends->fds[1]) == 1,
         "no socket BIO");
}

static void open_ends(struct traveller *t, enum peer peer, struct ends *ends)
{
    *ends = (struct ends){SSL_new(t->client), SSL_new(t->servers[peer]), {-1, -1}};
    must(ends->client && ends->server, "no SSL");
    if (t->number++ % SOCKETS_EVERY == 0)
        join_by_socket(ends, t->listener);
    else
        join_by_memory(ends);
    SSL_set_connect_state(ends->client);
    SSL_set_accept_state(ends->server);
    must(SSL_set_tlsext_host_name(ends->client, PEER_KINDS[peer].host) == 1, "no name");
    if (peer == LEAF_GOOD && t->session != NULL && t->number % 3 == 0)
        must(SSL_set_session(ends->client, t->session) == 1, "no session");
}

/* Will trying again help, once the other side had its turn? */
static bool waits(SSL *ssl, int result)
{
    int error = SSL_get_error(ssl, result);

    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* Over a socket what was written may still be on its way. */
static void await_arrival(SSL *ssl)
{
    struct pollfd fd = {.fd = SSL_get_fd(ssl), .events = POLLIN};

    if (fd.fd >= 0)
        must(poll(&fd, 1, 20 * 1000) == 1, "nothing arrives");
}

/* By turns, until the client is done or refuses. */
static bool shake_hands(struct ends *ends)
{
    for (int turn = 0; turn < TURNS; turn++) {
        int client = SSL_do_handshake(ends->client);
        if (client == 1)
            return true;
        if (!waits(ends->client, client))
            return false;
        ERR_clear_error();
        await_arrival(ends->server);
        SSL_do_handshake(ends->server);
        ERR_clear_error();
        await_arrival(ends->client);
    }
    return false;
}

/* Does the one side get what the other writes? */
static bool passes(SSL *from, SSL *to, const char *text)
{
    char buffer[100];

    if (SSL_write(from, text, (int)strlen(text)) <= 0)
        ERR_clear_error(); /* what it wrote all the same is looked for */
    for (int turn = 0; turn < TURNS; turn++) {
        int n = SSL_read(to, buffer, sizeof buffer);
        bool again = n <= 0 && waits(to, n);
        ERR_clear_error();
        must(n <= 0 || (n == (int)strlen(text) && memcmp(buffer, text, (size_t)n) == 0),
             "what arrived is not what was sent");
        if (n > 0)
            return true;
        if (!again)
            return false;
        await_arrival(to);
    }
    return false;
}

struct trip_result trip(struct traveller *t, enum peer peer)
{
    struct trip_result result = {0};
    struct ends ends;

    ERR_clear_error();
    open_ends(t, peer, &ends);
    result.handshake = shake_hands(&ends);
    result.resumed = SSL_session_reused(ends.client) == 1;
    ERR_clear_error();
    result.received = passes(ends.client, ends.server, REQUEST);
    result.answered = result.received && passes(ends.server, ends.client, ANSWER);
    if (peer == LEAF_GOOD && result.answered) {
        SSL_SESSION_free(t->session);
        t->session = SSL_get1_session(ends.client);
    }
    SSL_shutdown(ends.client);
    SSL_free(ends.client);
    SSL_free(ends.server);
    ERR_clear_error();
    for (int i = 0; i < 2; i++)
        if (ends.fds[i] >= 0)
            close(ends.fds[i]);
    return result;
}
