/* Writing the policy image. */
#ifndef PINSHIM_CONFIG_POLICY_WRITE_H
#define PINSHIM_CONFIG_POLICY_WRITE_H

#include "config/builder.h"

/* A draft with the key it is sorted and found by. */
struct keyed {
    const struct section_draft *draft;
    enum pattern_kind kind;
    uint64_t key;
};

/* Makes the image (malloc'ed) of what was built; `keyed` are its sections, sorted by key. NULL when
 * memory is short. */
struct policy *policy_write(const struct builder *builder, const struct keyed *keyed);

#endif
