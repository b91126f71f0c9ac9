#include "shim/lock.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
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

int64_t lock_clock(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool lock_take(struct lock *lock)
{
    return lock_take_until(lock, INT64_MAX);
}

bool lock_take_until(struct lock *lock, int64_t until)
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
        /* Asked each time: where many threads run, the others' turns come between. */
        if (until != INT64_MAX && lock_clock() >= until) {
            errno = saved;
            return false;
        }
        sched_yield();
    }
    errno = saved;
    return true;
}

void lock_release(struct lock *lock)
{
    atomic_store(&lock->owner, 0);
}
