/* A file that lines are appended to, through rotations of it. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "shim/environment.h"
#include "shim/sink_kind.h"

/* Does it end within a line, which a process that was killed has left? Looked at through a
 * descriptor for the moment: one that a pipe is written through must not read. */
static bool ends_in_line(const struct sink *sink)
{
    struct stat st;
    char last;
    bool torn;
    int fd;

    if (!S_ISREG(sink->type))
        return false;
    fd = open(sink->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    torn = fstat(fd, &st) == 0 && descriptor_is_same(&st, &sink->identity) &&
           lseek(fd, -1, SEEK_END) >= 0 && read(fd, &last, 1) == 1 && last != '\n';
    close(fd);
    return torn;
}

static void open_file(struct sink *sink)
{
    int fd =
        open(sink->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

    if (fd < 0)
        return;
    sink_take(sink, fd);
    sink->torn = sink->fd >= 0 && ends_in_line(sink);
}

/* Is there another file in the open one's place, or none? Where the process has another root by
 * now, what it finds under the path says nothing. */
static bool was_moved(const struct sink *sink)
{
    struct stat named;

    if (stat(sink->path, &named) == 0)
        return !descriptor_is_same(&named, &sink->identity);
    return errno == ENOENT && environment_has_root();
}

/* Makes the open file the one that the path names, if it can be; after chroot or setuid the old one
 * is all there is. False when there is none, or nobody will find what is written there. */
static bool check_file(struct sink *sink)
{
    struct sink old = *sink;
    struct stat st;
    bool ours = sink_is_open(sink);
    bool removed = ours && fstat(sink->fd, &st) == 0 && st.st_nlink == 0;

    if (ours && !removed && !was_moved(sink))
        return true;
    sink->fd = -1;
    open_file(sink);
    if (sink->fd < 0 && ours) {
        *sink = old;
        return !removed;
    }
    if (ours)
        close(old.fd);
    return sink->fd >= 0;
}

static bool write_line(struct sink *sink, const struct sink_line *line)
{
    struct stat st;

    if (!check_file(sink))
        return false;
    if (sink->torn && fstat(sink->fd, &st) == 0 && st.st_size == 0) /* emptied since */
        sink->torn = false;
    return sink_put(sink, sink->fd, sink->type, line);
}

const struct sink_kind sink_file = {"file:", open_file, write_line};
