#include "shim/quiet.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* To a socket MSG_DONTWAIT keeps it from waiting; a pipe that is ready takes all of a line, which
 * is at most PIPE_BUF long. Nothing else is called: a sandbox may kill for what it does not expect.
 */
static ssize_t write_once(int fd, mode_t type, const char *data, size_t length)
{
    return S_ISSOCK(type) ? send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                          : write(fd, data, length);
}

/* Takes a pending one of `signals` away, unless it was pending before: then it is the program's. */
static void take_away(sigset_t *signals, const sigset_t *pending)
{
    static const int numbers[] = {SIGPIPE, SIGXFSZ};
    struct timespec now = {0, 0};

    sigemptyset(signals);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!sigismember(pending, numbers[i]))
            sigaddset(signals, numbers[i]);
    while (sigtimedwait(signals, NULL, &now) < 0 && errno == EINTR)
        ;
}

ssize_t quiet_write(int fd, mode_t type, const char *data, size_t length)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    sigset_t signals, pending, old;
    ssize_t written;

    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0 || (ready.revents & POLLERR) != 0)
        return -1;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    /* A terminal stops a process in the background for writing (stty tostop), unless it blocks
     * this; then it may write. */
    sigaddset(&signals, SIGTTOU);
    if (sigpending(&pending) != 0 || pthread_sigmask(SIG_BLOCK, &signals, &old) != 0)
        return -1;
    do
        written = write_once(fd, type, data, length);
    while (written < 0 && errno == EINTR);
    if (written < 0 && (errno == EPIPE || errno == EFBIG))
        take_away(&signals, &pending);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return written;
}
