/* What the tests of responses share. */
#ifndef PINSHIM_TESTS_HANDSHAKE_RESPONSE_SCENE_H
#define PINSHIM_TESTS_HANDSHAKE_RESPONSE_SCENE_H

#include "tests/handshake/scene.h"

/* A policy that pins another key, with these options in its section. */
void response_pin(const char *options);

/* The trip of such a client to the mis-issued server, which asks for a certificate. */
struct trip response_trip(const char *client);

/* Runs the trip under enforce: it is refused, and nothing sent. */
struct result response_refused(struct trip trip);

/* Clients of many roads. */
enum { RESPONSE_ROADS = 9 };
extern const char *const response_roads[RESPONSE_ROADS];

#endif
