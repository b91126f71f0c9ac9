/* What holds of every transport and kind of key: streams, datagrams, QUIC, raw public keys. */
#ifndef PINSHIM_TESTS_HANDSHAKE_TRANSPORT_H
#define PINSHIM_TESTS_HANDSHAKE_TRANSPORT_H

#include "tests/handshake/scene.h"

/* With the genuine identity's pin: the genuine one passes, unseen; the mis-issued one is refused in
 * enforce, and let through with an event in audit. trip.identity is set here. `look`, unless NULL,
 * asserts more of the refusal and its event. */
void transport_both_pins(struct trip trip,
                         void (*look)(const struct result *refused, const json_t *event));

/* The client's second connection resumes the session of its first, in enforce as bare. */
void transport_resumes(const char *client, const char *server);

#endif
