#include "cli/put_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool write_all(int fd, const void *from, size_t length)
{
    const char *data = from;

    while (length > 0) {
        ssize_t n = write(fd, data, length);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            data += n;
            length -= (size_t)n;
        }
    }
    return true;
}

/* As the file that it replaces, if there is one. */
static bool dress(int fd, const char *path, mode_t mode)
{
    struct stat old, own;

    if (stat(path, &old) != 0)
        return errno == ENOENT && fchmod(fd, mode) == 0;
    if (!S_ISREG(old.st_mode)) {
        errno = EINVAL;
        return false;
    }
    if (fstat(fd, &own) != 0)
        return false;
    if ((old.st_uid != own.st_uid || old.st_gid != own.st_gid) &&
        fchown(fd, old.st_uid, old.st_gid) != 0)
        return false;
    return fchmod(fd, old.st_mode & 07777) == 0; /* after fchown, which may clear bits */
}

bool put_file_write(const char *path, const void *data, size_t length, mode_t mode,
                    struct put_file *out, char *why, size_t size)
{
    char *real = realpath(path, NULL), *slash;
    bool good = false;
    int fd = -1;

    *out = (struct put_file){.path = real ? real : strdup(path)};
    slash = out->path ? strrchr(out->path, '/') : NULL;
    /* Names that begin with a dot are no part of a config. */
    if (out->path &&
        asprintf(&out->temporary, "%.*s.%s.XXXXXX", slash ? (int)(slash - out->path) + 1 : 0,
                 out->path, slash ? slash + 1 : out->path) < 0)
        out->temporary = NULL;
    if (out->temporary)
        fd = mkostemp(out->temporary, O_CLOEXEC);
    else
        errno = ENOMEM;
    if (fd >= 0) {
        good = write_all(fd, data, length) && dress(fd, out->path, mode) && fsync(fd) == 0;
        if (!good) {
            int saved = errno;

            unlink(out->temporary);
            errno = saved;
        }
        close(fd);
    }
    if (good)
        return true;
    snprintf(why, size, "%s cannot be written: %s; nothing has changed", path, strerror(errno));
    free(out->path);
    free(out->temporary);
    *out = (struct put_file){0};
    return false;
}

/* The rename itself is on disk only when its directory is. */
static void sync_directory(const char *path)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

bool put_file_place(struct put_file *file, char *why, size_t size)
{
    bool good = rename(file->temporary, file->path) == 0;

    if (good)
        sync_directory(file->path);
    else
        snprintf(why, size, "%s cannot be put in place: %s", file->path, strerror(errno));
    if (!good)
        unlink(file->temporary);
    free(file->path);
    free(file->temporary);
    *file = (struct put_file){0};
    return good;
}

void put_file_drop(struct put_file *file)
{
    if (file->temporary)
        unlink(file->temporary);
    free(file->path);
    free(file->temporary);
    *file = (struct put_file){0};
}
