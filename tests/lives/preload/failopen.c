/* Preloaded beside the shim: what gives it a descriptor fails as failing.h says, for want of one.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "tests/lives/preload/caller.h"
#include "tests/lives/preload/failing.h"

#define CALLER __builtin_return_address(0)
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

/* Is this the one to fail? */
static bool fails(const void *caller)
{
    if (!failing_begun() || !caller_is_shim(caller) || !failing())
        return false;
    errno = EMFILE;
    return true;
}

static mode_t mode_of(int flags, va_list args)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list args;                                                                              \
        mode_t mode;                                                                               \
                                                                                                   \
        va_start(args, flags);                                                                     \
        mode = mode_of(flags, args);                                                               \
        va_end(args);                                                                              \
        return fails(CALLER) ? -1 : NEXT(name)(path, flags, mode);                                 \
    }

OPEN(open)
OPEN(open64)

/* As fortified headers call it. */
int __open_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
    return fails(CALLER) ? -1 : NEXT(__open_2)(path, flags);
}

DIR *opendir(const char *path)
{
    return fails(CALLER) ? NULL : NEXT(opendir)(path);
}

static int control(const void *caller, int (*real)(int, int, ...), int fd, int command, void *value)
{
    bool another = command == F_DUPFD || command == F_DUPFD_CLOEXEC;

    return another && fails(caller) ? -1 : real(fd, command, value);
}

#define CONTROL(name)                                                                              \
    int name(int fd, int command, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        void *value;                                                                               \
                                                                                                   \
        va_start(args, command);                                                                   \
        value = va_arg(args, void *);                                                              \
        va_end(args);                                                                              \
        return control(CALLER, NEXT(name), fd, command, value);                                    \
    }

CONTROL(fcntl)
CONTROL(fcntl64)
