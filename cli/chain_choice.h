/* Which certificate of a chain to pin. */
#ifndef PINSHIM_CLI_CHAIN_CHOICE_H
#define PINSHIM_CLI_CHAIN_CHOICE_H

#include "cli/chain_source.h"

/* The one at "leaf" (also when `position` is NULL: nobody said), "intermediate" or "root": of what
 * leads, by issuer and signature, from the leaf up; of a file without a leaf the only one that
 * stands there. A certificate alone that could be either leaf or root is the one that is asked
 * for. A bare public key counts as leaf. NULL, with the reason and the mend in `why`, when there is
 * none, or several. */
const struct cert *chain_choose(const struct chain_source *source, const char *position, char *why,
                                size_t size);

/* The CA certificate at the end of that path; NULL: there is none. */
const struct cert *chain_end(const struct chain_source *source);

#endif
