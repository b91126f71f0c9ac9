/* One handshake before the policy: what is known of it, and what was decided. */
#ifndef PINSHIM_SHIM_JUDGEMENT_H
#define PINSHIM_SHIM_JUDGEMENT_H

#include <stdbool.h>

#include "config/text.h"
#include "shim/chain.h"
#include "shim/event.h"
#include "shim/evidence.h"
#include "shim/loaded.h"
#include "shim/openssl.h"
#include "shim/peer.h"

struct judgement {
    struct loaded *loaded;  /* the policy, for as long as the judgement lives */
    struct openssl *marked; /* whose error queue is marked; NULL: none */
    struct known_peer known;
    struct policy_match match;
    struct cert_list sent;
    STACK_OF(X509) * untrusted; /* as sent; not owned */
    int level;                  /* the connection's security level */
    struct decision decision;
    enum program_verification program_verification;
    bool resumed;
};

/* A judgement of the peer of `ssl`: its names, address and section are found. With a broken policy
 * no section is looked for. For judgement_close, behind which OpenSSL's error queue is as it was
 * before. */
void judgement_open(struct openssl *o, SSL *ssl, struct judgement *judgement);
void judgement_close(struct judgement *judgement);

/* To be called before the first call of OpenSSL's that may leave an error: marks the error queue,
 * once, for that costs 300 instructions. */
void judgement_mark(struct openssl *o, struct judgement *judgement);

/* Judges the certificates that `judgement->sent` was started with, by what else `evidence` has. */
void judgement_decide(struct openssl *o, struct judgement *judgement,
                      const struct evidence *evidence);

/* The checks that hold for the peer beside pins: a set of enum check. */
unsigned judgement_checks(const struct judgement *judgement);

/* Decides against the peer for a reason outside the pins. */
void judgement_fail(struct judgement *judgement, enum reason reason);

/* Writes the event, unless the mode is off for this peer or there is no sink. */
void judgement_tell(struct openssl *o, SSL *ssl, struct judgement *judgement);

/* Is a connection to be refused that cannot be judged, for want of memory? Where its section, or
 * the rule for peers that none names, is enforced. */
bool judgement_doubt_refuses(struct openssl *o, SSL *ssl);

/* Is the connection to be refused? */
bool judgement_refuses(const struct judgement *judgement);

/* The name that decided, else the address as text (in `address`), else "". */
const char *judgement_host(const struct judgement *judgement, char address[ADDRESS_SIZE]);

/* Adds HOST:PORT for a person. */
void judgement_add_peer(struct text *text, const struct judgement *judgement);

/* The refusal in words, malloc'ed: "blocked HOST:PORT: REASON; the peer sent …; pinned: …".
 * NULL when memory is short. After judgement_tell, which finds the names of the certificates. */
char *judgement_words(const struct judgement *judgement);

#endif
