/* Standard error, while descriptor 2 is what it was when the program started. */
#include <fcntl.h>
#include <unistd.h>

#include "shim/quiet.h"
#include "shim/sink.h"
#include "shim/sink_kind.h"

static struct file_identity identity;
static bool known;
static bool is_terminal;

void sink_remember_stderr(void)
{
    struct stat st;

    if (fstat(STDERR_FILENO, &st) != 0)
        return;
    identity = (struct file_identity){st.st_dev, st.st_ino};
    known = true;
    is_terminal = S_ISCHR(st.st_mode);
}

/* poll calls a terminal ready that has room for a part of a line, and then write waits. The flag
 * against that belongs to the open file, which others share, so it takes one of our own; for the
 * moment only, because an open terminal keeps its session from ending. */
static int open_own(void)
{
    return is_terminal ? open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
}

static bool write_line(struct sink *sink, const struct sink_line *line)
{
    struct stat st;
    bool written;
    int own;

    if (!known || fstat(STDERR_FILENO, &st) != 0 || !descriptor_is_same(&st, &identity))
        return false;
    own = open_own();
    written = sink_put(sink, own >= 0 ? own : STDERR_FILENO, st.st_mode, line);
    if (own >= 0)
        close(own);
    return written;
}

bool sink_write_stderr(const char *line, size_t length)
{
    struct sink sink = {.fd = -1};

    return write_line(&sink, &(struct sink_line){.text = line, .length = length});
}

const struct sink_kind sink_stderr = {"stderr", NULL, write_line};
