#include "shim/lock.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

bool lock_try(struct lock *lock)
{
    int owner = 0;

    return atomic_compare_exchange_strong(&lock->owner, &owner, (int)syscall(SYS_gettid));
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
        /* Signal 0 only asks whether this process has such a thread. */
        if (tries % 64 == 63 && syscall(SYS_tgkill, getpid(), owner, 0) != 0 && errno == ESRCH &&
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
