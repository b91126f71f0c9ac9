/* Roads on which libssl's own BIO makes the handshake. */
#include <stdio.h>
#include <string.h>

#include "tests/client/options.h"
#include "tests/client/roads.h"

static int bio_write(struct visit *v, const char *data, int length)
{
    return api.BIO_write(v->bio, data, length);
}

static int bio_read(struct visit *v, char *data, int size)
{
    return api.BIO_read(v->bio, data, size);
}

/* BIO_do_connect and BIO_do_handshake are one. */
static int by_state_machine(struct visit *v)
{
    int result = (int)api.BIO_ctrl(v->bio, BIO_C_DO_STATE_MACHINE, 0, NULL);

    if (v->fd < 0)
        v->fd = api.SSL_get_fd(v->ssl);
    return result;
}

static int by_bio_write(struct visit *v)
{
    return api.BIO_write(v->bio, request, (int)strlen(request));
}

/* OpenSSL makes the socket. */
static void open_connect(struct visit *v)
{
    char where[128];

    v->bio = api.BIO_new_ssl_connect(v->ctx);
    if (!v->bio || api.BIO_ctrl(v->bio, BIO_C_GET_SSL, 0, &v->ssl) != 1)
        die("BIO_new_ssl_connect");
    snprintf(where, sizeof where, strchr(options.address, ':') ? "[%s]:%s" : "%s:%s",
             options.address, v->index > 0 && options.port2 ? options.port2 : options.port);
    api.BIO_ctrl(v->bio, BIO_C_SET_CONNECT, 0, where);
    visit_prepare(v, v->ssl);
    v->fd = -1;
}

/* A BIO_f_ssl pushed on a socket. */
static void open_pushed(struct visit *v)
{
    BIO *filter = api.BIO_new(api.BIO_f_ssl()), *below;

    v->ssl = api.SSL_new(v->ctx);
    if (!filter || !v->ssl)
        die("BIO_f_ssl");
    visit_prepare(v, v->ssl);
    api.SSL_set_connect_state(v->ssl);
    api.BIO_ctrl(filter, BIO_C_SET_SSL, BIO_CLOSE, v->ssl);
    v->fd = visit_socket(v);
    below = api.BIO_new_socket(v->fd, BIO_NOCLOSE);
    if (!below)
        die("BIO_new_socket");
    v->bio = api.BIO_push(filter, below);
}

const struct road bio_roads[] = {
    {"bio_connect", open_connect, by_state_machine, bio_write, bio_read, false, false},
    {"bio_handshake", open_pushed, by_state_machine, bio_write, bio_read, false, false},
    {"bio_chain", open_pushed, by_bio_write, bio_write, bio_read, true, false},
    {0},
};
