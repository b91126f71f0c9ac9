/* What a decision may ask for, and how it is found out: paths, trust anchors, the host's name. */
#ifndef PINSHIM_SHIM_EVIDENCE_H
#define PINSHIM_SHIM_EVIDENCE_H

#include "shim/anchors.h"
#include "shim/chain.h"
#include "shim/paths.h"

struct evidence {
    struct cert_list *sent;     /* started */
    STACK_OF(X509) * untrusted; /* as sent */
    /* The program's own path, when its result is to be believed, else NULL; asked for by need. */
    const STACK_OF(X509) * (*programs_path)(void *arg); /* or NULL: it has none */
    void *arg;
    X509_STORE *store;       /* the program's trust anchors, or NULL */
    struct anchors *anchors; /* those of `trust_anchors`, or NULL */
    struct paths *paths;     /* the policy's memory of paths, or NULL */
    int level;               /* the connection's security level */
    bool resumed; /* a session: of the chain there is only the leaf, and all but that leaf's pin was
                     checked when the session was made, or not at all */
};

/* Judges `evidence->sent` under the section that policy_find found; answers what the decision asks
 * for, at the cost that it takes, and only that. `host`: the peer's name, or address as text. False
 * when memory is too short to look at a certificate: then there is no decision. Callers
 * mark and restore OpenSSL's error queue. */
bool evidence_judge(struct openssl *o, const struct policy_view *view,
                    const struct policy_match *match, const char *host,
                    const struct evidence *evidence, int64_t now, struct decision *out);

#endif
