/* The one section of a config that a command line means. */
#ifndef PINSHIM_CLI_SECTION_CHOICE_H
#define PINSHIM_CLI_SECTION_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/arguments.h"
#include "config/config.h"

/* Finds the section of that domain, with --ports and --program where they are given. On failure
 * false, and the reason and the mend in `why`: there is none, or several. */
bool section_choose(const struct config *config, const char *domain,
                    const struct arguments *arguments, uint32_t *out, char *why, size_t size);

#endif
