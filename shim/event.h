/* Events: JSON Lines (contract section 4), one object a line, at most EVENT_SIZE octets. */
#ifndef PINSHIM_SHIM_EVENT_H
#define PINSHIM_SHIM_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "config/verdict.h"
#include "shim/chain.h"
#include "shim/loaded.h"

#define EVENT_SIZE 4096

/* What the program's own checks said. */
enum program_verification { PROGRAM_OK, PROGRAM_FAILED, PROGRAM_SKIPPED };

/* The subject of a peer that shows a raw public key instead of a certificate. */
#define RAW_KEY "raw public key"

struct handshake_event {
    const struct loaded *loaded;
    const struct policy_match *match; /* NULL: the policy could not be read */
    const struct peer *peer;
    const struct decision *decision;
    enum program_verification program_verification;
    bool resumed;
    enum answer local_ca;         /* does the chain end in a CA that was added to this machine? */
    const char *tls;              /* SSL_get_version */
    const struct cert_list *sent; /* in words (CERTIFICATE_WORDS), as far as memory sufficed */
};

/* Each writes one event to all sinks. */
void event_policy(const struct loaded *loaded);
void event_config_error(const char *file, unsigned line, const char *text, enum mode mode);
void event_handshake(const struct handshake_event *event);

#endif
