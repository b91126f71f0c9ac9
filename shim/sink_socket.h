/* Sinks behind a Unix socket: connected when they are opened, and again when the other side has
 * gone. Nothing here waits. */
#ifndef PINSHIM_SHIM_SINK_SOCKET_H
#define PINSHIM_SHIM_SINK_SOCKET_H

#include <sys/uio.h>

#include "shim/sink_kind.h"

/* Connects to the socket at `path`, of whichever kind listens there: datagrams, else a stream. */
void sink_connect(struct sink *sink, const char *path);

/* Sends the parts as one message; the last of `count` only into a stream, to end the message there
 * (it may be empty). Connects first, or again, where that is needed. False when it is lost. */
bool sink_send(struct sink *sink, const char *path, struct iovec *parts, size_t count);

#endif
