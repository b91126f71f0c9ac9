#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/put_file.h"

/* What a new file of the user's would have. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* May the file be replaced? An empty one may. */
static bool is_alike(const char *path, const char *data, size_t same)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char begin[64];
    struct stat state;
    ssize_t n = 0;

    if (fd < 0) {
        if (errno == ENOENT)
            return true;
        cli_error("cannot write %s: %m", path);
        return false;
    }
    if (fstat(fd, &state) == 0 && S_ISREG(state.st_mode))
        n = read(fd, begin, same < sizeof(begin) ? same : sizeof(begin));
    close(fd);
    if (S_ISREG(state.st_mode) && (n == 0 || (n > 0 && memcmp(begin, data, (size_t)n) == 0)))
        return true;
    cli_error("%s is there already and is something else; it is left as it is", path);
    return false;
}

bool output_replace(const char *path, const char *data, size_t length, size_t same)
{
    char *temporary;
    bool good = false;
    int fd;

    if (!is_alike(path, data, same))
        return false;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        cli_error("out of memory");
        return false;
    }
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0) {
        good = fchmod(fd, usual_mode()) == 0 && write_all(fd, data, length) && fsync(fd) == 0 &&
               rename(temporary, path) == 0;
        if (!good) {
            cli_error("cannot write %s: %m", path);
            unlink(temporary);
        }
        close(fd);
    } else {
        cli_error("cannot write %s: %m", path);
    }
    free(temporary);
    return good;
}

bool output_new(const char *path, const char *data, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool good;

    if (fd < 0 && errno == EEXIST) {
        cli_error("%s is there already, and is left as it is; name another file", path);
        return false;
    }
    good = fd >= 0 && write_all(fd, data, length) && fsync(fd) == 0;
    if (!good) {
        cli_error("cannot write %s: %m", path);
        if (fd >= 0)
            unlink(path);
    }
    if (fd >= 0)
        close(fd);
    return good;
}
