/* A TCP connection that waits for nobody longer than it is allowed to. */
#ifndef PINSHIM_CLI_STREAM_H
#define PINSHIM_CLI_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream {
    int fd;           /* does not block; -1: closed */
    int64_t deadline; /* milliseconds of the monotonic clock, for all that is done with it */
};

/* Connects to a name or address, to whichever of its addresses answers; `seconds` are for all that
 * follows too. On failure false, and the reason in `why`. Close with stream_close. */
bool stream_connect(const char *host, uint16_t port, unsigned seconds, struct stream *out,
                    char *why, size_t size);

/* Waits for POLLIN or POLLOUT. False when the time is up; errno is ETIMEDOUT then. */
bool stream_wait(const struct stream *stream, short events);

/* Reads exactly, writes all. False, with errno; 0 when the other side has closed. Never reads what
 * it was not asked for: behind it TLS may begin. */
bool stream_read(const struct stream *stream, void *data, size_t length);
bool stream_write(const struct stream *stream, const void *data, size_t length);

void stream_close(struct stream *stream);

#endif
