/* May a domain be enforced? Decided from what a trial counted. */
#ifndef PINSHIM_CLI_READINESS_H
#define PINSHIM_CLI_READINESS_H

#include "cli/tally.h"

#define DEFAULT_MIN_CONNECTIONS 10
#define DEFAULT_MIN_DAYS 7

/* What a trial must be before its answer counts. */
struct thresholds {
    uint64_t connections; /* that passed */
    int64_t days;         /* from a domain's first connection to the end of the trial */
};

/* Why not. Each is a bit (1 << reason) of a set. */
enum unready {
    UNREADY_WOULD_BLOCK,  /* enforce would have refused connections, or did */
    UNREADY_INSPECTION,   /* TLS inspection suspected */
    UNREADY_PINS_EXPIRED, /* the section's pins have run out */
    UNREADY_UNREADABLE,   /* lines that may be about it could not be read */
    UNREADY_NOT_SEEN,     /* no connection under a policy in use */
    UNREADY_NOT_JUDGED,   /* all were resumed sessions that nobody had verified */
    UNREADY_NO_PASS,      /* no pin has matched */
    UNREADY_BACKUP_ONLY,  /* only backup pins have */
    UNREADY_TOO_FEW,
    UNREADY_TOO_SHORT,
};
#define UNREADY_COUNT 10

/* The set of reasons; 0: ready. `first`: the domain's first connection; `end`: of the trial. */
unsigned readiness_judge(const struct domain_counts *counts, int64_t first, int64_t end,
                         const struct thresholds *thresholds);

/* "would_block", for JSON. */
const char *unready_name(enum unready reason);

/* The reason for people, with its numbers. */
void unready_words(enum unready reason, const struct domain_counts *counts, int64_t first,
                   int64_t end, const struct thresholds *thresholds, char *out, size_t size);

#endif
