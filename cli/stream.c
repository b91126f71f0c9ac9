#include "cli/stream.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool stream_wait(const struct stream *stream, short events)
{
    struct pollfd fd = {.fd = stream->fd, .events = events};

    for (;;) {
        int64_t left = stream->deadline - now();
        int n = left <= 0 ? 0 : poll(&fd, 1, left > INT_MAX ? INT_MAX : (int)left);

        if (n > 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ETIMEDOUT;
        return false;
    }
}

static bool connect_one(struct stream *stream, const struct addrinfo *at)
{
    int error = 0;
    socklen_t length = sizeof(error);

    stream->fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (stream->fd < 0)
        return false;
    if (connect(stream->fd, at->ai_addr, at->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS || !stream_wait(stream, POLLOUT))
        return false;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return false;
    errno = error;
    return error == 0;
}

bool stream_connect(const char *host, uint16_t port, unsigned seconds, struct stream *out,
                    char *why, size_t size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    char service[8];
    int64_t end = now() + (int64_t)seconds * 1000;
    unsigned left = 0;
    bool good = false;
    int error;

    *out = (struct stream){.fd = -1};
    snprintf(service, sizeof(service), "%u", port);
    error = getaddrinfo(host, service, &hints, &found);
    if (error != 0) {
        snprintf(why, size, "there is no address for %s: %s", host,
                 error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
        return false;
    }
    for (const struct addrinfo *at = found; at; at = at->ai_next)
        left++;
    for (const struct addrinfo *at = found; at && !good; at = at->ai_next) {
        int64_t start = now();

        out->deadline =
            start + (end - start) / left--; /* one that is silent leaves time for others */
        good = connect_one(out, at);
        error = errno;
        if (!good)
            stream_close(out);
    }
    freeaddrinfo(found);
    out->deadline = end;
    if (!good)
        snprintf(why, size, "cannot connect to %s port %u: %s", host, port, strerror(error));
    return good;
}

bool stream_read(const struct stream *stream, void *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = recv(stream->fd, (char *)data + done, length - done, 0);

        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0) {
            errno = 0;
            return false;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!stream_wait(stream, POLLIN))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool stream_write(const struct stream *stream, const void *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = send(stream->fd, (const char *)data + done, length - done, MSG_NOSIGNAL);

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!stream_wait(stream, POLLOUT))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

void stream_close(struct stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}
