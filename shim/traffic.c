#include "shim/traffic.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "shim/connection.h"

enum { TRIES = 3 };

/* What waits in a BIO that holds octets itself. Others are not asked: they are the program's. */
static uint64_t waiting(struct openssl *o, BIO *bio, int command)
{
    int type = o->BIO_method_type(bio);
    long length =
        type == BIO_TYPE_MEM || type == BIO_TYPE_BIO ? o->BIO_ctrl(bio, command, 0, NULL) : 0;

    return length > 0 ? (uint64_t)length : 0;
}

void traffic_start(struct openssl *o, SSL *ssl)
{
    BIO *rbio = o->SSL_get_rbio(ssl), *wbio = o->SSL_get_wbio(ssl);
    uint64_t received = rbio == NULL ? 0 : o->BIO_number_read(rbio),
             sent = wbio == NULL ? 0 : o->BIO_number_written(wbio);
    struct connection *connection;

    if (received == 0 && sent == 0)
        return;
    connection = connection_make(o, ssl);
    if (connection != NULL) {
        connection->sent_before = sent;
        connection->received_before = received;
    }
}

struct traffic traffic_of(struct openssl *o, SSL *ssl)
{
    BIO *rbio = o->SSL_get_rbio(ssl), *wbio = o->SSL_get_wbio(ssl);
    struct traffic carried = {.stream = strncmp(o->SSL_get_version(ssl), "DTLS", 4) != 0};
    const struct connection *connection = connection_get(o, ssl);
    uint64_t held;

    if (rbio == NULL || wbio == NULL)
        return carried;
    carried.received = o->BIO_number_read(rbio);
    carried.unread = waiting(o, rbio, BIO_CTRL_PENDING);
    carried.sent = o->BIO_number_written(wbio);
    /* A memory BIO says what can be read from it, one of a pair what its other half has not read.
     */
    held = waiting(o, wbio, BIO_CTRL_WPENDING) +
           (wbio == rbio ? 0 : waiting(o, wbio, BIO_CTRL_PENDING));
    if (connection != NULL && connection->sent_before <= carried.sent &&
        connection->received_before <= carried.received) {
        carried.sent -= connection->sent_before;
        carried.received -= connection->received_before;
    }
    carried.sent -= held < carried.sent ? held : carried.sent;
    return carried;
}

/* By the kernel's counts (Linux 4.19; getsockopt tells how much of them there is). */
static bool count(int fd, struct traffic *out)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int before = -1, after;

    if (ioctl(fd, FIONREAD, &after) != 0)
        return false;
    for (int i = 0; i < TRIES && before != after; i++) { /* more may come meanwhile */
        before = after;
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
            length <
                offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans ||
            ioctl(fd, FIONREAD, &after) != 0)
            return false;
    }
    out->sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes;
    out->received = info.tcpi_bytes_received - (uint64_t)before;
    return before == after;
}

/* IPPROTO_TCP alone has counts that hold: those of MPTCP are of one of its paths. */
static int protocol_of(int fd)
{
    int protocol = 0;
    socklen_t length = sizeof protocol;

    return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 ? protocol : 0;
}

enum traffic_fit traffic_fit(const struct traffic *carried, int fd)
{
    int protocol = protocol_of(fd);
    struct traffic over;

    if (protocol == IPPROTO_UDP && carried->stream)
        return TRAFFIC_OTHER;
    if (protocol != IPPROTO_TCP || carried->sent == 0 || !count(fd, &over))
        return TRAFFIC_POSSIBLE;           /* at its start any may be it */
    if (over.received < carried->received) /* of `sent`, the program may hold some back */
        return TRAFFIC_OTHER;
    return over.sent == carried->sent && (over.received == carried->received ||
                                          over.received == carried->received + carried->unread)
               ? TRAFFIC_EXACT
               : TRAFFIC_POSSIBLE;
}
