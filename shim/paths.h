/* Paths that were verified under a policy: what OpenSSL needs half a million instructions for, and
 * what comes out the same for the same certificates.
 *
 * A path is remembered with all that its verification went by: every certificate that was sent, in
 * that order; what it was to lead to, which is the policy's own; the OpenSSL and the security
 * level; and the time in which each certificate of it holds. That none was found is not remembered,
 * and nothing that another store than the policy's own had a part in, for a program may change
 * those. */
#ifndef PINSHIM_SHIM_PATHS_H
#define PINSHIM_SHIM_PATHS_H

#include <stdatomic.h>

#include "shim/chain.h"

/* What a path leads to. */
enum path_end { END_PINNED, END_INSPECTION_CA, END_ANCHOR, END_LOCAL_CA };

/* A question of one handshake. */
struct path_question {
    enum path_end end;
    uint32_t section; /* with END_PINNED: whose pins */
    unsigned library; /* which OpenSSL verifies (openssl_index): each has rules of its own */
    int level;
    int64_t now;
    const struct cert_list *sent; /* all looked at */
};

struct verified;

/* The memory for one policy; all zeros is an empty one. */
struct paths {
    _Atomic(struct verified *) table; /* NULL until there is something to remember */
};

/* Forgets all. Nobody may be using it. */
void paths_clear(struct paths *paths);

/* Was that path verified? With END_PINNED it goes into `path` as chain_read_path would have put it
 * there, for chain_release; else `path` is not touched. `paths` may be NULL: then no. */
bool paths_find(struct paths *paths, const struct path_question *question, struct cert_list *path);

/* Remembers that the question was answered with `path`. `paths` may be NULL. */
void paths_remember(struct paths *paths, const struct path_question *question,
                    const struct cert_list *path);

#endif
