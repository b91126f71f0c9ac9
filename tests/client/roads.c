#include "tests/client/roads.h"

#include <poll.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/options.h"
#include "tests/client/patience.h"

/* Kept by the server for a second request after a renegotiation, else closed. */
const char *request = "GET / HTTP/1.0\r\n\r\n";

/* As servers do for a name; a client may as well. The SSL keeps the new context. */
static void switch_context(struct visit *v)
{
    SSL_CTX *other = context_new();

    if (api.SSL_set_SSL_CTX(v->ssl, other) != other)
        die("SSL_set_SSL_CTX");
    api.SSL_CTX_free(other);
    v->ctx = other;
}

/* Waits for what OpenSSL wants. False when it wants nothing. */
static bool wait_for(struct visit *v, int result)
{
    int error = api.SSL_get_error(v->ssl, result);
    struct pollfd fd = {.fd = v->fd};

    if (error == SSL_ERROR_WANT_RETRY_VERIFY)
        return true;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return false;
    fd.events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    poll(&fd, 1, -1);
    return true;
}

static void open_plain(struct visit *v)
{
    v->again = wait_for;
    v->ssl = api.SSL_new(v->ctx);
    if (!v->ssl)
        die("SSL_new");
    if (options.switch_ctx)
        switch_context(v);
    visit_prepare(v, v->ssl);
    v->fd = visit_socket(v);
    if (api.SSL_set_fd(v->ssl, v->fd) != 1)
        die("SSL_set_fd");
}

static void open_client(struct visit *v)
{
    open_plain(v);
    api.SSL_set_connect_state(v->ssl);
}

static int ssl_write(struct visit *v, const char *data, int length)
{
    return api.SSL_write(v->ssl, data, length);
}

static int ssl_read(struct visit *v, char *data, int size)
{
    return api.SSL_read(v->ssl, data, size);
}

static int by_connect(struct visit *v)
{
    return api.SSL_connect(v->ssl);
}

static int by_do_handshake(struct visit *v)
{
    return api.SSL_do_handshake(v->ssl);
}

static int by_write(struct visit *v)
{
    return api.SSL_write(v->ssl, request, (int)strlen(request));
}

static int by_read(struct visit *v)
{
    char greeting[64];

    return api.SSL_read(v->ssl, greeting, sizeof greeting);
}

/* Early data where the session or the key allows it, then the rest of the handshake. */
static int by_early_data(struct visit *v)
{
    const SSL_SESSION *session = api.SSL_get_session(v->ssl);
    bool allowed = options.psk || (session && api.SSL_SESSION_get_max_early_data(session) > 0);
    size_t written;

    if (allowed && api.SSL_write_early_data(v->ssl, request, strlen(request), &written) != 1)
        return 0;
    return api.SSL_connect(v->ssl);
}

/* What a copy does not carry along, the server name, is set anew. */
static void open_dup(struct visit *v)
{
    SSL *original = api.SSL_new(v->ctx);

    if (!original)
        die("SSL_new");
    visit_prepare(v, original);
    v->ssl = api.SSL_dup(original);
    api.SSL_free(original);
    if (!v->ssl)
        die("SSL_dup");
    visit_prepare(v, v->ssl);
    v->fd = visit_socket(v);
    if (api.SSL_set_fd(v->ssl, v->fd) != 1)
        die("SSL_set_fd");
}

/* A copy of what is connected is the thing itself, with a reference more. */
static int by_connect_and_dup(struct visit *v)
{
    int result = api.SSL_connect(v->ssl);
    SSL *copy = api.SSL_dup(v->ssl);

    if (!copy)
        die("SSL_dup");
    api.SSL_free(v->ssl);
    v->ssl = copy;
    return result;
}

/* A connection before this one with the same object; this one goes to the second server, when there
 * is one. */
static void open_clear(struct visit *v)
{
    char rest[4096];

    open_plain(v);
    if (api.SSL_connect(v->ssl) == 1 && api.SSL_write(v->ssl, request, (int)strlen(request)) > 0) {
        while (api.SSL_read(v->ssl, rest, sizeof rest) > 0)
            ;
        api.SSL_shutdown(v->ssl);
    }
    close(v->fd);
    if (api.SSL_clear(v->ssl) != 1)
        die("SSL_clear");
    v->index = 1;
    if (options.switch_ctx_between) { /* with nothing left of the first visit */
        switch_context(v);
        visit_prepare(v, v->ssl);
        api.SSL_set_session(v->ssl, NULL);
    }
    v->fd = visit_socket(v);
    if (api.SSL_set_fd(v->ssl, v->fd) != 1)
        die("SSL_set_fd");
}

static void open_nonblocking(struct visit *v)
{
    open_plain(v);
    if (fcntl(v->fd, F_SETFL, fcntl(v->fd, F_GETFL) | O_NONBLOCK) != 0)
        die("O_NONBLOCK");
}

static void open_nonblocking_client(struct visit *v)
{
    open_nonblocking(v);
    api.SSL_set_connect_state(v->ssl);
}

static const struct road ssl_roads[] = {
    {"connect", open_plain, by_connect, ssl_write, ssl_read, false, false},
    {"do_handshake", open_client, by_do_handshake, ssl_write, ssl_read, false, false},
    {"write", open_client, by_write, ssl_write, ssl_read, true, false},
    {"read", open_client, by_read, ssl_write, ssl_read, false, true},
    {"early_data", open_plain, by_early_data, ssl_write, ssl_read, false, false},
    {"dup", open_dup, by_connect, ssl_write, ssl_read, false, false},
    {"dup_after", open_plain, by_connect_and_dup, ssl_write, ssl_read, false, false},
    {"clear", open_clear, by_connect, ssl_write, ssl_read, false, false},
    {"clear_write", open_clear, by_write, ssl_write, ssl_read, true, false},
    {"nonblocking", open_nonblocking, patient_connect, patient_write, patient_read, false, false},
    {"nonblocking_write", open_nonblocking_client, patient_request, patient_write, patient_read,
     true, false},
    /* A blocking socket; only a verification may have to be waited for. */
    {"patient", open_plain, patient_connect, ssl_write, ssl_read, false, false},
    {0},
};

const struct road *road_find(const char *name)
{
    const struct road *const all[] = {ssl_roads, bio_roads, memory_roads, datagram_roads,
                                      quic_roads};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (const struct road *road = all[i]; road->name; road++)
            if (strcmp(road->name, name) == 0)
                return road;
    die("--road %s: there is none", name);
}
