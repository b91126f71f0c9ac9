/* What a trial saw: events counted by domain, host, program, machine, pin, signer and time. */
#ifndef PINSHIM_CLI_TALLY_H
#define PINSHIM_CLI_TALLY_H

#include "cli/event.h"
#include "cli/rows.h"
#include "cli/timeline.h"

/* Connections to one section, by what became of them. */
struct domain_counts {
    uint64_t connections;
    uint64_t pins, backups; /* passed: a current pin, a backup pin matched */
    uint64_t declared;      /* passed: one of the policy's inspection CAs stood in */
    uint64_t blocked;       /* enforce would have refused them, or did */
    uint64_t sessions;      /* resumed under audit without having been judged */
    uint64_t expired;       /* the section's pins had run out */
    uint64_t suspected;     /* of the blocked: the program accepted the chain, or see `certain` */
    uint64_t certain;       /* ... its end was a CA of this machine's own additions */
    uint64_t unreadable;    /* no connections: lines that could not be read, and may tell of one */
};

/* key: domain, policy */
struct domain_row {
    struct row row;
    struct domain_counts counts;
    const char *mode, *owner; /* when last seen */
};

/* key: policy */
struct policy_row {
    struct row row;
    bool in_use; /* it is the last one of some program on some machine */
};

/* key: machine, program. What is in force there, and what is wrong with it. */
struct user_row {
    struct row row; /* of all its events; the number of its connections: */
    uint64_t connections;
    const char *policy;
    int64_t policy_time;
    const char *error, *error_file; /* the last config_error since a policy was read; NULL: none */
    unsigned error_line;
    int64_t error_time;
};

/* key: domain, pin, role */
struct pin_row {
    struct row row;
    const char *position; /* in the chain, where it last matched */
};

/* key: domain, pin, certificate: those whose pin matched */
struct cert_row {
    struct row row;
    const char *subject;
    int64_t not_after;
};

/* Refused by enforce. The domain is NULL where no section names the peer; the port is the number.
 */
enum block_key {
    BLOCK_DOMAIN,
    BLOCK_HOST,
    BLOCK_PROGRAM,
    BLOCK_MACHINE,
    BLOCK_REASON,
    BLOCK_POLICY
};
struct block_row {
    struct row row;
};

/* No section names the peer. The port is the number. */
enum open_key { OPEN_HOST, OPEN_PROGRAM, OPEN_MACHINE, OPEN_REASON, OPEN_POLICY };
struct open_row {
    struct row row;
    uint64_t blocked; /* enforce would have */
};

/* TLS inspection suspected. The issuer is that of the last certificate. */
enum inspection_key { INSPECTION_ISSUER, INSPECTION_HOST, INSPECTION_PROGRAM, INSPECTION_MACHINE };
struct inspection_row {
    struct row row;
    const char *domain; /* NULL: no section names the host */
    uint64_t certain, declared;
};

struct tally {
    struct names names;
    struct rows domains, policies, users, pins, certs, blocks, opens, inspections;
    struct rows hosts;      /* struct row; key: host, or the address without one */
    struct rows machines;   /* struct row; key: machine; counts connections */
    struct rows programs;   /* struct row; key: program; counts connections */
    struct rows unreadable; /* struct row; key: domain, NULL where it cannot be told */
    struct rows signers;    /* struct row; key: domain, issuer at the end of a chain that passed */
    struct timeline timeline;
    uint64_t connections, policy_events, config_errors, others;
    uint64_t lost;       /* events that did not get through, as later ones say */
    int64_t first, last; /* of all events; both TIME_UNKNOWN without any */
    bool failed;         /* memory is out */
};

void tally_init(struct tally *tally);

/* Adds an event of a machine, or a line that is none. */
void tally_add(struct tally *tally, const char *machine, const struct event *event);

/* Finds out which policies are in use, and sorts the rows. To be called once, after the last
 * event. */
void tally_finish(struct tally *tally);

/* Is the policy NULL, or the last one of some program on some machine? */
bool tally_in_use(const struct tally *tally, const char *policy);

/* Did a CA of this name sign a chain of this domain whose pin matched? Then a chain that failed is
 * as likely the server's new key, or a mis-issued certificate, as inspection. */
bool tally_signs(const struct tally *tally, const char *domain, const char *issuer);

void tally_free(struct tally *tally);

#endif
