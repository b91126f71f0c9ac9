#include "shim/lock.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Does this process have no such thread? Signal 0 only asks. */
static bool is_gone(int thread)
{
    return syscall(SYS_tgkill, getpid(), thread, 0) != 0 && errno == ESRCH;
}

bool lock_try(struct lock *lock)
{
    int self = (int)syscall(SYS_gettid), saved = errno, owner = 0;
    bool taken = atomic_compare_exchange_strong(&lock->owner, &owner, self);

    if (!taken && owner != self && is_gone(owner))
        taken = atomic_compare_exchange_strong(&lock->owner, &owner, self);
    errno = saved;
    return taken;
}

bool lock_take(struct lock *lock)
{
    int self = (int)syscall(SYS_gettid), saved = errno;

    for (unsigned tries = 0;; tries++) {
        int owner = 0;
        if (atomic_compare_exchange_strong(&lock->owner, &owner, self))
            break;
        if (owner == self)
            return false;
        if (tries % 64 == 63 && is_gone(owner) &&
            atomic_compare_exchange_strong(&lock->owner, &owner, self))
            break;
        sched_yield();
    }
    errno = saved;
    return true;
}

void lock_release(struct lock *lock)
{
    atomic_store(&lock->owner, 0);
}
