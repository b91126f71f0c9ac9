/* Programs that are killed in the middle of their writing (tests/preload/sudden.c). */
#ifndef PINSHIM_TESTS_SUPPORT_DEATH_H
#define PINSHIM_TESTS_SUPPORT_DEATH_H

#include <stdbool.h>

#include "tests/support/command.h"
#include "tests/support/scratch.h"

/* What $LD_PRELOAD takes. The scratch directory's. */
const char *death_preload(struct scratch *scratch);

/* Runs the command, whose LD_PRELOAD has that, to call number one, number two, and so on, until it
 * is not killed any more. `before` each run, and `after` each with whether it was killed. `torn`: a
 * write that it dies at is done by half. Returns how often it was killed. */
unsigned death_each(struct scratch *scratch, const struct command *command, bool torn,
                    void (*before)(void), void (*after)(bool killed));

#endif
