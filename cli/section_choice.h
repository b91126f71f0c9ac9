/* The one section of a config that a command line means. */
#ifndef PINSHIM_CLI_SECTION_CHOICE_H
#define PINSHIM_CLI_SECTION_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/arguments.h"
#include "cli/config_change.h"

/* Finds the section of config_change_before that stands for that domain, with --ports and --program
 * where they are given. "**.name" is a section with `include_subdomains`, too; a plain name is the
 * section for that name alone, where there is one, else the one with `include_subdomains`. Without
 * --program one that is no program's comes first. Where some of the sections hold `pin` (NULL: none
 * is meant), it is one of those. On failure false, and the reason and the mend in `why`: there is
 * none, or several. */
bool section_choose(const struct config_change *change, const char *domain, const char *pin,
                    const struct arguments *arguments, uint32_t *out, char *why, size_t size);

/* Does the section stand for that pattern, however it is written? */
bool section_means(const struct policy *policy, const struct policy_section *section,
                   const struct pattern *pattern);

/* Does it stand for more than its title says: "**." before it, by `include_subdomains`? */
bool section_is_widened(const struct policy *policy, const struct policy_section *section);

#endif
