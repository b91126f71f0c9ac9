/* The names of foreign sections as patterns, and sections of one name made one. */
#ifndef PINSHIM_CLI_FOREIGN_PATTERNS_H
#define PINSHIM_CLI_FOREIGN_PATTERNS_H

#include "cli/foreign.h"
#include "config/name.h"

/* The sections' patterns, one each; sections whose name is none are told, and taken out. malloc'ed;
 * NULL when memory is out. */
struct pattern *foreign_patterns(struct foreign *foreign);

/* Do both stand for the same names, or the same addresses? */
bool foreign_same_pattern(const struct pattern *a, const struct pattern *b);

/* Takes a section out, and its pattern unless `patterns` is NULL. */
void foreign_drop(struct foreign *foreign, struct pattern *patterns, size_t at);

/* Makes one of the sections that have the same pattern: the first, which gets the pins of the
 * others; `merge` sees to the rest. False when memory is out. */
bool foreign_join(struct foreign *foreign, struct pattern *patterns,
                  bool (*merge)(struct foreign *foreign, struct foreign_section *first,
                                const struct foreign_section *again));

#endif
