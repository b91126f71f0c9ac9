/* The events of a soak. There are gigabytes of them, so they are counted and removed as they come.
 */
#ifndef PINSHIM_TESTS_SOAK_EVENTS_H
#define PINSHIM_TESTS_SOAK_EVENTS_H

#include "tests/soak/peers.h"

struct event_counts {
    unsigned long handshakes[VERDICTS];
    unsigned long policies; /* loaded or reloaded */
    unsigned long lost;     /* and told: threads that were kept waiting (docs/events.md) */
    unsigned long others;   /* config_error, and what is no event at all */
};

/* Moves the events so far aside, for the shim to begin a new file, and counts those that were moved
 * aside before. Nobody writes to these any more once there is a new file, since one thread writes
 * at a time; until then, nothing is done. */
void events_rotate(const char *directory, struct event_counts *counts);

/* Counts all there are. When nobody writes. */
void events_finish(const char *directory, struct event_counts *counts);

#endif
