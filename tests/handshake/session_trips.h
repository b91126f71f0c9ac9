/* Trips on which a client offers a session. */
#ifndef PINSHIM_TESTS_HANDSHAKE_SESSION_TRIPS_H
#define PINSHIM_TESTS_HANDSHAKE_SESSION_TRIPS_H

#include "tests/handshake/scene.h"

/* Servers that resume each other's sessions. */
#define SHARED "--ticket-key shared "

/* How many of the client's connections were resumed. */
size_t session_reused(const struct result *result);

/* Brings a session of this identity to {dir}/session, with no shim around. */
void session_keep(const struct identity *identity, const char *client, const char *load);

/* Resumes bare, and the last connection is asked about. Under enforce it makes a full handshake,
 * whose certificate decides; in audit it resumes, and the event says `audit_reason`. */
void session_full_handshake(struct trip trip, const char *audit_reason, bool refused);

#endif
