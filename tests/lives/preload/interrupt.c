/* Preloaded beside the shim: raises SIGUSR2 in a thread that is in the middle of writing an event
 * (there the shim looks, with poll, whether it may write). Only where the program handles that. */
#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>

#include "tests/lives/preload/caller.h"

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    int (*real)(struct pollfd *, nfds_t, int) = dlsym(RTLD_NEXT, "poll");
    struct sigaction action;

    if (caller_is_shim(__builtin_return_address(0)) && sigaction(SIGUSR2, NULL, &action) == 0 &&
        action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
        caller_mark("INTERRUPT_MARK");
        raise(SIGUSR2);
    }
    return real(fds, count, timeout);
}
