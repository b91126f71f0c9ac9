#include "shim/peer.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "config/text.h"
#include "shim/resolved.h"
#include "shim/runtime.h"
#include "shim/socket.h"
#include "shim/verify_param.h"

static void find_sni(struct openssl *o, SSL *ssl, struct known_peer *out)
{
    const char *sni = o->SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    struct text text;

    if (sni != NULL && sni[0] != '\0') {
        text_init(&text, out->sni, sizeof out->sni);
        text_add(&text, sni);
        out->peer.sni = out->sni;
    }
}

static void find_verify_host(struct openssl *o, SSL *ssl, struct known_peer *out)
{
    if (verify_param_host(o, o->SSL_get0_param(ssl), out->verify_host, sizeof out->verify_host))
        out->peer.verify_host = out->verify_host;
}

/* A BIO of the program's own: its latest connection to an address of the peer's name. The port is
 * certain only where all its connections there have the same: it rules no section out where they
 * differ, because the peer may have brought that about. Without such a one, any of the program's
 * connections may be it. */
static void guess_socket(struct openssl *o, SSL *ssl, struct known_peer *known)
{
    struct peer *peer = &known->peer;
    const char *name = peer->sni != NULL ? peer->sni : peer->verify_host;
    bool certain;

    if (name != NULL && connected_to(name, &peer->address, &peer->likely_port, &certain)) {
        peer->port = certain ? peer->likely_port : 0;
        return;
    }
    known->guessed = true;
    guess_start(o, ssl, &known->guess);
    guess_peer(&known->guess, peer);
}

static void find_resolved(struct peer *peer, char name[NAME_SIZE])
{
    if (peer->sni == NULL && peer->verify_host == NULL && peer->address.bits != 0 &&
        resolved_name(&peer->address, name))
        peer->resolved = name;
}

void peer_locate(struct openssl *o, SSL *ssl, struct known_peer *out)
{
    int saved = errno;

    if (out->located)
        return;
    out->located = true;
    o->ERR_set_mark(); /* the program's own BIOs are asked */
    find_verify_host(o, ssl, out);
    if (!socket_peer(o, ssl, &out->peer))
        guess_socket(o, ssl, out);
    o->ERR_pop_to_mark();
    find_resolved(&out->peer, out->resolved);
    errno = saved;
}

/* Finds the section by the names alone, where no address or port could lead to another. */
static bool place_by_name(struct openssl *o, SSL *ssl, struct loaded *loaded,
                          struct known_peer *known, struct policy_match *match)
{
    const struct policy_view *view = &loaded->view;
    struct peer *peer = &known->peer;
    const struct peer by_sni = {.sni = peer->sni};

    if (peer->sni == NULL || !policy_goes_by_names(view->policy))
        return false;
    if (!lookups_find(&loaded->lookups, peer->sni, match)) {
        policy_find(view, &by_sni, match);
        lookups_keep(&loaded->lookups, peer->sni, match);
    }
    if (match->section != NULL)
        return true;
    find_verify_host(o, ssl, known);
    if (peer->verify_host != NULL && strcmp(peer->verify_host, peer->sni) != 0)
        policy_find(view, peer, match);
    return match->host[0] != '\0'; /* else the address stands for the name */
}

/* How much a peer is held to: to pins first, because who has their keys may pass. */
enum strictness { LEFT_ALONE, UNNAMED, OBSERVED, HELD_TO_RULE, HELD_TO_PINS };

static enum strictness strictness(const struct policy_view *view, const struct policy_match *match)
{
    if (peer_is_held(view, match))
        return match->section != NULL ? HELD_TO_PINS : HELD_TO_RULE;
    if (match->section == NULL)
        return UNNAMED;
    return policy_mode(view, match->section) == MODE_OFF ? LEFT_ALONE : OBSERVED;
}

/* One of the connections that may be the peer's, and what follows. */
struct hypothesis {
    struct peer peer;
    char resolved[NAME_SIZE];
    struct policy_match match;
    enum strictness strict;
    bool exact;
    unsigned long stamp;
};

static void look_up(const struct policy_view *view, struct hypothesis *h)
{
    policy_find(view, &h->peer, &h->match);
    h->strict = strictness(view, &h->match);
}

static bool goes_before(const struct hypothesis *a, const struct hypothesis *b)
{
    if (a->strict != b->strict)
        return a->strict > b->strict;
    return a->exact != b->exact ? a->exact : a->stamp > b->stamp;
}

/* Where any of several connections may be the peer's, and where none of them carried what libssl
 * did also one that nobody saw, the one that is held to most counts: else whoever can make the
 * program connect elsewhere as well would not be checked. */
static void place_by_guess(const struct policy_view *view, struct known_peer *known,
                           struct policy_match *match)
{
    const struct peer unseen = {.sni = known->peer.sni, .verify_host = known->peer.verify_host};
    struct hypothesis best = {.peer = unseen}, trial;
    struct candidate c;
    bool found = known->guess.exacts == 0;

    look_up(view, &best);
    for (unsigned at = 0; guess_next(&known->guess, &at, &c);) {
        trial = (struct hypothesis){.peer = unseen, .exact = c.exact, .stamp = c.standing.stamp};
        trial.peer.address = c.standing.address;
        trial.peer.port = c.standing.port;
        find_resolved(&trial.peer, trial.resolved);
        look_up(view, &trial);
        if (found && !goes_before(&trial, &best))
            continue;
        best = trial;
        found = true;
    }
    if (best.strict == UNNAMED && known->peer.address.bits == 0) {
        policy_find(view, &unseen, match); /* nothing depends on it: so nothing is guessed */
        return;
    }
    *match = best.match;
    if (best.stamp == 0)
        return;
    known->peer = best.peer;
    if (best.peer.resolved != NULL)
        known->peer.resolved = strcpy(known->resolved, best.resolved);
}

static void place(struct openssl *o, SSL *ssl, struct loaded *loaded, struct known_peer *known,
                  struct policy_match *match)
{
    bool has_policy = loaded->view.policy != NULL;

    match->section = NULL;
    match->source = HOST_NONE;
    match->host[0] = '\0';
    if (has_policy && !known->located && place_by_name(o, ssl, loaded, known, match))
        return;
    peer_locate(o, ssl, known);
    if (has_policy && known->guessed)
        place_by_guess(&loaded->view, known, match);
    else if (has_policy)
        policy_find(&loaded->view, &known->peer, match);
}

struct loaded *peer_place(struct openssl *o, SSL *ssl, struct known_peer *known,
                          struct policy_match *match)
{
    struct loaded *loaded = runtime_acquire();
    int saved = errno;

    memset(&known->peer, 0, sizeof known->peer);
    known->located = known->guessed = false;
    find_sni(o, ssl, known);
    place(o, ssl, loaded, known, match);
    if (loaded_damaged(loaded)) {
        loaded = runtime_replace_damaged(loaded);
        place(o, ssl, loaded, known, match);
    }
    errno = saved;
    return loaded;
}

void peer_settle(struct openssl *o, SSL *ssl, const struct known_peer *known,
                 const struct policy_match *match)
{
    bool by_name = match->source == HOST_SNI || match->source == HOST_VERIFY;
    struct guess guess;
    int saved = errno, fd = socket_under(o, ssl);

    if (fd >= 0) {
        connected_own(fd, (uintptr_t)ssl);
    } else if (by_name) {
        o->ERR_set_mark();
        guess_start(o, ssl, &guess);
        guess_own(&guess, match->host);
        o->ERR_pop_to_mark();
    } else if (known->guessed) {
        guess_own(&known->guess, NULL);
    }
    errno = saved;
}

bool peer_pins_expired(const struct policy_section *section)
{
    return section->expires != 0 && policy_pins_expired(section, time(NULL));
}

bool peer_is_held(const struct policy_view *view, const struct policy_match *match)
{
    const struct policy_section *section = match->section;

    if (policy_mode(view, section) != MODE_ENFORCE)
        return false;
    if (policy_verify(view, section) != 0)
        return true;
    if (section != NULL && peer_pins_expired(section))
        return policy_expired(view) == RULE_BLOCK;
    if (section != NULL)
        return true;
    return (match->source == HOST_NONE ? policy_unnamed(view) : policy_unpinned(view)) ==
           RULE_BLOCK;
}
