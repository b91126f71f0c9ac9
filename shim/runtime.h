/* The shim in its process: what the environment said at load, and the policy in force. */
#ifndef PINSHIM_SHIM_RUNTIME_H
#define PINSHIM_SHIM_RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>

#include "shim/loaded.h"

enum runtime_state {
    RUNTIME_UNKNOWN,  /* not even the environment was looked at */
    RUNTIME_SLEEPING, /* nothing to do in this process, for good */
    RUNTIME_WAITING,  /* there is a policy; it is read when libssl is there */
    RUNTIME_ACTIVE,   /* the policy is loaded */
    RUNTIME_BROKEN,   /* it could not be, and the mode is enforce: every handshake fails, until a
                         changed one can be */
};

extern atomic_int runtime_now; /* enum runtime_state; runtime.c's to change */

/* The state as it is, without looking at anything. Cheap: for every hook. */
static inline enum runtime_state runtime_state(void)
{
    return (enum runtime_state)atomic_load_explicit(&runtime_now, memory_order_acquire);
}

/* Looks at the environment, once; the constructor's work. Reads the policy at once when libssl
 * is in the process from the start. */
void runtime_start(void);

/* Makes sure that the policy is loaded, if there is one: to be called when libssl is there. The
 * first call also writes the `policy` or `config_error` event. */
enum runtime_state runtime_load(void);

/* The policy in force, read again before if it has changed and its reload_interval has passed. With
 * RUNTIME_ACTIVE or RUNTIME_BROKEN; give it back with loaded_release. */
struct loaded *runtime_acquire(void);

/* For a policy that loaded_damaged says is: gives it back, and takes one that was read from the
 * config itself, or loaded_unusable when that cannot be. */
struct loaded *runtime_replace_damaged(struct loaded *damaged);

/* PINSHIM_PROGRAM, or the executable's base name. */
const char *runtime_program(void);

/* Is anything of the policy enforced, be it one section? */
bool runtime_enforces(void);

/* Is this thread inside the shim's own loading? Then hooks hand through. */
bool runtime_busy(void);

#endif
