/* Loading the policy, and loading it again when it has changed. */
#ifndef PINSHIM_SHIM_POLICY_LOAD_H
#define PINSHIM_SHIM_POLICY_LOAD_H

#include <stdbool.h>

#include "config/confuse.h"
#include "config/image.h"
#include "shim/runtime.h"

/* What a policy is read with: its compiled form, or else libconfuse. */
struct policy_reader {
    struct image *image;
    struct confuse confuse;
    char refused[400]; /* why there is a compiled form, and it is not used; "": none */
};

/* Opens one, and closes it: around what follows, and around no lock that anybody waits for, because
 * libconfuse takes the dynamic loader's. NULL when memory is short. */
struct policy_reader *policy_reader_open(bool compiled);
void policy_reader_close(struct policy_reader *reader);

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
