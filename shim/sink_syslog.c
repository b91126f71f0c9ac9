/* syslog, past the C library: its syslog() has one connection, name and mask for the whole process,
 * and those are the program's. It opens its socket at the lowest free descriptor, writes to
 * whatever has that number after a daemon has closed it, waits for a daemon that does not read, and
 * drops what the program's setlogmask() does not want. What is sent here is what it sends (RFC 3164
 * section 4.1), but for the time: that would be local time, for which libc reads a file and keeps
 * state. Every daemon puts its own there, and the event has UTC. */
#include <string.h>
#include <sys/syslog.h>
#include <unistd.h>

#include "config/text.h"
#include "shim/sink_socket.h"

#define SOCKET "/dev/log"

static void open_socket(struct sink *sink)
{
    sink_connect(sink, SOCKET);
}

static bool write_line(struct sink *sink, const struct sink_line *line)
{
    char head[64];
    struct text text;

    text_init(&text, head, sizeof head);
    text_add_char(&text, '<');
    text_add_number(&text, LOG_USER | line->severity);
    text_add(&text, ">pinshim[");
    text_add_number(&text, getpid());
    text_add(&text, "]: ");
    struct iovec parts[] = {{head, text.length},
                            {(void *)line->text, line->length - 1},
                            {(void *)"", 1}}; /* a stream's messages end in NUL */
    return sink_send(sink, SOCKET, parts, 3);
}

const struct sink_kind sink_syslog = {"syslog", open_socket, write_line};
