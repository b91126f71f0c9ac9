/* Policies under which much is done, for clients that are denied something: `right`, and the
 * genuine server is accepted. */
#ifndef PINSHIM_TESTS_LIVES_FAULT_POLICIES_H
#define PINSHIM_TESTS_LIVES_FAULT_POLICIES_H

#include <stdbool.h>

typedef void fault_policy(bool right);

fault_policy policy_leaf, /* and one anchor: the system's are hundreds of allocations */
    policy_chain,         /* verify = {"chain"} */
    policy_intermediate,  /* the intermediate CA is pinned */
    policy_root,          /* the root is pinned, which the server does not send */
    policy_inspection,    /* a CA stands in for the pins */
    policy_everything,    /* includes, the store, files, a program, an anchors' directory */
    policy_compiled;      /* as policy_leaf, compiled */

#endif
