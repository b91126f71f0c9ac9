/* Preloaded into the command, or beside the shim: ends the process by SIGKILL at call number
 * $PINSHIM_DIE_AT of those by which they change files, before it is made. With $PINSHIM_DIE_TORN a
 * write is done by half first. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLER __builtin_return_address(0)
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

/* Is it the command that calls, or the shim? */
static bool is_ours(const void *caller)
{
    const char *slash;
    Dl_info info;

    if (dladdr(caller, &info) == 0 || (slash = strrchr(info.dli_fname, '/')) == NULL)
        return false;
    return strcmp(slash, "/pinshim") == 0 || strcmp(slash, "/libpinshim.so") == 0;
}

/* Counts a call. Is it the one? */
static bool is_time(const void *caller)
{
    static atomic_ulong counted;
    const char *number = getenv("PINSHIM_DIE_AT");

    return number != NULL && is_ours(caller) &&
           atomic_fetch_add(&counted, 1) + 1 == strtoul(number, NULL, 10);
}

static void die_in_time(const void *caller)
{
    if (is_time(caller))
        kill(getpid(), SIGKILL);
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (is_time(CALLER)) {
        if (getenv("PINSHIM_DIE_TORN") && NEXT(write)(fd, data, size / 2) < 0)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    return NEXT(write)(fd, data, size);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    if ((flags & (O_CREAT | O_TRUNC)) != 0)
        die_in_time(CALLER);
    return NEXT(open)(path, flags, mode);
}

/* The name, its parameters, and these as it is called with. */
#define DEADLY(name, parameters, ...)                                                              \
    int name parameters                                                                            \
    {                                                                                              \
        die_in_time(CALLER);                                                                       \
        return NEXT(name)(__VA_ARGS__);                                                            \
    }

DEADLY(mkostemp, (char *template, int flags), template, flags)
DEADLY(mkstemp, (char *template), template)
DEADLY(fsync, (int fd), fd)
DEADLY(fdatasync, (int fd), fd)
DEADLY(fchmod, (int fd, mode_t mode), fd, mode)
DEADLY(ftruncate, (int fd, off_t length), fd, length)
DEADLY(rename, (const char *from, const char *to), from, to)
DEADLY(renameat, (int a, const char *from, int b, const char *to), a, from, b, to)
DEADLY(link, (const char *from, const char *to), from, to)
DEADLY(unlink, (const char *path), path)
DEADLY(mkdir, (const char *path, mode_t mode), path, mode)
