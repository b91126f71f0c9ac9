/* What `pinshim report` says, before it is text, JSON or a page. */
#ifndef PINSHIM_CLI_REPORT_H
#define PINSHIM_CLI_REPORT_H

#include <stdio.h>

#include "cli/event_file.h"
#include "cli/event_time.h"
#include "cli/readiness.h"

/* Why a domain is not ready, all reasons in one string. */
#define REASONS_SIZE 1024

struct report_options {
    struct thresholds thresholds;
    int64_t within; /* days: a certificate that ends sooner is close to its end */
    int64_t now;    /* milliseconds since 1970 */
};

/* A section's title, over all the policies in use. */
struct report_domain {
    const char *name, *mode, *owner;
    struct domain_counts counts;
    uint64_t earlier;    /* connections under other policies, which are not in `counts` */
    unsigned policies;   /* in use, that it was seen under */
    int64_t first, last; /* the first under a policy in use, the last of all */
    unsigned unready;    /* readiness_judge */
};

/* A certificate whose pin matched. */
struct report_cert {
    const struct cert_row *row;
    int64_t days;  /* from now to its end; negative: past */
    bool close;    /* within the days that were asked for */
    bool replaced; /* the server has shown a later one of this pin since */
};

struct report {
    struct report_options options;
    const struct tally *tally;
    const struct event_reading *reading;
    struct list domains;   /* struct report_domain, by name */
    struct list certs;     /* struct report_cert, those that end soonest first */
    uint64_t ready;        /* of the domains */
    uint64_t earlier;      /* connections under policies that are not in use */
    size_t opens;          /* rows without a section, under policies in use */
    uint64_t open_blocked; /* connections of those that enforce blocks */
    uint64_t broken;       /* programs on machines whose config is wrong */
    uint64_t unplaced;     /* lines that could not be read, and may be about any domain */
    bool all_ready;
};

/* Draws the conclusions; tally_finish has been called. False: memory is out. The tally and the
 * reading are borrowed. Free with report_free. */
bool report_make(const struct tally *tally, const struct event_reading *reading,
                 const struct report_options *options, struct report *out);
void report_free(struct report *report);

/* Does a row count: was it under a policy in use? */
bool report_block_counts(const struct report *report, const struct block_row *row);
bool report_open_counts(const struct report *report, const struct open_row *row);

/* "ready" or why not, for people. */
void report_reasons(const struct report *report, const struct report_domain *domain,
                    char out[REASONS_SIZE]);

/* What a row of inspections is: "certain", "declared", "other key" or "suspected". */
const char *report_inspection(const struct report *report, const struct inspection_row *row);

/* With room for a place in a file. */
#define CAVEAT_SIZE 1024

/* What the answer leaves out, in sentences for people: number `i`, from 0 on. False: there are no
 * more. */
bool report_caveat(const struct report *report, size_t i, char *out, size_t size);

/* The whole in one line: "Not ready: …". */
void report_conclusion(const struct report *report, char *out, size_t size);

/* On stdout, for people and as JSON. False: it could not be written, or memory is out. */
bool report_text(const struct report *report);
bool report_json(const struct report *report);

/* Writes the page, in one step: what was there stays until the page is whole. False, with the
 * reason on stderr, when it cannot. */
bool report_html(const struct report *report, const char *path);

#endif
