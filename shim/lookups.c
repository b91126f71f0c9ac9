#include "shim/lookups.h"

#include <string.h>

/* Its place, by eight octets at its front and eight in its middle; NULL: it has none. */
static struct lookup *place_for(struct lookups *lookups, const char *sni, size_t length)
{
    uint64_t front, middle;

    if (length < LOOKUP_MIN || length > LOOKUP_MAX)
        return NULL;
    memcpy(&front, sni, sizeof front);
    memcpy(&middle, sni + (length - sizeof middle) / 2, sizeof middle);
    return &lookups->table[((front ^ middle << 7 ^ length) * 0x9e3779b97f4a7c15u >> 32) % LOOKUPS];
}

void lookups_clear(struct lookups *lookups)
{
    for (unsigned i = 0; i < LOOKUPS; i++)
        lookups->table[i].sni[0] = '\0';
}

bool lookups_find(struct lookups *lookups, const char *sni, struct policy_match *match)
{
    size_t length = strlen(sni);
    struct lookup *lookup = place_for(lookups, sni, length);
    bool found;

    if (lookup == NULL || !slot_enter(&lookup->slot))
        return false;
    found = memcmp(lookup->sni, sni, length + 1) == 0;
    if (found) {
        match->section = lookup->section;
        match->source = lookup->source;
        memcpy(match->host, lookup->host, sizeof lookup->host);
    }
    slot_leave(&lookup->slot);
    return found;
}

void lookups_keep(struct lookups *lookups, const char *sni, const struct policy_match *match)
{
    size_t length = strlen(sni), host_length = strlen(match->host);
    struct lookup *lookup = place_for(lookups, sni, length);

    if (lookup == NULL || host_length > LOOKUP_MAX || !slot_claim(&lookup->slot))
        return;
    memcpy(lookup->sni, sni, length + 1);
    memcpy(lookup->host, match->host, host_length + 1);
    lookup->source = match->source;
    lookup->section = match->section;
    slot_publish(&lookup->slot);
    slot_leave(&lookup->slot);
}
