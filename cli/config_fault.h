/* What is wrong with a config, as commands say it. */
#ifndef PINSHIM_CLI_CONFIG_FAULT_H
#define PINSHIM_CLI_CONFIG_FAULT_H

#include <stddef.h>

#include "config/config.h"

/* "FILE:LINE: reason", and where there is no such file, how to name another. */
void config_fault_format(const struct config_error *error, char *out, size_t size);

/* The same on stderr, behind the command's name. Returns the status to exit with: STATUS_USAGE when
 * the config cannot be read, STATUS_NO when it is wrong. */
int config_fault_print(const struct config_error *error);

#endif
