/* Somebody's own socket: a line a datagram, or lines in a stream. */
#include "shim/sink_socket.h"

static void open_socket(struct sink *sink)
{
    sink_connect(sink, sink->path);
}

static bool write_line(struct sink *sink, const struct sink_line *line)
{
    struct iovec parts[] = {{(void *)line->text, line->length}, {NULL, 0}};

    return sink_send(sink, sink->path, parts, 2);
}

const struct sink_kind sink_unix = {"unix:", open_socket, write_line};
