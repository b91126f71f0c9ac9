/* Where a config's store is, whatever else is wrong with the config: an entry that it lacks is one
 * of the things that may be. */
#ifndef PINSHIM_CLI_CONFIG_STORE_H
#define PINSHIM_CLI_CONFIG_STORE_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/config.h"

/* Reads the config at `path` as config_load does, but for what its options say; only those that
 * name places count, and nothing is included. True, and *store: the path of the store, malloc'ed.
 * False, and `error`: the file cannot be read, or be parsed. */
bool config_store(const char *path, uid_t user, char **store, struct config_error *error);

#endif
