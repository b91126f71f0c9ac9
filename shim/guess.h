/* Which of the program's connections a handshake goes over, where OpenSSL has a BIO of the
 * program's own. */
#ifndef PINSHIM_SHIM_GUESS_H
#define PINSHIM_SHIM_GUESS_H

#include "config/policy.h"
#include "shim/openssl.h"
#include "shim/resolved.h"
#include "shim/traffic.h"

struct guess {
    struct traffic carried;
    uintptr_t owner;       /* the SSL; 0: the connections of others count as well */
    unsigned exacts;       /* how many candidates are exact */
    struct standing exact; /* the last of them */
};

struct candidate {
    struct standing standing;
    bool exact; /* it carried what libssl sent and read, to the octet */
};

/* Looks at what `ssl` has sent and read so far. */
void guess_start(struct openssl *o, SSL *ssl, struct guess *guess);

/* The connections that may be it, one a call, from `*at` = 0 on; false when there are no more.
 * Those that are known to be another SSL's are left out, if that leaves any. */
bool guess_next(const struct guess *guess, unsigned *at, struct candidate *out);

/* For who tells of the peer: writes the address and the port of the one candidate that is exact; of
 * the latest where all lead to one address; else nothing. */
void guess_peer(const struct guess *guess, struct peer *peer);

/* The peer has passed: the one candidate that is exact belongs to the SSL from now on. Where `name`
 * decided (normalised), not the connection, only if it was last resolved to its address, and
 * nothing else that may be it leads there. */
void guess_own(const struct guess *guess, const char *name);

#endif
