/* Chains that a server sends, genuine and not, before clients that verify and that do not. */
#ifndef PINSHIM_TESTS_HANDSHAKE_CHAINS_H
#define PINSHIM_TESTS_HANDSHAKE_CHAINS_H

#include "tests/handshake/scene.h"

/* As pki_issue; freed by chains_close, which ends what scene_open began. */
struct identity *issue(const char *name, const struct identity *issuer, struct request request);
void chains_close(void);

/* Makes an identity send these others' certificates after its own. */
#define SEND(sender, name, ...)                                                                    \
    pki_send(scene.scratch, name, (const struct identity *[]){__VA_ARGS__, NULL}, sender)

/* Refused under enforce, for `reason`, whatever program might be fooled. */
void fools_nobody(const struct identity *identity, const char *reason);

/* The same before a server that shows what its OpenSSL thinks too weak. */
void weakness_fools_nobody(const struct identity *identity, const char *reason);

/* The trip of a client that verifies by the CAs in this file, or of one that verifies nothing; both
 * have a certificate of their own. */
struct trip chain_trip(const struct identity *identity, bool verifying, const char *ca_file);

/* The event of a trip under enforce that works, and looks as it does bare. */
#define expect_let_in(trip, verdict, reason)                                                       \
    expect_invisible(trip, "enforce", verdict, reason, "allow")

/* Refused under enforce; in audit unchanged, and the event says what enforce would do. */
void expect_refusal_and_audit(struct trip trip, const char *reason);

#endif
