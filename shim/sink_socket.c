#include "shim/sink_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool connect_as(struct sink *sink, int type, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return false;
    }
    sink_take(sink, fd);
    sink->stream = type == SOCK_STREAM;
    return true;
}

void sink_connect(struct sink *sink, const char *path)
{
    if (!connect_as(sink, SOCK_DGRAM, path) && errno == EPROTOTYPE)
        connect_as(sink, SOCK_STREAM, path);
}

static bool send_all(struct sink *sink, struct iovec *parts, size_t count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = sink->stream ? count : count - 1};
    ssize_t whole = 0, sent;

    for (size_t i = 0; i < message.msg_iovlen; i++)
        whole += (ssize_t)parts[i].iov_len;
    do
        sent = sendmsg(sink->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0 && sent < whole) {
        sink_close(sink); /* what would come next is no message */
        errno = EAGAIN;
    }
    return sent == whole;
}

/* Nobody is there any more, and somebody else may be. */
static bool peer_has_gone(int error)
{
    return error == ECONNREFUSED || error == ECONNRESET || error == EPIPE || error == ENOTCONN ||
           error == EDESTADDRREQ;
}

bool sink_send(struct sink *sink, const char *path, struct iovec *parts, size_t count)
{
    if (sink_is_open(sink)) {
        if (send_all(sink, parts, count))
            return true;
        if (!peer_has_gone(errno))
            return false;
        sink_close(sink);
    }
    sink->fd = -1;
    sink_connect(sink, path);
    return sink->fd >= 0 && send_all(sink, parts, count);
}
