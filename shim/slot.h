/* A place in a table that threads share and none ever waits for: who finds it taken does without.
 * A fork that leaves somebody behind in it costs the child that place, no more. */
#ifndef PINSHIM_SHIM_SLOT_H
#define PINSHIM_SHIM_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>

struct slot {
    atomic_uint users; /* readers; with SLOT_CLAIMED, somebody writes */
};

#define SLOT_CLAIMED 0x80000000u

/* Reads: what is in the place stays there until slot_leave. False while somebody writes. */
static inline bool slot_enter(struct slot *slot)
{
    if ((atomic_fetch_add(&slot->users, 1) & SLOT_CLAIMED) == 0)
        return true;
    atomic_fetch_sub(&slot->users, 1);
    return false;
}

static inline void slot_leave(struct slot *slot)
{
    atomic_fetch_sub(&slot->users, 1);
}

/* Writes: false while anybody else is there. */
static inline bool slot_claim(struct slot *slot)
{
    unsigned nobody = 0;

    return atomic_compare_exchange_strong(&slot->users, &nobody, SLOT_CLAIMED);
}

/* The writer becomes a reader. */
static inline void slot_publish(struct slot *slot)
{
    atomic_fetch_sub(&slot->users, SLOT_CLAIMED - 1);
}

#endif
