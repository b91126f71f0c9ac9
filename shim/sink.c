#include "shim/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shim/descriptor.h"
#include "shim/lock.h"

struct sink {
    char *path; /* NULL: stderr */
    int fd;
    mode_t type; /* st_mode */
    struct file_identity identity;
};

static struct sink sinks[SINKS_MAX];
static atomic_uint sink_count; /* also read without the lock */
static struct file_identity stderr_identity;
static bool stderr_known;
static bool stderr_is_terminal;
static struct lock lock; /* over the descriptors of the sinks; no write under it waits */

void sink_remember_stderr(void)
{
    struct stat st;

    if (fstat(STDERR_FILENO, &st) != 0)
        return;
    stderr_identity = (struct file_identity){st.st_dev, st.st_ino};
    stderr_known = true;
    stderr_is_terminal = S_ISCHR(st.st_mode);
}

static void open_file(struct sink *sink)
{
    struct stat st;
    int fd =
        open(sink->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

    if (fd >= 0)
        fd = descriptor_move_high(fd);
    if (fd < 0 || fstat(fd, &st) != 0)
        return;
    sink->fd = fd;
    sink->type = st.st_mode;
    sink->identity = (struct file_identity){st.st_dev, st.st_ino};
}

/* Opens the sink `name`; false when memory is short. */
static bool open_sink(struct sink *sink, const char *name)
{
    *sink = (struct sink){.fd = -1};
    if (strncmp(name, "file:", 5) == 0) {
        sink->path = strdup(name + 5);
        if (sink->path == NULL)
            return false;
        open_file(sink);
    }
    return true;
}

bool sink_add(const char *name)
{
    if (strcmp(name, "none") == 0)
        return true;
    if (sink_count == SINKS_MAX || !open_sink(&sinks[sink_count], name))
        return false;
    sink_count++;
    return true;
}

/* Takes the sink that writes to `path` out of `old`; false when there is none. */
static bool take_over(struct sink old[SINKS_MAX], const char *path, struct sink *out)
{
    for (unsigned i = 0; i < SINKS_MAX; i++)
        if (old[i].path != NULL && strcmp(old[i].path, path) == 0) {
            *out = old[i];
            old[i].path = NULL;
            return true;
        }
    return false;
}

static void close_sink(struct sink *sink)
{
    struct stat st;

    if (sink->path != NULL && sink->fd >= 0 && fstat(sink->fd, &st) == 0 &&
        descriptor_is_same(&st, &sink->identity))
        close(sink->fd);
    free(sink->path);
}

/* The new ones are put in place at once, for a fork that another thread makes meanwhile. */
void sink_replace(const char *const *names, unsigned count)
{
    struct sink old[SINKS_MAX] = {0}, new[SINKS_MAX];
    unsigned made = 0;

    if (!lock_take(&lock))
        return;
    memcpy(old, sinks, sink_count * sizeof *old);
    for (unsigned i = 0; i < count && made < SINKS_MAX; i++)
        if (strcmp(names[i], "none") == 0)
            continue;
        else if ((strncmp(names[i], "file:", 5) == 0 && take_over(old, names[i] + 5, &new[made])) ||
                 open_sink(&new[made], names[i]))
            made++;
    memcpy(sinks, new, made * sizeof *new);
    sink_count = made;
    for (unsigned i = 0; i < SINKS_MAX; i++)
        close_sink(&old[i]);
    lock_release(&lock);
}

/* One write that neither waits nor raises a signal. To a socket MSG_DONTWAIT says so; a pipe that
 * is ready takes all of a line, which is at most PIPE_BUF long. Nothing else is called: a sandbox
 * may kill for what it does not expect. */
static ssize_t write_once(int fd, mode_t type, const char *line, size_t length)
{
    return S_ISSOCK(type) ? send(fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                          : write(fd, line, length);
}

/* Writes without waiting, and without a SIGPIPE or SIGXFSZ that the program would see. */
static void write_quietly(int fd, mode_t type, const char *line, size_t length)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    struct timespec now = {0, 0};
    sigset_t signals, pending, old;
    ssize_t written;

    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0 || (ready.revents & POLLERR) != 0)
        return;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    if (sigpending(&pending) != 0 || pthread_sigmask(SIG_BLOCK, &signals, &old) != 0)
        return;
    /* What was pending before is the program's, and stays. */
    if (sigismember(&pending, SIGPIPE))
        sigdelset(&signals, SIGPIPE);
    if (sigismember(&pending, SIGXFSZ))
        sigdelset(&signals, SIGXFSZ);
    do
        written = write_once(fd, type, line, length);
    while (written < 0 && errno == EINTR);
    if (written < 0 && (errno == EPIPE || errno == EFBIG))
        while (sigtimedwait(&signals, NULL, &now) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void sink_write_stderr(const char *line, size_t length)
{
    struct stat st;
    int own = -1;

    if (!stderr_known || fstat(STDERR_FILENO, &st) != 0 ||
        !descriptor_is_same(&st, &stderr_identity))
        return;
    /* poll calls a terminal ready that has room for a part of a line, and then write waits. The
     * flag against that belongs to the open file, which others share, so it takes one of our own;
     * for the moment only, because an open terminal keeps its session from ending. */
    if (stderr_is_terminal)
        own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    write_quietly(own >= 0 ? own : STDERR_FILENO, st.st_mode, line, length);
    if (own >= 0)
        close(own);
}

/* The file may have been rotated, and the program may have closed our descriptor and got its
 * number for something of its own. */
static void check_file(struct sink *sink)
{
    struct stat st, named;
    bool ours =
        sink->fd >= 0 && fstat(sink->fd, &st) == 0 && descriptor_is_same(&st, &sink->identity);
    bool removed = ours && st.st_nlink == 0;
    bool moved = ours && !removed && stat(sink->path, &named) == 0 &&
                 !descriptor_is_same(&named, &sink->identity);
    int old = sink->fd;

    if (ours && !moved && !removed)
        return;
    sink->fd = -1;
    open_file(sink);
    if (sink->fd < 0 && ours)
        sink->fd = old; /* after chroot or setuid the old one is all there is */
    else if (ours)
        close(old);
}

bool sink_is_there(void)
{
    return atomic_load(&sink_count) > 0;
}

void sink_write(const char *line, size_t length)
{
    if (!lock_take(&lock))
        return;
    for (unsigned i = 0; i < sink_count; i++) {
        struct sink *sink = &sinks[i];
        if (sink->path == NULL) {
            sink_write_stderr(line, length);
            continue;
        }
        check_file(sink);
        if (sink->fd >= 0)
            write_quietly(sink->fd, sink->type, line, length);
    }
    lock_release(&lock);
}
