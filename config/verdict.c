#include "config/verdict.h"

#include <string.h>

/* Fills in the actions that follow from what enforce would do. */
static void act(struct decision *d, enum action would)
{
    d->would = would;
    d->action = d->mode == MODE_ENFORCE ? would : ACTION_ALLOW;
}

static void fail(struct decision *d, enum reason reason)
{
    d->verdict = VERDICT_FAIL;
    d->reason = reason;
    act(d, d->refusal);
}

enum action policy_refusal(const struct policy_view *view, const struct policy_section *section)
{
    return (policy_responses(view, section) & RESPONSE_TERMINATE) != 0 ? ACTION_TERMINATE
                                                                       : ACTION_BLOCK;
}

void decision_fail(enum mode mode, enum action refusal, enum reason reason, struct decision *out)
{
    memset(out, 0, sizeof *out);
    out->mode = mode;
    out->refusal = refusal;
    fail(out, reason);
}

static void pass(struct decision *d, enum reason reason)
{
    d->verdict = VERDICT_PASS;
    d->reason = reason;
    act(d, ACTION_ALLOW);
}

void decision_trust_session(struct decision *d, bool inspected)
{
    if (d->pins_expired || (d->verdict != VERDICT_FAIL && !inspected))
        return;
    pass(d, inspected ? REASON_INSPECTION_CA : REASON_PIN_MATCHED);
}

/* Nothing to hold the peer to: the rule for such peers decides. */
static void judge_by_rule(enum rule rule, enum reason reason, struct decision *d)
{
    d->reason = reason;
    d->verdict = rule == RULE_BLOCK ? VERDICT_FAIL : VERDICT_UNPINNED;
    act(d, rule == RULE_ALLOW ? ACTION_ALLOW : d->refusal);
    if (rule == RULE_AUDIT)
        d->action = ACTION_ALLOW;
}

static const struct policy_pin *pin_of(const struct policy *policy,
                                       const struct policy_section *section,
                                       const struct cert_digests *cert)
{
    return policy_pin_of(policy, section, cert->spki, cert->cert);
}

static void judge_matched(const struct policy *policy, const struct policy_section *section,
                          const struct policy_pin *pin, enum position position, struct decision *d)
{
    d->pin = pin;
    d->position = position;
    d->backup = pin - policy_pins(policy, section) >= (ptrdiff_t)section->current;
    pass(d, d->backup ? REASON_BACKUP_PIN_MATCHED : REASON_PIN_MATCHED);
}

/* Pins of CAs count only on a verified path; whether one was sent only decides the words. */
static void judge_path(const struct policy *policy, const struct policy_section *section,
                       const struct chain *chain, struct decision *d)
{
    const struct policy_pin *pin;

    if (chain->path_state == PATH_NOT_TRIED && section->match != POSITION_LEAF) {
        d->need = NEEDS_PATH;
        return;
    }
    for (size_t i = 1; chain->path_state == PATH_VERIFIED && i < chain->path_count; i++) {
        const struct cert_digests *cert = &chain->path[i];
        if ((section->match & cert->position) != 0 &&
            (pin = pin_of(policy, section, cert)) != NULL) {
            judge_matched(policy, section, pin, cert->position, d);
            return;
        }
    }
    if (chain->looked_at != LOOKED_AT_ALL) {
        d->need = NEEDS_SENT;
        return;
    }
    d->reason = REASON_NO_PIN_MATCHED;
    for (size_t i = 1; i < chain->sent_count; i++)
        if ((section->match & chain->sent[i].position) != 0 &&
            pin_of(policy, section, &chain->sent[i]) != NULL)
            d->reason = REASON_PIN_NOT_IN_VALID_CHAIN;
    fail(d, d->reason);
}

static void judge_pins(const struct policy_view *view, const struct policy_section *section,
                       const struct chain *chain, struct decision *d)
{
    const struct policy_pin *pin;

    if (chain->sent_count == 0)
        fail(d, REASON_NO_CERTIFICATE);
    else if ((section->match & POSITION_LEAF) != 0 && chain->looked_at == LOOKED_AT_NOTHING)
        d->need = NEEDS_LEAF;
    else if ((section->match & POSITION_LEAF) != 0 &&
             (pin = pin_of(view->policy, section, &chain->sent[0])) != NULL)
        judge_matched(view->policy, section, pin, POSITION_LEAF, d);
    else
        judge_path(view->policy, section, chain, d);
    if (d->need != NEEDS_NOTHING || d->verdict != VERDICT_FAIL || chain->sent_count == 0 ||
        policy_inspection_count(view) == 0)
        return;
    if (chain->inspected == NOT_ASKED)
        d->need = NEEDS_INSPECTED;
    else if (chain->inspected == ANSWER_YES)
        pass(d, REASON_INSPECTION_CA);
}

/* Up to a trust anchor, or to an inspection CA that stands in for one. */
static void judge_anchor(const struct policy_view *view, const struct chain *chain,
                         struct decision *d)
{
    if (d->reason == REASON_INSPECTION_CA || chain->anchored == ANSWER_YES)
        return;
    if (chain->anchored == NOT_ASKED)
        d->need = NEEDS_ANCHORED;
    else if (policy_inspection_count(view) == 0 || chain->inspected == ANSWER_NO)
        fail(d, REASON_CHAIN_INVALID);
    else if (chain->inspected == NOT_ASKED)
        d->need = NEEDS_INSPECTED;
    else if (d->would == ACTION_ALLOW && !d->pins_expired) /* else there is more to tell */
        pass(d, REASON_INSPECTION_CA);
}

/* The checks of `verify`, for a peer that has nothing else against it. */
static void judge_checks(const struct policy_view *view, unsigned checks, const struct chain *chain,
                         struct decision *d)
{
    if (chain->sent_count == 0) {
        fail(d, REASON_NO_CERTIFICATE);
        return;
    }
    if ((checks & VERIFY_CHAIN) != 0)
        judge_anchor(view, chain, d);
    if ((checks & VERIFY_HOSTNAME) == 0 || d->need != NEEDS_NOTHING || d->verdict == VERDICT_FAIL)
        return;
    if (chain->host_matches == NOT_ASKED)
        d->need = NEEDS_HOST_MATCHES;
    else if (chain->host_matches == ANSWER_NO)
        fail(d, REASON_HOSTNAME_MISMATCH);
}

void policy_judge(const struct policy_view *view, const struct policy_match *match,
                  const struct chain *chain, int64_t now, struct decision *out)
{
    const struct policy_section *section = match->section;
    unsigned checks = policy_verify(view, section);

    memset(out, 0, sizeof *out);
    out->mode = policy_mode(view, section);
    out->refusal = policy_refusal(view, section);
    if (section == NULL && match->source == HOST_NONE) {
        judge_by_rule(policy_unnamed(view), REASON_NO_NAME, out);
    } else if (section == NULL) {
        judge_by_rule(policy_unpinned(view), REASON_NO_SECTION, out);
    } else if (out->mode == MODE_OFF) {
        judge_by_rule(RULE_ALLOW, REASON_NO_SECTION, out);
        return;
    } else if (policy_pins_expired(section, now)) {
        out->pins_expired = true;
        judge_by_rule(policy_expired(view), REASON_PINS_EXPIRED, out);
    } else {
        judge_pins(view, section, chain, out);
    }
    if (out->need == NEEDS_NOTHING && out->verdict != VERDICT_FAIL && checks != 0 &&
        out->mode != MODE_OFF)
        judge_checks(view, checks, chain, out);
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"pass", "fail", "unpinned"};

    return names[verdict];
}

const char *action_name(enum action action)
{
    static const char *const names[] = {"allow", "block", "terminate"};

    return names[action];
}

static const struct {
    char name[24], words[80];
} REASONS[] = {
    [REASON_PIN_MATCHED] = {"pin_matched", "a pin matched"},
    [REASON_BACKUP_PIN_MATCHED] = {"backup_pin_matched", "a backup pin matched"},
    [REASON_NO_PIN_MATCHED] = {"no_pin_matched", "no pin matched"},
    [REASON_PIN_NOT_IN_VALID_CHAIN] =
        {"pin_not_in_valid_chain", "a pinned certificate was sent, but no valid path leads to it"},
    [REASON_CHAIN_INVALID] = {"chain_invalid", "the chain does not verify"},
    [REASON_HOSTNAME_MISMATCH] = {"hostname_mismatch", "the certificate is for another name"},
    [REASON_NO_CERTIFICATE] = {"no_certificate", "the peer sent no certificate"},
    [REASON_PINS_EXPIRED] = {"pins_expired", "the pins have expired"},
    [REASON_INSPECTION_CA] = {"inspection_ca", "an inspection CA signed it"},
    [REASON_NO_SECTION] = {"no_section", "no section of the policy names it"},
    [REASON_NO_NAME] = {"no_name", "the peer's name is not known"},
    [REASON_CONFIG_ERROR] = {"config_error", "the policy could not be read"},
    [REASON_SESSION_NOT_VERIFIED] =
        {"session_not_verified", "it resumed a session that was not verified under this policy"},
};

const char *reason_name(enum reason reason)
{
    return REASONS[reason].name;
}

const char *reason_words(enum reason reason)
{
    return REASONS[reason].words;
}
