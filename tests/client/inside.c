/* For clients that carry the shim inside (tests/sanitize), in place of its hooks of dlsym. */
#include <dlfcn.h>
#include <errno.h>

#include "shim/hooks.h"

void *hook_next(const char *name)
{
    int saved = errno;
    void *next = dlsym(RTLD_NEXT, name);

    errno = saved;
    return next;
}
