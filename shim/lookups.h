/* Which section a name was found to fall under: what the policy answered, remembered with it. For
 * policies that go by names alone (policy_goes_by_names), where the server name that the program
 * sends has the same answer each time. */
#ifndef PINSHIM_SHIM_LOOKUPS_H
#define PINSHIM_SHIM_LOOKUPS_H

#include <stdbool.h>

#include "config/policy.h"
#include "shim/slot.h"

/* Names that are shorter or longer are not remembered; few are. */
enum { LOOKUP_MIN = 8, LOOKUP_MAX = 55, LOOKUPS = 16 };

struct lookup {
    struct slot slot;
    char sni[LOOKUP_MAX + 1]; /* as it was set; "" when nothing is remembered here */
    char host[LOOKUP_MAX + 1];
    enum host_source source;
    const struct policy_section *section;
};

/* The memory for one policy; all zeros is an empty one. */
struct lookups {
    struct lookup table[LOOKUPS];
};

/* Forgets all. Nobody may be using it. */
void lookups_clear(struct lookups *lookups);

/* What policy_find answered to `sni` alone; false when that is not known. */
bool lookups_find(struct lookups *lookups, const char *sni, struct policy_match *match);

/* Remembers what it has answered. */
void lookups_keep(struct lookups *lookups, const char *sni, const struct policy_match *match);

#endif
