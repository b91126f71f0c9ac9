/* Events: JSON Lines (contract section 4), one object a line, at most EVENT_SIZE octets. */
#ifndef PINSHIM_SHIM_EVENT_H
#define PINSHIM_SHIM_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "config/verdict.h"
#include "shim/loaded.h"

#define EVENT_SIZE 4096

/* What the program's own checks said. */
enum program_verification { PROGRAM_OK, PROGRAM_FAILED, PROGRAM_SKIPPED };

/* One certificate of the chain in words; the digests are in struct cert_digests. */
struct cert_words {
    char subject[200];
    char issuer[200];
    int64_t not_after; /* Unix time */
};

struct handshake_event {
    const struct loaded *loaded;
    const struct policy_match *match; /* NULL: the policy could not be read */
    const struct peer *peer;
    const struct decision *decision;
    enum program_verification program_verification;
    bool resumed;
    const char *tls; /* SSL_get_version */
    const struct cert_digests *sent;
    const struct cert_words *words; /* parallel to sent */
    size_t sent_count;
};

/* Each writes one event to all sinks. */
void event_policy(const struct loaded *loaded);
void event_config_error(const char *file, unsigned line, const char *text, enum mode mode);
void event_handshake(const struct handshake_event *event);

#endif
