#include "shim/guess.h"

#include <string.h>

static unsigned count(struct guess *guess)
{
    struct candidate c;
    unsigned candidates = 0;

    guess->exacts = 0;
    for (unsigned at = 0; guess_next(guess, &at, &c); candidates++)
        if (c.exact) {
            guess->exact = c.standing;
            guess->exacts++;
        }
    return candidates;
}

void guess_start(struct openssl *o, SSL *ssl, struct guess *guess)
{
    guess->carried = traffic_of(o, ssl);
    guess->owner = (uintptr_t)ssl;
    if (count(guess) > 0)
        return;
    guess->owner = 0; /* TLS inside of TLS */
    if (count(guess) > 0)
        return;
    guess->carried = (struct traffic){.stream = guess->carried.stream}; /* then by no count */
    count(guess);
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
    struct candidate c;
    struct standing best = {.stamp = 0};
    bool same = true;

    if (guess->exacts == 1)
        best = guess->exact;
    for (unsigned at = 0; guess->exacts != 1 && guess_next(guess, &at, &c);) {
        if (best.stamp != 0 && !address_equal(&c.standing.address, &best.address))
            same = false;
        if (c.standing.stamp > best.stamp)
            best = c.standing;
    }
    if (same && best.stamp != 0) {
        peer->address = best.address;
        peer->likely_port = best.port;
    }
}

/* Is the exact candidate the only one with its address? */
static bool is_alone_there(const struct guess *guess)
{
    struct candidate c;
    unsigned there = 0;

    for (unsigned at = 0; guess_next(guess, &at, &c);)
        there += address_equal(&c.standing.address, &guess->exact.address);
    return there == 1;
}

void guess_own(const struct guess *guess, const char *name)
{
    char resolved[NAME_SIZE];

    if (guess->exacts != 1 || guess->owner == 0)
        return;
    if (name == NULL || (resolved_name(&guess->exact.address, resolved) &&
                         strcmp(resolved, name) == 0 && is_alone_there(guess)))
        connected_own(guess->exact.fd, guess->owner);
}
