/* Verdicts over time, in constant memory: when the time grows longer than there are bins, the bins
 * grow wider. */
#ifndef PINSHIM_CLI_TIMELINE_H
#define PINSHIM_CLI_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#define TIMELINE_BINS 240

enum timeline_kind { TIMELINE_PASS, TIMELINE_BACKUP, TIMELINE_UNPINNED, TIMELINE_FAIL };
#define TIMELINE_KINDS 4

/* Start with {0}. */
struct timeline {
    int64_t width; /* of a bin, in milliseconds; 0: nothing was added */
    int64_t start; /* of the first bin; a multiple of the width */
    size_t used;   /* bins, up to the last that holds something */
    uint64_t bins[TIMELINE_BINS][TIMELINE_KINDS];
};

void timeline_add(struct timeline *timeline, int64_t time, enum timeline_kind kind);

/* What a bin holds, all kinds together. */
uint64_t timeline_total(const struct timeline *timeline, size_t bin);

#endif
