#include "cli/preload.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/loadable.h"

#define OBJECT "libpinshim.so"

/* What ld.so splits LD_PRELOAD at. */
#define SEPARATORS " :"

/* The directory of this executable; malloc'ed. */
static char *own_directory(void)
{
    char *self = realpath("/proc/self/exe", NULL), *slash = self ? strrchr(self, '/') : NULL;

    if (slash)
        *(slash == self ? slash + 1 : slash) = '\0';
    return self;
}

static char *find(char *why, size_t size)
{
    static const char *const places[] = {"/" OBJECT, "/../lib/pinshim/" OBJECT};
    char *directory = own_directory(), *path, *found = NULL;

    for (size_t i = 0; directory && !found && i < sizeof(places) / sizeof(places[0]); i++) {
        if (asprintf(&path, "%s%s", directory, places[i]) < 0)
            break;
        found = realpath(path, NULL);
        free(path);
    }
    if (!found)
        snprintf(why, size,
                 OBJECT " is neither in %s nor in ../lib/pinshim from there; build or "
                        "install pinshim again",
                 directory ? directory : "this program's directory");
    free(directory);
    return found;
}

/* Would the loader read this path as we mean it? It splits at spaces and colons, and replaces
 * $ORIGIN and the like. */
static bool can_be_carried(const char *path, char *why, size_t size)
{
    if (!strpbrk(path, SEPARATORS "\t\n\v\f\r$"))
        return true;
    snprintf(why, size,
             "LD_PRELOAD cannot carry the path %s: it has a space, a colon or a '$'; move pinshim "
             "to a directory without",
             path);
    return false;
}

/* Nobody but root and the user may have put code there (contract, "writable by others"). */
static bool is_ours(const char *path, char *why, size_t size)
{
    char directory[PATH_MAX];
    struct stat st, dir;
    const char *reason = NULL;

    snprintf(directory, sizeof(directory), "%s", path);
    if (stat(path, &st) != 0 || stat(dirname(directory), &dir) != 0)
        reason = strerror(errno);
    else if (!S_ISREG(st.st_mode))
        reason = "it is not a file";
    else if (st.st_uid != 0 && st.st_uid != geteuid())
        reason = "it belongs to neither root nor you; chown it";
    else if (st.st_mode & (S_IWGRP | S_IWOTH))
        reason = "others may write it; chmod go-w it";
    else if ((dir.st_mode & S_IWOTH) && !(dir.st_mode & S_ISVTX))
        reason = "others may write its directory; chmod o-w that";
    if (reason)
        snprintf(why, size, "will not preload %s: %s", path, reason);
    return !reason;
}

static bool can_be_loaded(const char *path, char *why, size_t size)
{
    struct statvfs mount;

    if (access(path, R_OK) != 0)
        snprintf(why, size, "cannot read %s: %m", path);
    else if (statvfs(path, &mount) == 0 && (mount.f_flag & ST_NOEXEC))
        snprintf(why, size, "%s lies on a file system mounted noexec, from where nothing is loaded",
                 path);
    else if (!loadable_object(path))
        snprintf(why, size,
                 "%s is no shared object for this machine; build or install pinshim "
                 "again",
                 path);
    else
        return true;
    return false;
}

char *preload_object(char *why, size_t size)
{
    char *path = find(why, size);

    if (path && can_be_carried(path, why, size) && is_ours(path, why, size) &&
        can_be_loaded(path, why, size))
        return path;
    free(path);
    return NULL;
}

static bool is_shim(const char *path, size_t length)
{
    size_t name = strlen(OBJECT);

    return length >= name && memcmp(path + length - name, OBJECT, name) == 0 &&
           (length == name || path[length - name - 1] == '/');
}

char *preload_value(const char *object, const char *before)
{
    size_t length = strlen(object), word;
    char *value = malloc(length + (before ? strlen(before) : 0) + 2);

    if (!value)
        return NULL;
    memcpy(value, object, length);
    for (; before && *before; before += word) {
        before += strspn(before, SEPARATORS);
        word = strcspn(before, SEPARATORS);
        if (word == 0 || is_shim(before, word))
            continue;
        value[length++] = ':';
        memcpy(value + length, before, word);
        length += word;
    }
    value[length] = '\0';
    return value;
}
