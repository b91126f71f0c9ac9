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
    struct cert_list path; /* the one that was found last */
    struct chain chain;
    struct decision *out;
};

static void judge(struct hearing *h)
{
    h->chain.sent_count = h->evidence->sent->count;
    h->chain.path = h->path.digests;
    h->chain.path_count = h->path.count;
    policy_judge(h->view, h->match, &h->chain, h->now, h->out);
}

/* Judges by the path that was found, if any; true when that finds a pin. */
static bool pin_on_path(struct hearing *h, bool found)
{
    if (!found)
        return false;
    h->chain.path_state = PATH_VERIFIED;
    judge(h);
    return h->out->pin != NULL;
}

static bool pin_on_programs_path(struct hearing *h, const STACK_OF(X509) * path)
{
    if (path == NULL)
        return false;
    chain_release(&h->path);
    return pin_on_path(h, chain_read_path(h->o, path, h->start.parts, &h->path));
}

/* By a path to a pinned certificate, one of those sent or of `store`. */
static bool pin_at_end(struct hearing *h, X509_STORE *store)
{
    chain_release(&h->path);
    return pin_on_path(h, chain_path_to_pinned(h->o, h->view->policy, h->match->section,
                                               h->evidence->sent, &h->start, store, &h->path));
}

/* By the path that OpenSSL builds to `store`: over what only the store holds, too. */
static bool pin_up_to(struct hearing *h, X509_STORE *store)
{
    if (store == NULL)
        return false;
    chain_release(&h->path);
    return pin_on_path(h, chain_path_to_store(h->o, store, &h->start, &h->path));
}

static struct path_question question(const struct hearing *h, enum path_end end)
{
    const struct policy_section *section = h->match->section;

    return (struct path_question){
        .end = end,
        .section = end == END_PINNED ? (uint32_t)(section - policy_section(h->view->policy, 0)) : 0,
        .library = openssl_index(h->o),
        .level = h->start.level,
        .now = h->now,
        .sent = h->evidence->sent};
}

/* By a path to one of those sent: where that was verified before, it need not be again. */
static bool pin_among_sent(struct hearing *h)
{
    struct path_question asked = question(h, END_PINNED);

    chain_release(&h->path);
    if (paths_find(h->evidence->paths, &asked, &h->path) && pin_on_path(h, true))
        return true;
    if (!pin_at_end(h, NULL))
        return false;
    paths_remember(h->evidence->paths, &asked, &h->path);
    return true;
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
static bool find_path(struct hearing *h)
{
    const struct evidence *e = h->evidence;
    const STACK_OF(X509) *programs = e->programs_path != NULL ? e->programs_path(e->arg) : NULL;

    if (pin_on_programs_path(h, programs))
        return true;
    if (!chain_know_all(h->o, e->sent, h->start.parts))
        return false;
    h->chain.looked_at = LOOKED_AT_ALL;
    if (pin_among_sent(h) || (e->store != NULL && pin_at_end(h, e->store)) ||
        (programs == NULL && pin_up_to(h, e->store)) || pin_among_anchors(h))
        return true;
    h->chain.path_state = PATH_NONE;
    judge(h);
    return true;
}

static enum answer answer(bool yes)
{
    return yes ? ANSWER_YES : ANSWER_NO;
}

static X509_STORE *inspection_store(struct hearing *h)
{
    X509_STORE *store = h->o->X509_STORE_new();
    size_t length;

    for (uint32_t i = 0; store != NULL && i < policy_inspection_count(h->view); i++) {
        const uint8_t *der = policy_inspection_ca(h->view, i, &length);
        chain_add_anchor(h->o, store, der, length);
    }
    return store;
}

/* Does the chain verify up to one of the inspection CAs? */
static bool is_inspected(struct hearing *h)
{
    X509_STORE *store = h->start.leaf == NULL ? NULL : inspection_store(h);
    struct cert_list path = {.count = 0};
    bool found = chain_path_to_any(h->o, store, &h->start, &path);

    if (found) {
        struct path_question asked = question(h, END_INSPECTION_CA);
        paths_remember(h->evidence->paths, &asked, &path);
        chain_release(&path);
    }
    h->o->X509_STORE_free(store);
    return found;
}

static bool is_anchored(struct hearing *h)
{
    struct anchors *anchors = h->evidence->anchors;
    struct cert_list path = {.count = 0};
    bool found = anchors != NULL &&
                 chain_path_to_store(h->o, anchors_store(anchors, h->o), &h->start, &path);

    if (found) {
        struct path_question asked = question(h, END_ANCHOR);
        paths_remember(h->evidence->paths, &asked, &path);
        chain_release(&path);
    }
    return found;
}

/* An answer that was found before; all that was sent has been looked at. */
static bool remembered(struct hearing *h, enum path_end end)
{
    struct path_question asked = question(h, end);

    return paths_find(h->evidence->paths, &asked, NULL);
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

static bool look_at_all(struct hearing *h)
{
    h->chain.looked_at = LOOKED_AT_ALL;
    return chain_know_all(h->o, h->evidence->sent, h->start.parts);
}

/* Finds out what the decision needs. False when memory is short. */
static bool find_out(struct hearing *h, const char *host)
{
    switch (h->out->need) {
    case NEEDS_LEAF:
        h->chain.looked_at = LOOKED_AT_LEAF;
        return chain_know_leaf(h->o, h->evidence->sent, h->start.parts);
    case NEEDS_SENT:
        return look_at_all(h);
    case NEEDS_PATH:
        return find_path(h);
    case NEEDS_INSPECTED:
        if (!look_at_all(h))
            return false;
        h->chain.inspected = answer(remembered(h, END_INSPECTION_CA) || is_inspected(h));
        return true;
    case NEEDS_ANCHORED:
        if (!look_at_all(h))
            return false;
        h->chain.anchored = answer(remembered(h, END_ANCHOR) || is_anchored(h));
        return true;
    case NEEDS_HOST_MATCHES:
        h->chain.host_matches = answer(is_for_host(h, host));
        return true;
    case NEEDS_NOTHING:
        break;
    }
    return true;
}

bool evidence_judge(struct openssl *o, const struct policy_view *view,
                    const struct policy_match *match, const char *host,
                    const struct evidence *evidence, int64_t now, struct decision *out)
{
    struct hearing h;
    bool good = true;

    h.o = o;
    h.view = view;
    h.match = match;
    h.evidence = evidence;
    h.start =
        (struct path_start){.leaf = evidence->sent->count > 0 ? evidence->sent->certs[0] : NULL,
                            .untrusted = evidence->untrusted,
                            .level = evidence->level,
                            .parts = chain_parts(view->policy, match->section)};
    h.now = now;
    h.path.count = 0;
    h.chain = (struct chain){.sent = evidence->sent->digests, .looked_at = LOOKED_AT_NOTHING};
    h.out = out;
    if (h.start.leaf == NULL) /* a raw key, or nothing */
        h.chain.looked_at = LOOKED_AT_ALL;
    if (evidence->resumed) {
        h.chain.path_state = PATH_NONE;
        h.chain.inspected = ANSWER_NO;
        h.chain.anchored = h.chain.host_matches = ANSWER_YES;
    }
    judge(&h);
    while (good && out->need != NEEDS_NOTHING) {
        good = find_out(&h, host);
        if (good)
            judge(&h);
    }
    chain_release(&h.path);
    return good;
}
