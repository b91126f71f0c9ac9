/* The parts of `pinshim check`: what a config allows and will hurt. Each looks at one matter in all
 * sections, in time that grows with their number and no faster, and adds warnings (docs/check.md).
 * When memory runs out, findings->failed is set. */
#ifndef PINSHIM_CLI_CHECK_H
#define PINSHIM_CLI_CHECK_H

#include <time.h>

#include "cli/findings.h"

/* How long before the end of something a warning begins. */
#define WARN_BEFORE (30 * 24 * 60 * 60)

/* No backup pin, one that is a current pin as well, the section's `expires`. */
void check_pins(const struct config *config, time_t now, struct findings *findings);

/* Sections whose current pins are public roots, all of them. */
void check_roots(const struct config *config, struct findings *findings);

/* The dates of certificates that `file:` and `store:` name. */
void check_certificates(const struct config *config, time_t now, struct findings *findings);

/* The dates of certificates that nobody has met, as somebody wrote them beside their pins. */
void check_typed(const struct config *config, time_t now, struct findings *findings);

/* Wildcards: wider than a public suffix, or without a name they could stand for. */
void check_wildcards(const struct config *config, struct findings *findings);

/* Blocks of addresses that longer prefixes take whole. */
void check_networks(const struct config *config, struct findings *findings);

/* Programs that no process here can be. */
void check_programs(const struct config *config, struct findings *findings);

/* What belongs to no response of `on_failure`, and signals that end no process. */
void check_responses(const struct config *config, struct findings *findings);

/* A compiled form of the config that would not be used. */
void check_compiled(const struct config *config, struct findings *findings);

/* All of these, sorted as they stand in the files. */
void check_all(const struct config *config, struct findings *findings);

/* Does somebody hold the section's pins against peers? Not where it is off. */
bool check_has_pins(const struct policy_section *section);

#endif
