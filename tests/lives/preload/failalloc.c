/* Preloaded beside the shim: the shim's allocation number $FAILALLOC fails, or from that one on
 * all. $FAILALLOC_ALL makes the second. */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lives/preload/caller.h"

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

/* Given by libc to those who replace its malloc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_ulong counted;

static unsigned long which(void)
{
    static unsigned long wanted;
    const char *text;

    if (wanted == 0) {
        text = getenv("FAILALLOC");
        wanted = text ? strtoul(text, NULL, 10) : ~0UL;
    }
    return wanted;
}

/* Is this the one to fail? */
static bool fails(const void *caller)
{
    unsigned long number;

    if (!caller_is_shim(caller))
        return false;
    number = atomic_fetch_add(&counted, 1) + 1;
    if (number != which() && !(number > which() && getenv("FAILALLOC_ALL")))
        return false;
    caller_mark("FAILALLOC_MARK");
    errno = ENOMEM;
    return true;
}

EXPORT void *malloc(size_t size)
{
    return fails(CALLER) ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    return fails(CALLER) ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    return fails(CALLER) ? NULL : __libc_realloc(old, size);
}

/* What allocates inside libc, for the shim. */

#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
    return fails(CALLER) ? NULL : NEXT(reallocarray)(old, count, size);
}

EXPORT char *strdup(const char *text)
{
    return fails(CALLER) ? NULL : NEXT(strdup)(text);
}

EXPORT char *strndup(const char *text, size_t max)
{
    return fails(CALLER) ? NULL : NEXT(strndup)(text, max);
}

EXPORT char *getcwd(char *buffer, size_t size)
{
    return !buffer && fails(CALLER) ? NULL : NEXT(getcwd)(buffer, size);
}

EXPORT char *realpath(const char *path, char *buffer)
{
    return !buffer && fails(CALLER) ? NULL : NEXT(realpath)(path, buffer);
}

/* asprintf, as fortified headers call it. */
EXPORT int __asprintf_chk(char **out, int flag, const char *format, ...);

EXPORT int __asprintf_chk(char **out, int flag, const char *format, ...)
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
