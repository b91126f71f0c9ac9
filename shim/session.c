#include "shim/session.h"

#include <stddef.h>
#include <string.h>

#include "shim/connection.h"
#include "shim/peer.h"
#include "shim/runtime.h"

/* The tag fits into the ex_data pointer itself: nothing to allocate, copy or free. */
static uintptr_t tag_of(const struct loaded *loaded, const struct policy_match *match)
{
    uint64_t tag = policy_key((uint32_t)loaded->session_salt, PATTERN_EXACT, match->host,
                              strlen(match->host), 0);

    /* The salt on both sides keeps tags of other processes and policies apart. */
    tag ^= loaded->session_salt;
    /* The section itself, not its name: sections of one name differ by their ports. */
    if (match->section != NULL) {
        ptrdiff_t index = match->section - policy_section(loaded->view.policy, 0);
        tag ^= policy_key(0, PATTERN_NETWORK, &index, sizeof index, 0);
    }
    return (uintptr_t)tag | 1; /* 0 is "no tag" */
}

void session_tag(struct openssl *o, SSL *ssl, const struct loaded *loaded,
                 const struct policy_match *match)
{
    SSL_SESSION *session = o->SSL_get_session(ssl);

    if (session != NULL && o->session_index >= 0)
        o->SSL_SESSION_set_ex_data(session, o->session_index, (void *)tag_of(loaded, match));
}

static bool has_tag(struct openssl *o, const SSL_SESSION *session, uintptr_t tag)
{
    return session != NULL && o->session_index >= 0 && tag != 0 &&
           (uintptr_t)o->SSL_SESSION_get_ex_data(session, o->session_index) == tag;
}

bool session_verified(struct openssl *o, const SSL *ssl, const SSL_SESSION *session,
                      const struct loaded *loaded, const struct policy_match *match)
{
    const struct connection *connection = connection_get(o, ssl);

    return has_tag(o, session, tag_of(loaded, match)) ||
           (connection != NULL && has_tag(o, session, connection->session_tag));
}

bool session_unwanted(struct openssl *o, SSL *ssl, const SSL_SESSION *session)
{
    struct known_peer known;
    struct policy_match match;
    struct loaded *loaded = peer_place(o, ssl, &known, &match);
    struct connection *connection;
    bool unwanted = loaded_refuses_all(loaded);

    if (loaded->view.policy != NULL && peer_is_held(&loaded->view, &match)) {
        uintptr_t tag = tag_of(loaded, &match);
        unwanted = !has_tag(o, session, tag);
        connection = unwanted ? NULL : connection_make(o, ssl);
        if (connection != NULL)
            connection->session_tag = tag; /* the policy may change before the handshake ends */
    }
    loaded_release(loaded);
    return unwanted;
}
