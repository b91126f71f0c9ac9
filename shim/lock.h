/* A lock for a guest: short waits, nothing allocated, and one that a fork left locked in a
 * thread that does not exist in the child is taken over. */
#ifndef PINSHIM_SHIM_LOCK_H
#define PINSHIM_SHIM_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct lock {
    atomic_int owner; /* thread id, and whether others sleep; 0: free */
};

/* Takes the lock if it is free. Never waits. */
bool lock_try(struct lock *lock);

/* Waits for the lock. False, without waiting, when this very thread holds it already (a signal
 * handler, or an allocator of the program's that calls back). */
bool lock_take(struct lock *lock);

/* The same, but not for longer than *turns of LOCK_TURN, and takes those that it waited from them.
 * Where the process itself was stopped meanwhile (a signal, a quota, a busy host), that was one
 * turn, however long it took. */
enum { LOCK_TURN = 5 /* milliseconds */ };
bool lock_take_within(struct lock *lock, unsigned *turns);

/* Milliseconds of a clock that only goes forward. */
int64_t lock_clock(void);

void lock_release(struct lock *lock);

#endif
