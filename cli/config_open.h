/* The config that a command looks at or changes. */
#ifndef PINSHIM_CLI_CONFIG_OPEN_H
#define PINSHIM_CLI_CONFIG_OPEN_H

#include "cli/config_change.h"

/* As config_change_begin, or, for a look alone, config_change_peek. NULL: what is wrong has been
 * said, and *status is what to exit with. For config_change_end. */
struct config_change *config_open(const char *path, bool look, int *status);

#endif
