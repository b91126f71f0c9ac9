/* What `on_failure` adds to a refusal (contract section 2, "Responses"). */
#ifndef PINSHIM_SHIM_RESPONSE_H
#define PINSHIM_SHIM_RESPONSE_H

#include "shim/judgement.h"

/* Shows the message and opens the URL that belong to a connection which is refused by now, and
 * whose event is written. Returns the signal that is to end the process, 0 for none. */
int response_give(const struct judgement *judgement);

/* Sends that signal to the process, once nothing of ours is in use; 0 does nothing. Comes back
 * where the program handles, ignores or blocks it. */
void response_terminate(int signal);

#endif
