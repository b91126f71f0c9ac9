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
 * certain only where all its connections there have the same; it is a guess, which rules no
 * section out, where they differ (the peer may have brought that about), and where the name was
 * never resolved and all there is is one connection. */
static void guess_socket(struct peer *peer)
{
    const char *name = peer->sni != NULL ? peer->sni : peer->verify_host;

    bool certain;

    if (name != NULL && connected_to(name, &peer->address, &peer->likely_port, &certain)) {
        peer->port = certain ? peer->likely_port : 0;
        return;
    }
    if (!connected_only(&peer->address, &peer->likely_port)) {
        memset(&peer->address, 0, sizeof peer->address);
        peer->likely_port = 0;
    }
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
        guess_socket(&out->peer);
    o->ERR_pop_to_mark();
    if (out->peer.sni == NULL && out->peer.verify_host == NULL && out->peer.address.bits != 0 &&
        resolved_name(&out->peer.address, out->resolved))
        out->peer.resolved = out->resolved;
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
    if (has_policy)
        policy_find(&loaded->view, &known->peer, match);
}

struct loaded *peer_place(struct openssl *o, SSL *ssl, struct known_peer *known,
                          struct policy_match *match)
{
    struct loaded *loaded = runtime_acquire();

    memset(&known->peer, 0, sizeof known->peer);
    known->located = false;
    find_sni(o, ssl, known);
    place(o, ssl, loaded, known, match);
    if (!loaded_damaged(loaded))
        return loaded;
    loaded = runtime_replace_damaged(loaded);
    place(o, ssl, loaded, known, match);
    return loaded;
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
