#include "shim/session.h"

#include <stddef.h>
#include <string.h>

#include "shim/connection.h"
#include "shim/hash.h"
#include "shim/peer.h"
#include "shim/runtime.h"

/* Bits of a tag: 0 is "no tag". */
enum { TAGGED = 1, INSPECTED = 2 };

/* The tag fits into the ex_data pointer itself: nothing to allocate, copy or free. */
static uintptr_t tag_of(const struct loaded *loaded, const struct policy_match *match,
                        const struct address *address)
{
    bool named = match->host[0] != '\0';
    const void *who = named ? (const void *)match->host : address->bytes;
    size_t length = named ? strlen(match->host) : address->bits / 8;
    /* The section itself, not its name: sections of one name differ by their ports. */
    ptrdiff_t index =
        match->section == NULL ? -1 : match->section - policy_section(loaded->view.policy, 0);
    /* The salt keeps tags of other processes and policies apart. */
    uint64_t salt = loaded->session_salt, tag = hash_octets(salt, named, &index, sizeof index);

    tag = hash_octets(salt, tag, who, length);
    return ((uintptr_t)tag & ~(uintptr_t)INSPECTED) | TAGGED;
}

void session_tag(struct openssl *o, SSL *ssl, const struct loaded *loaded,
                 const struct policy_match *match, const struct address *address, bool inspected)
{
    SSL_SESSION *session = o->SSL_get_session(ssl);
    uintptr_t tag = tag_of(loaded, match, address) | (inspected ? INSPECTED : 0);

    if (session != NULL && o->session_index >= 0)
        o->SSL_SESSION_set_ex_data(session, o->session_index, (void *)tag);
}

static enum session_proof proof_by(struct openssl *o, const SSL_SESSION *session, uintptr_t tag)
{
    uintptr_t found = session == NULL || o->session_index < 0
                          ? 0
                          : (uintptr_t)o->SSL_SESSION_get_ex_data(session, o->session_index);

    if (tag == 0 || (found & ~(uintptr_t)INSPECTED) != tag)
        return SESSION_UNVERIFIED;
    return (found & INSPECTED) != 0 ? SESSION_INSPECTED : SESSION_VERIFIED;
}

enum session_proof session_proof(struct openssl *o, const SSL *ssl, const SSL_SESSION *session,
                                 const struct loaded *loaded, const struct policy_match *match,
                                 const struct address *address)
{
    const struct connection *connection = connection_get(o, ssl);
    enum session_proof proof =
        connection != NULL ? proof_by(o, session, connection->session.tag) : SESSION_UNVERIFIED;

    return proof == SESSION_UNVERIFIED ? proof_by(o, session, tag_of(loaded, match, address))
                                       : proof;
}

bool session_still_good(struct openssl *o, SSL *ssl)
{
    const struct connection *connection = connection_get(o, ssl);
    struct loaded *loaded;
    bool good;

    if (connection == NULL || connection->session.tag == 0)
        return false;
    loaded = runtime_acquire();
    good = loaded->serial == connection->session.serial && !loaded_damaged(loaded) &&
           connection->session.section != NULL && !peer_pins_expired(connection->session.section) &&
           proof_by(o, o->SSL_get_session(ssl), connection->session.tag) == SESSION_VERIFIED;
    loaded_release(loaded);
    return good;
}

bool session_is_tagged(struct openssl *o, const SSL_SESSION *session)
{
    return o->session_index >= 0 && o->SSL_SESSION_get_ex_data(session, o->session_index) != NULL;
}

bool session_unwanted(struct openssl *o, SSL *ssl, const SSL_SESSION *session, bool starting)
{
    struct known_peer known;
    struct policy_match match;
    struct loaded *loaded = peer_place(o, ssl, &known, &match);
    struct connection *connection;
    bool unwanted = loaded_refuses_all(loaded);

    if (loaded->view.policy != NULL && peer_is_held(&loaded->view, &match) &&
        (starting || match.section != NULL || match.source != HOST_NONE)) {
        uintptr_t tag = tag_of(loaded, &match, &known.peer.address);
        unwanted = proof_by(o, session, tag) == SESSION_UNVERIFIED;
        /* What is only guessed is judged again when the handshake is done. */
        connection = unwanted || known.guessed ? NULL : connection_make(o, ssl);
        if (connection != NULL) { /* the policy may change before the handshake ends */
            connection->session.tag = tag;
            connection->session.serial = loaded->serial;
            connection->session.section = match.section;
        }
    }
    loaded_release(loaded);
    return unwanted;
}
