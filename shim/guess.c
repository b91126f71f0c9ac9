#include "shim/guess.h"

/* How many candidates there are; counts the exact ones, and writes the last of them. */
static unsigned count(struct guess *guess, struct standing *exact)
{
    struct candidate c;
    unsigned candidates = 0;

    guess->exacts = 0;
    for (unsigned at = 0; guess_next(guess, &at, &c); candidates++)
        if (c.exact) {
            *exact = c.standing;
            guess->exacts++;
        }
    return candidates;
}

void guess_start(struct openssl *o, SSL *ssl, struct guess *guess)
{
    struct standing exact;

    guess->carried = traffic_of(o, ssl);
    guess->owner = (uintptr_t)ssl;
    if (count(guess, &exact) == 0) { /* TLS inside of TLS */
        guess->owner = 0;
        count(guess, &exact);
    } else if (guess->exacts == 1) {
        connected_own(exact.fd, guess->owner);
    }
}

bool guess_next(const struct guess *guess, unsigned *at, struct candidate *out)
{
    while (connected_next(at, guess->owner, &out->standing)) {
        enum traffic_fit fit = traffic_fit(&guess->carried, out->standing.fd);
        out->exact = fit == TRAFFIC_EXACT;
        if (fit != TRAFFIC_OTHER)
            return true;
    }
    return false;
}

void guess_peer(const struct guess *guess, struct peer *peer)
{
    struct candidate c, best = {.standing = {.stamp = 0}};
    bool same = true;

    for (unsigned at = 0; guess_next(guess, &at, &c);) {
        if (guess->exacts == 1 && !c.exact)
            continue;
        if (best.standing.stamp != 0 && !address_equal(&c.standing.address, &best.standing.address))
            same = false;
        if (c.standing.stamp > best.standing.stamp)
            best = c;
    }
    if (same && best.standing.stamp != 0) {
        peer->address = best.standing.address;
        peer->likely_port = best.standing.port;
    }
}
