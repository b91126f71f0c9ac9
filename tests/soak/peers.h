/* The servers of the soak: each kind is known by the name that clients ask it for, and has a
 * certificate that the policy accepts or does not. */
#ifndef PINSHIM_TESTS_SOAK_PEERS_H
#define PINSHIM_TESTS_SOAK_PEERS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

enum peer_verdict { PASS, FAIL, UNPINNED, VERDICTS };

struct peer_kind {
    const char *host;
    enum peer_verdict verdict; /* as the event says it … */
    bool accepted;             /* … and whether the connection is to work */
};

enum peer {
    LEAF_GOOD,   /* its own key is pinned */
    LEAF_BAD,    /* another key, same name, same CA */
    CA_GOOD,     /* its CA is pinned */
    CA_FORGED,   /* by a CA that is trusted, not pinned; the pinned one is sent along */
    CA_NAMESAKE, /* by a CA called like the pinned one, which is sent along */
    AUDITED,     /* the wrong key in a section that audits */
    UNNAMED,     /* no section names it */
    PEERS
};

extern const struct peer_kind PEER_KINDS[PEERS];

/* Makes keys and certificates in `directory`, and the two policies, FIRST and SECOND: different,
 * and with the same verdicts. */
void peers_make(const char *directory);

/* The server's context of each kind, from those files. */
void peers_load(const char *directory, SSL_CTX *contexts[PEERS]);

/* Ends the process, with the words and OpenSSL's errors, unless `good`. */
void must(bool good, const char *words);

#endif
