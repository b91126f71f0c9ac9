/* Sockets that events are sent to, and the places where daemons have theirs. */
#ifndef PINSHIM_TESTS_SUPPORT_DAEMON_H
#define PINSHIM_TESTS_SUPPORT_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#define SYSLOG_SOCKET "/dev/log"
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Gives this process, and what it starts, a /dev and a /run of its own, without daemons' sockets.
 * Skips the test where that cannot be had (it takes root). */
void daemon_own_places(void);

/* Binds a socket of datagrams at `path`, or, with `stream`, one that listens. What is at the path
 * is removed. Returns its descriptor. */
int daemon_listen(const char *path, bool stream);

/* Fills a socket of datagrams until it takes no more; and takes all out of it that is there. */
void daemon_stall(const char *path);
void daemon_drain(int fd);

/* Waits for something to receive; after DEADLINE seconds the test fails. */
void daemon_wait(int fd);

/* Receives the next message, which is there, NUL-terminated; its length. With a stream: what is
 * there of it. */
size_t daemon_receive(int fd, char *out, size_t size);

/* Accepts a connection that is there. */
int daemon_accept(int fd);

/* Is nothing more there? */
bool daemon_is_empty(int fd);

#endif
