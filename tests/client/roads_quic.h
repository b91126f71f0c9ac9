/* What the roads over QUIC share. */
#ifndef PINSHIM_TESTS_CLIENT_ROADS_QUIC_H
#define PINSHIM_TESTS_CLIENT_ROADS_QUIC_H

#include <stdbool.h>

#include "tests/client/api.h"

/* Does --road name one of QUIC? */
bool road_is_quic(void);

/* The method of its context. Ends the program where OpenSSL has none. */
const SSL_METHOD *quic_method(void);

#endif
