/* The road of programs that keep their sockets to themselves: OpenSSL reads and writes memory. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tests/client/options.h"
#include "tests/client/roads.h"

static void open_memory(struct visit *v)
{
    BIO *in = api.BIO_new(api.BIO_s_mem()), *out = api.BIO_new(api.BIO_s_mem());

    v->ssl = api.SSL_new(v->ctx);
    if (!v->ssl || !in || !out)
        die("SSL_new");
    visit_prepare(v, v->ssl);
    api.BIO_ctrl(in, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
    api.BIO_ctrl(out, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
    api.SSL_set_bio(v->ssl, in, out);
    api.SSL_set_connect_state(v->ssl);
    v->fd = visit_socket(v);
}

/* What OpenSSL has written goes to the socket. What the last call left in errno stays. */
static void pump_out(struct visit *v)
{
    char buffer[4096];
    int n, saved = errno;

    while (api.BIO_ctrl(api.SSL_get_wbio(v->ssl), BIO_CTRL_PENDING, 0, NULL) > 0 &&
           (n = api.BIO_read(api.SSL_get_wbio(v->ssl), buffer, sizeof buffer)) > 0)
        if (write(v->fd, buffer, (size_t)n) != n)
            break;
    errno = saved;
}

/* The other way; false at the end of the stream. */
static bool pump_in(struct visit *v)
{
    char buffer[4096];
    ssize_t n = read(v->fd, buffer, sizeof buffer);

    return n > 0 && api.BIO_write(api.SSL_get_rbio(v->ssl), buffer, (int)n) == n;
}

/* Is the call to be made again? */
static bool again(struct visit *v, int result)
{
    int error;

    if (result > 0) {
        pump_out(v);
        return false;
    }
    error = api.SSL_get_error(v->ssl, result);
    pump_out(v);
    return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_RETRY_VERIFY ||
           (error == SSL_ERROR_WANT_READ && pump_in(v));
}

static int by_memory(struct visit *v)
{
    int result;

    while (again(v, result = api.SSL_do_handshake(v->ssl)))
        ;
    return result;
}

static int memory_write(struct visit *v, const char *data, int length)
{
    int result;

    while (again(v, result = api.SSL_write(v->ssl, data, length)))
        ;
    return result;
}

/* asyncio's way: the handshake is a first write. */
static int by_memory_write(struct visit *v)
{
    return memory_write(v, request, (int)strlen(request));
}

static int memory_read(struct visit *v, char *data, int size)
{
    int result;

    while (again(v, result = api.SSL_read(v->ssl, data, size)))
        ;
    return result;
}

/* A connection before this one with the same object and the same BIOs; this one goes to the second
 * server. */
static void open_memory_again(struct visit *v)
{
    char rest[4096];

    open_memory(v);
    if (by_memory(v) == 1 && memory_write(v, request, (int)strlen(request)) > 0)
        while (memory_read(v, rest, sizeof rest) > 0)
            ;
    close(v->fd);
    api.BIO_ctrl(api.SSL_get_rbio(v->ssl), BIO_CTRL_RESET, 0, NULL);
    api.BIO_ctrl(api.SSL_get_wbio(v->ssl), BIO_CTRL_RESET, 0, NULL);
    if (api.SSL_clear(v->ssl) != 1)
        die("SSL_clear");
    v->index = 1;
    v->fd = visit_socket(v);
}

const struct road memory_roads[] = {
    {"memory", open_memory, by_memory, memory_write, memory_read, false, false},
    {"memory_write", open_memory, by_memory_write, memory_write, memory_read, true, false},
    {"memory_again", open_memory_again, by_memory, memory_write, memory_read, false, false},
    {0},
};
