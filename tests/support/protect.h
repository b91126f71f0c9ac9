/* Running a program under pinshim. */
#ifndef PINSHIM_TESTS_SUPPORT_PROTECT_H
#define PINSHIM_TESTS_SUPPORT_PROTECT_H

#include <stdbool.h>

#include "tests/support/command.h"
#include "tests/support/scratch.h"

/* A policy on disk and where its events go. Strings are the scratch directory's. */
struct protection {
    char *config, *events;
};

/* Writes the config (mode 0600) from a format. */
void protection_write(struct protection *protection, struct scratch *scratch, const char *format,
                      ...) __attribute__((format(printf, 3, 4)));

/* Do the clients in the build directory carry the shim inside ($SHIM_INSIDE, tests/sanitize)? Then
 * nothing is preloaded, and the environment alone protects. */
bool shim_is_inside(void);

/* Makes `out` the command `build/pinshim run -c CONFIG -m MODE -e file:EVENTS -- …` that runs
 * `command`, or what comes to the same for a client with the shim inside. The events of earlier
 * runs are removed. Strings are the scratch directory's. */
void protect(const struct protection *protection, struct scratch *scratch, const char *mode,
             const struct command *command, struct command *out);

#endif
