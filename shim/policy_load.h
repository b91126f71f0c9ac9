/* Loading the policy, and loading it again when it has changed. */
#ifndef PINSHIM_SHIM_POLICY_LOAD_H
#define PINSHIM_SHIM_POLICY_LOAD_H

#include <stdbool.h>

#include "shim/policy_read.h"
#include "shim/runtime.h"

/* Reads the policy that the environment names, opens the sinks, and puts it in force, or the reason
 * why there is none. Writes the `policy` or `config_error` event. Returns the state that follows.
 * One thread at a time, as all below. */
enum runtime_state policy_load(struct policy_reader *reader);

/* Has a file that the policy in force was made from changed? */
bool policy_changed(void);

/* Reads it again. True when a good one is in force now; a broken one leaves the one before in
 * place, and is told once. */
bool policy_reload(struct policy_reader *reader);

/* Reads it again because the image it was mapped from is damaged. When that cannot be, nothing can
 * be judged any more. */
void policy_replace_damaged(struct policy_reader *reader);

#endif
