/* A chain as a peer has sent it, or as if one had. */
#ifndef PINSHIM_CLI_PEER_CHAIN_H
#define PINSHIM_CLI_PEER_CHAIN_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/certs.h"
#include "config/verdict.h"
#include "shim/chain.h"

struct peer_chain {
    STACK_OF(X509) * stack; /* all of the file's, the leaf first */
    struct cert_list sent;  /* what the shim would look at */
    char *names[CHAIN_MAX]; /* what people call each of these */
};

/* Reads the file at `path` ("-": standard input). False, with the reason in `why`, when it is
 * unreadable or holds something else than certificates. Free with peer_chain_free in either
 * case. */
bool peer_chain_read(const char *path, struct peer_chain *out, char *why, size_t size);

/* The same of certificates that are there already, the leaf first; those that the trust store
 * completed are left out. They stay the caller's. `name` is where they came from. */
bool peer_chain_take(const struct certs *certs, const char *name, struct peer_chain *out, char *why,
                     size_t size);

/* Judges the chain under the section that policy_find found for `host`, a name or address. Where
 * the decision asks for a path, it may end in the system's trust store, as for a program that uses
 * it, in a pinned certificate of the chain, or in the trust anchors that the config names. False
 * when memory is short. */
bool peer_chain_judge(struct peer_chain *chain, const char *config, const struct policy_view *view,
                      const struct policy_match *match, const char *host, int64_t now,
                      struct decision *out);

void peer_chain_free(struct peer_chain *chain);

#endif
