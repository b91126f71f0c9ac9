/* The sinks that a policy, or the environment in its stead, names. */
#ifndef PINSHIM_SHIM_POLICY_SINKS_H
#define PINSHIM_SHIM_POLICY_SINKS_H

#include "config/config.h"
#include "config/policy.h"

/* Takes the sinks that the environment names apart, once. `why`, "" before, says what is wrong with
 * them; the others count all the same. Opens none. */
void policy_sinks_check(char *why, size_t size);

/* Opens the sinks that the environment names, else the policy's, else those that a broken config
 * was heard to name (`view` NULL), else stderr. Where something is wrong in the
 * environment's, stderr is opened as well. */
void policy_sinks_open(const struct policy_view *view, const struct config *config);

/* Puts those of a changed policy in the place of those before. */
void policy_sinks_replace(const struct policy_view *view);

#endif
