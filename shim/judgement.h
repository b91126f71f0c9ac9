/* One handshake before the policy: what is known of it, and what was decided. */
#ifndef PINSHIM_SHIM_JUDGEMENT_H
#define PINSHIM_SHIM_JUDGEMENT_H

#include <stdbool.h>

#include "shim/chain.h"
#include "shim/event.h"
#include "shim/openssl.h"
#include "shim/peer.h"

struct judgement {
    struct known_peer known;
    struct policy_match match;
    struct cert_list sent;
    struct decision decision;
    enum program_verification program_verification;
    bool resumed;
    /* What is only needed to decide or to tell. */
    struct cert_list path;
    struct cert_words words[CHAIN_MAX];
};

/* A judgement of the peer of `ssl`: its names, address and section are found. Malloc'ed; NULL
 * when memory is short. With a broken policy no section is looked for. */
struct judgement *judgement_new(struct openssl *o, SSL *ssl);

/* Where a certificate path may come from, beside what was sent. */
struct path_sources {
    STACK_OF(X509) * untrusted;      /* as sent */
    const STACK_OF(X509) * verified; /* the program's own path, when its result is to be believed */
    X509_STORE *store;               /* the program's trust anchors, or NULL */
};

/* Judges the certificates that `judgement->sent` holds. */
void judgement_decide(struct openssl *o, struct judgement *judgement,
                      const struct path_sources *sources);

/* Decides against the peer for a reason outside the pins. */
void judgement_fail(struct judgement *judgement, enum reason reason);

/* Writes the event, unless the mode is off for this peer. */
void judgement_tell(struct openssl *o, SSL *ssl, struct judgement *judgement);

/* Is a connection to be refused that cannot be judged, for want of memory? Where its section, or
 * the rule for peers that none names, is enforced. */
bool judgement_doubt_refuses(struct openssl *o, SSL *ssl);

/* Is the connection to be refused? */
bool judgement_refuses(const struct judgement *judgement);

/* The refusal in words, malloc'ed: "blocked HOST:PORT: REASON; the peer sent …; pinned: …".
 * NULL when memory is short. After judgement_tell, which finds the names of the certificates. */
char *judgement_words(const struct judgement *judgement);

#endif
