/* The config that `pinshim learn` proposes: what was seen, counted by host, port and key. */
#ifndef PINSHIM_CLI_LEARN_H
#define PINSHIM_CLI_LEARN_H

#include <stdio.h>

#include "cli/event.h"
#include "cli/rows.h"

/* A leaf's key. The port is the number. */
enum key_key { KEY_HOST, KEY_SPKI };
struct key_row {
    struct row row;
    uint64_t verified;            /* the program's checks passed */
    uint64_t unverified;          /* it made none */
    uint64_t failed;              /* they failed */
    uint64_t refused;             /* pins in force did not match, or TLS inspection stood in */
    bool inspected;               /* ... that is known for sure */
    const char *subject, *signer; /* the signer is the issuer of the last certificate */
    const char *ca, *ca_subject;  /* the certificate that signed it, where verified; else NULL */
    int64_t not_after;
    bool dropped; /* signed by another CA than the host's other keys */
};

/* Who connected. */
enum visitor_key { VISITOR_HOST, VISITOR_PROGRAM, VISITOR_MACHINE };

struct learn {
    struct names names;
    struct rows keys;     /* struct key_row */
    struct rows visitors; /* struct row */
    struct rows strange;  /* struct row; key: what no section can be named after */
    uint64_t connections, nameless;
    int64_t first, last;
    bool failed; /* memory is out */
};

void learn_init(struct learn *learn);

/* Adds an event of a machine. */
void learn_add(struct learn *learn, const char *machine, const struct event *event);

/* Decides which keys are to be pinned, and sorts. To be called once, after the last event. */
void learn_finish(struct learn *learn);

/* Is this key to be pinned? */
bool learn_takes(const struct key_row *key);

/* Writes the config, which has *sections sections; with `ca` the keys of the CAs that signed.
 * False: memory is out. */
bool learn_write(const struct learn *learn, bool ca, FILE *out, size_t *sections);

void learn_free(struct learn *learn);

#endif
