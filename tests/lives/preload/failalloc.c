/* Preloaded beside the shim: its allocations fail as failing.h says. With $PINSHIM_FAIL_DEEP those
 * count that libcrypto makes for the shim as well; with $PINSHIM_FAIL_RELOAD only what a reload
 * needs before it can begin. */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include "config/config.h"
#include "tests/lives/preload/caller.h"
#include "tests/lives/preload/failing.h"

#define CALLER __builtin_return_address(0)

/* Given by libc to those who replace its malloc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

/* Goes up through libcrypto (and libc's qsort and the like). */
static _Unwind_Reason_Code climb(struct _Unwind_Context *frame, void *found)
{
    const void *address = (const void *)_Unwind_GetIP(frame);

    if (caller_is_here(address) || caller_is_helper(address))
        return _URC_NO_REASON;
    *(bool *)found = caller_is_shim(address);
    return _URC_NORMAL_STOP;
}

static bool is_for_shim(const void *caller)
{
    static _Thread_local bool climbing;
    bool found = false;

    if (!getenv("PINSHIM_FAIL_DEEP"))
        return caller_is_shim(caller);
    if (climbing)
        return false;
    climbing = true;
    _Unwind_Backtrace(climb, &found);
    climbing = false;
    return found;
}

/* Is this the one to fail? `size` 0: of no known size. */
static bool fails_of(size_t size, const void *caller)
{
    if (getenv("PINSHIM_FAIL_RELOAD") && size != sizeof(struct config_error))
        return false;
    if (!failing_begun() || !is_for_shim(caller) || !failing())
        return false;
    errno = ENOMEM;
    return true;
}

static bool fails(const void *caller)
{
    return fails_of(0, caller);
}

void *malloc(size_t size)
{
    return fails(CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails_of(size, CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(CALLER) ? NULL : __libc_realloc(old, size);
}

#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

/* Where libconfuse is to find its memory, and compiled policies. */
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return fails(CALLER) ? MAP_FAILED : NEXT(mmap)(address, length, protection, flags, fd, offset);
}

/* What allocates inside libc, for the shim. */

void *reallocarray(void *old, size_t count, size_t size)
{
    return fails(CALLER) ? NULL : NEXT(reallocarray)(old, count, size);
}

char *strdup(const char *text)
{
    return fails(CALLER) ? NULL : NEXT(strdup)(text);
}

char *strndup(const char *text, size_t max)
{
    return fails(CALLER) ? NULL : NEXT(strndup)(text, max);
}

char *getcwd(char *buffer, size_t size)
{
    return !buffer && fails(CALLER) ? NULL : NEXT(getcwd)(buffer, size);
}

char *realpath(const char *path, char *buffer)
{
    return !buffer && fails(CALLER) ? NULL : NEXT(realpath)(path, buffer);
}

/* asprintf, as fortified headers call it. */
int __asprintf_chk(char **out, int flag, const char *format, ...);

int __asprintf_chk(char **out, int flag, const char *format, ...)
{
    va_list args;
    int length;

    (void)flag;
    if (fails(CALLER))
        return -1;
    va_start(args, format);
    length = vasprintf(out, format, args);
    va_end(args);
    return length;
}
