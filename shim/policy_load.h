/* Loading the policy, and loading it again when it has changed. */
#ifndef PINSHIM_SHIM_POLICY_LOAD_H
#define PINSHIM_SHIM_POLICY_LOAD_H

#include <stdbool.h>

#include "shim/runtime.h"

struct confuse;

/* Opens libconfuse, and closes it: around what follows. Both take the dynamic loader's lock, so
 * the caller holds none that anybody waits for. NULL when memory is short. */
struct confuse *policy_load_begin(void);
void policy_load_end(struct confuse *confuse);

/* Reads the policy that the environment names, opens the sinks, and puts it in force, or the reason
 * why there is none. Writes the `policy` or `config_error` event. Returns the state that follows.
 * One thread at a time, as all below. */
enum runtime_state policy_load(const struct confuse *confuse);

/* Has a file that the policy in force was made from changed? */
bool policy_changed(void);

/* Reads it again. True when a good one is in force now; a broken one leaves the one before in
 * place, and is told once. */
bool policy_reload(const struct confuse *confuse);

#endif
