/* What the environment said at load. Kept because programs wipe theirs before they handshake. */
#ifndef PINSHIM_SHIM_ENVIRONMENT_H
#define PINSHIM_SHIM_ENVIRONMENT_H

#include <stdbool.h>

#include "config/policy.h"

extern struct environment {
    char *config;           /* absolute path; NULL: memory was short */
    char *events;           /* sinks, separated by commas, their paths absolute; NULL: not given */
    const char *bad_mode;   /* PINSHIM_MODE, when it is no mode */
    enum mode mode;         /* MODE_UNSET: nothing said */
    const char *program;    /* PINSHIM_PROGRAM or the executable's base name */
    const char *executable; /* its path */
    char *opener;           /* PINSHIM_OPENER, absolute if it is a path; NULL: not given */
} environment;

/* Takes what it says while it is there, once: a glance, for it is every process's. False when there
 * is nothing to do in this one: no config is named and there is none where it is by default. */
bool environment_read(void);

/* Makes of it what stands above, once, before the policy is read. */
void environment_parse(void);

/* Would the process find the config where it was when it was read, if it is there? Not after it has
 * changed its root, or lost the right to look into a directory on the way. */
bool environment_sees_config(void);

/* Is the process's root what it was at load? */
bool environment_has_root(void);

#endif
