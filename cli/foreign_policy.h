/* Pins of other systems into a config, and a policy's pins out of it. */
#ifndef PINSHIM_CLI_FOREIGN_POLICY_H
#define PINSHIM_CLI_FOREIGN_POLICY_H

#include "cli/foreign.h"
#include "config/config.h"

/* Takes the sections out of what was read that no config can have, or need not: without pins, of no
 * name; and tells each. A section without pins stays, as mode off, where it takes its name out of a
 * wider one. False when memory is out. */
bool foreign_settle(const struct foreign_format *format, struct foreign *foreign);

/* The global sections of a config, in the order of its files; only those of `domain`, unless that
 * is NULL. False when memory is out. */
bool foreign_from_config(const struct config *config, const char *domain, struct foreign *out);

/* Takes out what the format has no words for, and tells each. False when memory is out. */
bool foreign_narrow(const struct foreign_format *format, struct foreign *foreign);

#endif
