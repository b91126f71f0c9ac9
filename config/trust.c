#include "config/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool owner_trusted(uid_t owner, uid_t user)
{
    return owner == 0 || owner == user;
}

/* `path` names the directory up to its last slash; the file in it was found good. Whose the
 * directory is does not matter: what its owner puts in the file's place is the owner's. */
static bool directory_trusted(const char *path, char *why, size_t size)
{
    char *directory = strdup(path);
    char *slash = directory == NULL ? NULL : strrchr(directory, '/');
    struct stat st;
    bool good = false;

    if (slash != NULL)
        slash[slash == directory] = '\0';
    if (directory == NULL)
        snprintf(why, size, "there is not enough memory");
    else if (stat(slash == NULL ? "." : directory, &st) != 0)
        snprintf(why, size, "its directory cannot be looked at: %m");
    else if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
        snprintf(why, size, "others may write its directory and so replace it; chmod o-w \"%s\"",
                 slash == NULL ? "." : directory);
    else
        good = true;
    free(directory);
    return good;
}

bool trusted_file(const char *path, const struct stat *st, uid_t user, char *why, size_t size)
{
    char *real;
    bool good;

    if (!owner_trusted(st->st_uid, user)) {
        snprintf(why, size, "it belongs to user %u; it must belong to root or to user %u",
                 (unsigned)st->st_uid, (unsigned)user);
        return false;
    }
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        snprintf(why, size, "its mode is %04o: others may write it; chmod go-w \"%s\"",
                 (unsigned)st->st_mode & 07777, path);
        return false;
    }
    /* A link is replaced where it lies, its target where that lies. */
    real = realpath(path, NULL);
    good =
        directory_trusted(path, why, size) && (real == NULL || directory_trusted(real, why, size));
    free(real);
    return good;
}

bool trusted_directory(const char *path, const struct stat *st, uid_t user, char *why, size_t size)
{
    if (!owner_trusted(st->st_uid, user))
        snprintf(why, size, "it belongs to user %u; it must belong to root or to user %u",
                 (unsigned)st->st_uid, (unsigned)user);
    else if ((st->st_mode & S_IWOTH) != 0 && (st->st_mode & S_ISVTX) == 0)
        snprintf(why, size, "its mode is %04o: others may write it; chmod o-w \"%s\"",
                 (unsigned)st->st_mode & 07777, path);
    else
        return true;
    return false;
}

uint8_t *read_whole(int fd, size_t limit, size_t *length, char *why, size_t size)
{
    size_t room = 4096, n = 0;
    uint8_t *data = malloc(room + 1), *more;
    ssize_t got;

    while (data != NULL && (got = pread(fd, data + n, room - n, (off_t)n)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (n += (size_t)got) > limit) {
            if (got < 0)
                snprintf(why, size, "it cannot be read: %m");
            else
                snprintf(why, size, "it is larger than %zu octets", limit);
            free(data);
            return NULL;
        }
        if (n == room) {
            room *= 2;
            more = realloc(data, room + 1);
            if (more == NULL)
                free(data);
            data = more;
        }
    }
    if (data == NULL) {
        snprintf(why, size, "there is not enough memory to read it");
        return NULL;
    }
    data[n] = '\0';
    *length = n;
    return data;
}

uint8_t *trusted_read(const char *path, uid_t user, size_t limit, size_t *length, char *why,
                      size_t size, bool *unreadable)
{
    struct stat st;
    uint8_t *data = NULL;
    bool regular;
    /* O_NONBLOCK: a FIFO in the file's place must not hold the program up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (unreadable != NULL)
        *unreadable = fd < 0;
    if (fd < 0) {
        snprintf(why, size, "it cannot be read: %m");
        return NULL;
    }
    regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (unreadable != NULL)
        *unreadable = !regular;
    if (!regular)
        snprintf(why, size, "it is not a regular file");
    else if (trusted_file(path, &st, user, why, size))
        data = read_whole(fd, limit, length, why, size);
    close(fd);
    return data;
}

bool trusted_path(const char *path, uid_t user, char *why, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    bool good = false;

    if (fd < 0) {
        snprintf(why, size, "it cannot be read: %m");
        return false;
    }
    if (fstat(fd, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
        snprintf(why, size, "it is no file and no directory");
    else if (S_ISDIR(st.st_mode))
        good = trusted_directory(path, &st, user, why, size);
    else
        good = trusted_file(path, &st, user, why, size);
    close(fd);
    return good;
}
