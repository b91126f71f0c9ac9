/* The decision: (policy, peer, chain, time) -> verdict. Pure: no OpenSSL, no clock, no I/O.
 * The shim and the command call the same function, so `pinshim test` says what the shim does. */
#ifndef PINSHIM_CONFIG_VERDICT_H
#define PINSHIM_CONFIG_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/policy.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_UNPINNED };

enum reason {
    REASON_PIN_MATCHED,
    REASON_BACKUP_PIN_MATCHED,
    REASON_NO_PIN_MATCHED,
    REASON_PIN_NOT_IN_VALID_CHAIN,
    REASON_CHAIN_INVALID,
    REASON_HOSTNAME_MISMATCH,
    REASON_NO_CERTIFICATE,
    REASON_PINS_EXPIRED,
    REASON_INSPECTION_CA,
    REASON_NO_SECTION,
    REASON_NO_NAME,
    REASON_CONFIG_ERROR,
    REASON_SESSION_NOT_VERIFIED,
};

enum action { ACTION_ALLOW, ACTION_BLOCK, ACTION_TERMINATE };

/* One certificate, by its digests. */
struct cert_digests {
    uint8_t spki[DIGEST_SIZE];
    uint8_t cert[DIGEST_SIZE];
    enum position position;
};

/* Whether a path from the leaf to a trust anchor has been verified: signatures, CA constraints,
 * dates, purpose (RFC 5280 section 6). What was merely sent proves nothing. */
enum path_state {
    PATH_NOT_TRIED, /* the decision asks for it when it matters: NEEDS_PATH */
    PATH_NONE,      /* tried; there is none to a pinned certificate */
    PATH_VERIFIED,
};

/* A question that is costly to answer, and so answered only when it is asked. */
enum answer { NOT_ASKED, ANSWER_NO, ANSWER_YES };

/* How much of what was sent has been looked at. */
enum looked_at { LOOKED_AT_ALL, LOOKED_AT_LEAF, LOOKED_AT_NOTHING };

struct chain {
    const struct cert_digests *sent; /* as the peer sent it; [0] is the leaf */
    size_t sent_count;               /* 0: no certificate at all */
    enum looked_at looked_at;
    enum path_state path_state;
    const struct cert_digests *path; /* with PATH_VERIFIED: leaf first, anchor last */
    size_t path_count;
    enum answer inspected;    /* does the chain verify up to one of the view's inspection CAs? */
    enum answer anchored;     /* … up to one of its trust anchors? */
    enum answer host_matches; /* is the leaf for the peer's name or address? */
};

/* What a decision must know before it can be made. */
enum need {
    NEEDS_NOTHING,
    NEEDS_LEAF,
    NEEDS_SENT,
    NEEDS_PATH,
    NEEDS_INSPECTED,
    NEEDS_ANCHORED,
    NEEDS_HOST_MATCHES
};

struct decision {
    enum verdict verdict;
    enum reason reason;
    enum action action;  /* what is done now */
    enum action would;   /* what enforce would do */
    enum action refusal; /* what a refusal of this peer is */
    enum mode mode;
    enum need need;               /* unless NEEDS_NOTHING: find that out and ask again */
    bool pins_expired;            /* the section's pins have run out */
    const struct policy_pin *pin; /* the one that matched, or NULL */
    bool backup;                  /* it is one of the section's backup_pins */
    enum position position;       /* where it matched */
};

/* Judges a chain under the section that policy_find found. `now` is Unix time. */
void policy_judge(const struct policy_view *view, const struct policy_match *match,
                  const struct chain *chain, int64_t now, struct decision *out);

/* What a refusal of a peer of this section (NULL: one that none names) is: ACTION_BLOCK, or
 * ACTION_TERMINATE when `on_failure` ends the process. */
enum action policy_refusal(const struct policy_view *view, const struct policy_section *section);

/* The decision for a peer that cannot be judged, for a reason outside the pins (config_error,
 * session_not_verified): a failure, with the actions of `mode`, and `refusal` as that of enforce.
 */
void decision_fail(enum mode mode, enum action refusal, enum reason reason, struct decision *out);

/* A resumed session that was verified when it was made: turns the failure of a judgement that can
 * no longer see the pinned CA, or key, into a pass; of an inspection CA, if `inspected`. Expired
 * pins stay expired. */
void decision_trust_session(struct decision *decision, bool inspected);

const char *verdict_name(enum verdict verdict);
const char *reason_name(enum reason reason);
const char *action_name(enum action action);

/* The reason as words for a person: "no pin matched". */
const char *reason_words(enum reason reason);

#endif
