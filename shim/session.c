#include "shim/session.h"

#include <stddef.h>
#include <string.h>

#include "shim/peer.h"
#include "shim/runtime.h"

/* The tag fits into the ex_data pointer itself: nothing to allocate, copy or free. */
static uintptr_t tag_of(const struct policy_match *match)
{
    const struct runtime *runtime = runtime_get();
    uint64_t tag = policy_key((uint32_t)runtime->session_salt, PATTERN_EXACT, match->host,
                              strlen(match->host), 0);

    /* The salt on both sides keeps tags of other processes and policies apart. */
    tag ^= runtime->session_salt;
    /* The section itself, not its name: sections of one name differ by their ports. */
    if (match->section != NULL) {
        ptrdiff_t index = match->section - policy_section(runtime->view.policy, 0);
        tag ^= policy_key(0, PATTERN_NETWORK, &index, sizeof index, 0);
    }
    return (uintptr_t)tag | 1; /* 0 is "no tag" */
}

void session_tag(struct openssl *o, SSL *ssl, const struct policy_match *match)
{
    SSL_SESSION *session = o->SSL_get_session(ssl);

    if (session != NULL && o->session_index >= 0)
        o->SSL_SESSION_set_ex_data(session, o->session_index, (void *)tag_of(match));
}

bool session_verified(struct openssl *o, const SSL_SESSION *session,
                      const struct policy_match *match)
{
    return session != NULL && o->session_index >= 0 &&
           (uintptr_t)o->SSL_SESSION_get_ex_data(session, o->session_index) == tag_of(match);
}

bool session_unwanted(struct openssl *o, SSL *ssl, const SSL_SESSION *session)
{
    struct policy_match match;

    return runtime_state() == RUNTIME_BROKEN ||
           (peer_held(o, ssl, &match) && !session_verified(o, session, &match));
}
