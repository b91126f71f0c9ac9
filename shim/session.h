/* Resumption. A resumed handshake carries no certificate, and what a serialised session says of
 * its peer anybody may have written: only this process's own memory of having verified the peer
 * counts. That memory is a tag on the SSL_SESSION (ex_data): libssl copies it along, d2i cannot
 * forge it. It names the policy, the peer and its section, so it holds for nothing else. */
#ifndef PINSHIM_SHIM_SESSION_H
#define PINSHIM_SHIM_SESSION_H

#include <stdbool.h>

#include "config/policy.h"
#include "shim/loaded.h"
#include "shim/openssl.h"

enum session_proof { SESSION_UNVERIFIED, SESSION_VERIFIED, SESSION_INSPECTED };

/* Tags the session of the handshake under way as verified for this peer; `inspected`: up to an
 * inspection CA. A peer is its name, or its address where it has none. */
void session_tag(struct openssl *o, SSL *ssl, const struct loaded *loaded,
                 const struct policy_match *match, const struct address *address, bool inspected);

/* How was the session that `ssl` resumes verified by this process for this peer, under this policy,
 * or under the one that was in force when the handshake began? */
enum session_proof session_proof(struct openssl *o, const SSL *ssl, const SSL_SESSION *session,
                                 const struct loaded *loaded, const struct policy_match *match,
                                 const struct address *address);

/* Was the session that `ssl` has resumed found verified when the handshake began, under the policy
 * that is in force, and is that all there is to decide by? What the program has said of the peer
 * since then is not looked at: the ClientHello had been sent. */
bool session_still_good(struct openssl *o, SSL *ssl);

/* Did this process verify the session at all, for whomever? */
bool session_is_tagged(struct openssl *o, const SSL_SESSION *session);

/* Must `ssl` not resume `session`, as far as its peer is known by now? Only in enforce, and only
 * for peers that a section, a rule or `verify` holds to something. Until the handshake is
 * `starting`, one without a name may still get one: then it is too early to say. */
bool session_unwanted(struct openssl *o, SSL *ssl, const SSL_SESSION *session, bool starting);

#endif
