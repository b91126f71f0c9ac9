#include "shim/evidence.h"

#include <string.h>

/* One judgement under way. */
struct hearing {
    struct openssl *o;
    const struct policy_view *view;
    const struct policy_match *match;
    const struct evidence *evidence;
    struct path_start start;
    int64_t now;
    struct cert_list *path;
    struct chain chain;
    struct decision *out;
};

static void judge(struct hearing *h)
{
    h->chain.path = h->path->digests;
    h->chain.path_count = h->path->count;
    policy_judge(h->view, h->match, &h->chain, h->now, h->out);
}

/* Judges by one path; true when that finds a pin. */
static bool pin_on_path(struct hearing *h, bool found)
{
    if (!found)
        return false;
    h->chain.path_state = PATH_VERIFIED;
    judge(h);
    return h->out->pin != NULL;
}

/* By a path to a pinned certificate, one of those sent or of `store`. */
static bool pin_at_end(struct hearing *h, X509_STORE *store)
{
    return pin_on_path(h, chain_path_to_pinned(h->o, h->view->policy, h->match->section,
                                               h->evidence->sent, &h->start, store, h->path));
}

/* By the path that OpenSSL builds to `store`: over what only the store holds, too. */
static bool pin_up_to(struct hearing *h, X509_STORE *store)
{
    return store != NULL && pin_on_path(h, chain_path_to_store(h->o, store, &h->start, h->path));
}

/* By an anchor that is pinned, where the peer has not sent it and the program has none. */
static bool pin_among_anchors(struct hearing *h)
{
    struct anchors *anchors = h->evidence->anchors;
    X509_STORE *pinned = NULL;
    bool found;

    if (anchors != NULL && h->start.leaf != NULL)
        pinned = anchors_pinned(anchors, h->o, h->view->policy, h->match->section);
    found = pinned != NULL && (pin_at_end(h, pinned) || pin_up_to(h, anchors_store(anchors, h->o)));
    h->o->X509_STORE_free(pinned);
    return found;
}

/* Cheapest first: the program's own path costs nothing, stores may hold thousands. Without a pin on
 * the path, the rest of the questions waits until no other path is left. */
static void find_path(struct hearing *h)
{
    const struct evidence *e = h->evidence;

    if (pin_on_path(h, e->verified != NULL && chain_read_path(h->o, e->verified, h->path)) ||
        pin_at_end(h, NULL) || (e->store != NULL && pin_at_end(h, e->store)) ||
        (e->verified == NULL && pin_up_to(h, e->store)) || pin_among_anchors(h))
        return;
    h->chain.path_state = PATH_NONE;
    judge(h);
}

static enum answer answer(bool yes)
{
    return yes ? ANSWER_YES : ANSWER_NO;
}

/* Does the chain verify up to one of the inspection CAs? */
static bool is_inspected(struct hearing *h)
{
    struct openssl *o = h->o;
    X509_STORE *store = h->start.leaf == NULL ? NULL : o->X509_STORE_new();
    struct cert_list path;
    size_t length;
    bool found;

    for (uint32_t i = 0; store != NULL && i < policy_inspection_count(h->view); i++) {
        const uint8_t *der = policy_inspection_ca(h->view, i, &length);
        chain_add_anchor(o, store, der, length);
    }
    found = chain_path_to_any(o, store, &h->start, &path);
    o->X509_STORE_free(store);
    return found;
}

static bool is_anchored(struct hearing *h)
{
    struct cert_list path;

    return h->evidence->anchors != NULL &&
           chain_path_to_store(h->o, anchors_store(h->evidence->anchors, h->o), &h->start, &path);
}

static bool is_for_host(struct hearing *h, const char *host)
{
    struct address address;

    if (h->start.leaf == NULL || host[0] == '\0')
        return false;
    return address_parse(host, &address)
               ? h->o->X509_check_ip_asc(h->start.leaf, host, 0) == 1
               : h->o->X509_check_host(h->start.leaf, host, strlen(host), 0, NULL) == 1;
}

void evidence_judge(struct openssl *o, const struct policy_view *view,
                    const struct policy_match *match, const char *host,
                    const struct evidence *evidence, int64_t now, struct cert_list *path,
                    struct decision *out)
{
    struct hearing h = {
        .o = o,
        .view = view,
        .match = match,
        .evidence = evidence,
        .start = {.leaf = evidence->sent->count > 0 ? evidence->sent->certs[0] : NULL,
                  .untrusted = evidence->untrusted,
                  .level = evidence->level},
        .now = now,
        .path = path,
        .out = out};

    path->count = 0;
    h.chain.sent = evidence->sent->digests;
    h.chain.sent_count = evidence->sent->count;
    if (evidence->resumed) {
        h.chain.path_state = PATH_NONE;
        h.chain.inspected = ANSWER_NO;
        h.chain.anchored = h.chain.host_matches = ANSWER_YES;
    }
    judge(&h);
    while (out->need != NEEDS_NOTHING) {
        if (out->need == NEEDS_PATH)
            find_path(&h);
        else if (out->need == NEEDS_INSPECTED)
            h.chain.inspected = answer(is_inspected(&h));
        else if (out->need == NEEDS_ANCHORED)
            h.chain.anchored = answer(is_anchored(&h));
        else
            h.chain.host_matches = answer(is_for_host(&h, host));
        judge(&h);
    }
}
