/* Reading a policy and what belongs to it: from its compiled form, or else with libconfuse. */
#ifndef PINSHIM_SHIM_POLICY_READ_H
#define PINSHIM_SHIM_POLICY_READ_H

#include <stdbool.h>

#include "config/config.h"
#include "config/confuse.h"
#include "config/image.h"
#include "shim/loaded.h"

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

/* Reads the policy that the environment names into `loaded`, its trust anchors and this machine's
 * own CAs included. The sources are there in any case. `config` is for config_free. False, and
 * `error`, when that cannot be. */
bool policy_read(struct policy_reader *reader, struct loaded *loaded, struct config *config,
                 struct config_error *error);

#endif
