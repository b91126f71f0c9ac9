/* A lock for a guest: short waits, nothing allocated, and one that a fork left locked in a
 * thread that does not exist in the child is taken over. */
#ifndef PINSHIM_SHIM_LOCK_H
#define PINSHIM_SHIM_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct lock {
    atomic_int owner; /* thread id; 0: free */
};

/* Takes the lock if it is free. Never waits. */
bool lock_try(struct lock *lock);

/* Waits for the lock. False, without waiting, when this very thread holds it already (a signal
 * handler, or an allocator of the program's that calls back). */
bool lock_take(struct lock *lock);

/* The same, but not longer than until lock_clock() says `until`. */
bool lock_take_until(struct lock *lock, int64_t until);

/* Milliseconds of a clock that only goes forward. */
int64_t lock_clock(void);

void lock_release(struct lock *lock);

#endif
