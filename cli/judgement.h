/* What the policy says of a chain, for people and as JSON. */
#ifndef PINSHIM_CLI_JUDGEMENT_H
#define PINSHIM_CLI_JUDGEMENT_H

#include "cli/peer_chain.h"
#include "cli/table.h"
#include "config/config.h"

/* Where a chain comes from. */
enum from { FROM_FILE, FROM_SERVER, FROM_NEXT };

struct judgement {
    enum from from;
    const char *host; /* as it was asked for */
    uint16_t port;    /* 0: any */
    const struct policy *policy;
    const struct config_origin *origins; /* the config's */
    struct policy_match match;
    struct decision decision;
};

/* The name that decided, as in events; without one, what was asked for. */
const char *judgement_host(const struct judgement *judgement);

/* What enforce does with the connection: decision.would, but where a rule (`unpinned`, `unnamed`)
 * says audit. There `would` is what block would do, and enforce lets through. */
enum action judgement_enforced(const struct judgement *judgement);

/* A table of judgements as JSON. NULL when memory is out. Free with table_free. */
struct table *judgement_table(void);
bool judgement_row(struct table *table, const struct judgement *judgement);

/* In words, on standard output; of the next chain also what to do about it. */
void judgement_print(const struct judgement *judgement, const struct peer_chain *chain);

#endif
