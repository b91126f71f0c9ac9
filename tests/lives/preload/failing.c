#include "tests/lives/preload/failing.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/lives/preload/caller.h"

static atomic_bool judging;

static unsigned long which(void)
{
    static unsigned long wanted;
    const char *text;

    if (wanted == 0) {
        text = getenv("PINSHIM_FAIL_AT");
        wanted = text ? strtoul(text, NULL, 10) : ~0UL;
    }
    return wanted;
}

bool failing(void)
{
    static atomic_ulong counted;
    unsigned long number = atomic_fetch_add(&counted, 1) + 1;

    if (number != which() && !(number > which() && getenv("PINSHIM_FAIL_ALL")))
        return false;
    caller_mark("PINSHIM_FAIL_MARK");
    return true;
}

bool failing_begun(void)
{
    return atomic_load(&judging) || !getenv("PINSHIM_FAIL_LATE");
}

/* Here a judgement begins. With $PINSHIM_FAIL_TOUCH that file's time changes with each, so that a
 * policy that was made from it is read again at the next look; with $PINSHIM_FAIL_NEXT, that one is
 * put into its place first. */
int getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
    int (*real)(int, struct sockaddr *, socklen_t *) = dlsym(RTLD_NEXT, "getpeername");
    const char *touch = getenv("PINSHIM_FAIL_TOUCH"), *next = getenv("PINSHIM_FAIL_NEXT");

    if (caller_is_shim(__builtin_return_address(0))) {
        if (touch && next)
            (void)rename(next, touch); /* no more than once: then it is gone */
        if (touch)
            utimensat(AT_FDCWD, touch, NULL, 0);
        atomic_store(&judging, true);
    }
    return real(fd, address, length);
}
