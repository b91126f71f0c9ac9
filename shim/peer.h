/* Who is at the other end: names and address of a connection, from all that is known of it. */
#ifndef PINSHIM_SHIM_PEER_H
#define PINSHIM_SHIM_PEER_H

#include "config/policy.h"
#include "shim/guess.h"
#include "shim/loaded.h"
#include "shim/openssl.h"

/* A peer with the storage that its names need. */
struct known_peer {
    struct peer peer;
    bool located;            /* its address was looked for (peer_locate) */
    bool guessed;            /* OpenSSL does not know its socket, nor does its name lead to one */
    struct guess guess;      /* then */
    char sni[NAME_SIZE + 2]; /* as set; one longer than any name can be is cut, and then no name */
    char verify_host[NAME_SIZE + 2];
    char resolved[NAME_SIZE];
};

/* Finds what OpenSSL, the socket and the program's resolver calls tell of the peer of `ssl`, and
 * the section that it falls under, in the policy in force. Returns that, for loaded_release;
 * `match` is all zeros where there is none to look in (loaded_refuses_all). Where a name decided,
 * and no address or port could have, those have not been looked for. Leaves errno and OpenSSL's
 * error queue as they were. */
struct loaded *peer_place(struct openssl *o, SSL *ssl, struct known_peer *known,
                          struct policy_match *match);

/* Looks for the address and the port, and the other names, if that has not been done: for who tells
 * of the peer. Leaves errno and OpenSSL's error queue as they were. */
void peer_locate(struct openssl *o, SSL *ssl, struct known_peer *known);

/* The peer has passed: its connection is no other SSL's from now on. Not before, because who can
 * make another's handshake look like one over its own connection would take that out of the
 * question. Leaves errno and OpenSSL's error queue as they were. */
void peer_settle(struct openssl *o, SSL *ssl, const struct known_peer *known,
                 const struct policy_match *match);

/* Have the pins of a section expired? The clock is asked only where they can. */
bool peer_pins_expired(const struct policy_section *section);

/* Is a peer held to something in enforce: by a section whose pins have not expired, by a rule that
 * blocks those whose pins have, or that no section names, or by the checks of `verify`? */
bool peer_is_held(const struct policy_view *view, const struct policy_match *match);

#endif
