/* Which section a peer falls under, as the contract has it: one table for the units, the command
 * and the shim. */
#ifndef PINSHIM_TESTS_SUPPORT_NAMES_TABLE_H
#define PINSHIM_TESTS_SUPPORT_NAMES_TABLE_H

#include <stddef.h>

/* A config, a peer, and the answer. */
struct names_row {
    const char *config;
    const char *peer;    /* what is known of it, in words: sni= verify= resolved= address= port=
                            likely= program=; the last is a base name or an absolute path */
    const char *section; /* its title as written, which no other section of the config has; NULL:
                            none */
    const char *host;    /* the name that decided; "": none is known */
    const char *source;  /* where that came from, as events write it */
};

extern const struct names_row NAMES_TABLE[];
extern const size_t NAMES_TABLE_SIZE;

/* The words of a row. A name that is not given is NULL, a number 0. */
struct names_peer {
    char words[600];
    const char *sni, *verify, *resolved, *address, *program;
    unsigned port, likely;
};

/* Takes the words apart; fails the test when one is unknown. */
void names_peer_read(const char *peer, struct names_peer *out);

#endif
