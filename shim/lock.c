#include "shim/lock.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Beside the owner's thread id (which is below 2^22): somebody sleeps. */
enum { WAITED = 1 << 30 };

/* Does this process have no such thread? Signal 0 only asks. */
static bool is_gone(int thread)
{
    return syscall(SYS_tgkill, getpid(), thread, 0) != 0 && errno == ESRCH;
}

bool lock_try(struct lock *lock)
{
    int self = (int)syscall(SYS_gettid), saved = errno, owner = 0;
    bool taken = atomic_compare_exchange_strong(&lock->owner, &owner, self);

    if (!taken && (owner & ~WAITED) != self && is_gone(owner & ~WAITED))
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

/* Sleeps until the lock is released, or the clock says `until`. Where a filter forbids futex, this
 * is a busy wait. */
static void sleep_for(struct lock *lock, int owner, int64_t until)
{
    int64_t rest = until - lock_clock();
    long longest[2] = {0, (long)rest * 1000000}; /* the kernel's timespec, not this libc's */

    if (rest > 0 && syscall(SYS_futex, &lock->owner, FUTEX_WAIT_PRIVATE, owner, longest) != 0 &&
        errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        sched_yield();
}

bool lock_take(struct lock *lock)
{
    unsigned turns = UINT_MAX;
    return lock_take_within(lock, &turns);
}

bool lock_take_within(struct lock *lock, unsigned *turns)
{
    int self = (int)syscall(SYS_gettid), saved = errno, waited = 0, owner = 0;
    int64_t until = 0; /* the turn's end */

    while (!atomic_compare_exchange_strong(&lock->owner, &owner, self | waited)) {
        if ((owner & ~WAITED) == self || *turns == 0) {
            errno = saved;
            return false;
        }
        if (lock_clock() >= until) {
            if (is_gone(owner & ~WAITED) &&
                atomic_compare_exchange_strong(&lock->owner, &owner, self | WAITED))
                break;
            *turns -= until != 0 && *turns != UINT_MAX;
            until = lock_clock() + LOCK_TURN;
        } else if (owner & WAITED ||
                   atomic_compare_exchange_strong(&lock->owner, &owner, owner | WAITED)) {
            waited = WAITED; /* others may, too: whoever has slept says so */
            sleep_for(lock, owner | WAITED, until);
        }
        owner = 0;
    }
    errno = saved;
    return true;
}

void lock_release(struct lock *lock)
{
    int saved = errno;

    if (atomic_exchange(&lock->owner, 0) & WAITED)
        syscall(SYS_futex, &lock->owner, FUTEX_WAKE_PRIVATE, 1);
    errno = saved;
}
