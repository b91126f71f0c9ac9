/* One handshake of the soak, both sides in one thread. */
#ifndef PINSHIM_TESTS_SOAK_TRIP_H
#define PINSHIM_TESTS_SOAK_TRIP_H

#include <stdbool.h>

#include "tests/soak/peers.h"

/* What one thread works with. */
struct traveller {
    SSL_CTX *client;
    SSL_CTX *const *servers; /* one for each kind of peer */
    SSL_SESSION *session;    /* the last of LEAF_GOOD, or NULL */
    int listener;            /* on 127.0.0.1 */
    unsigned long number;    /* of trips begun; also chooses the road */
};

struct trip_result {
    bool handshake; /* the client's succeeded */
    bool received;  /* the server got the client's request, or anything of it */
    bool answered;  /* the client got the answer */
    bool resumed;
};

void traveller_open(struct traveller *traveller, SSL_CTX *const *servers);
void traveller_close(struct traveller *traveller);

/* Connects, asks, whether the handshake succeeded or not, and closes. */
struct trip_result trip(struct traveller *traveller, enum peer peer);

#endif
