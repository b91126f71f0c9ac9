/* What the roads over UDP share. */
#ifndef PINSHIM_TESTS_CLIENT_ROADS_DATAGRAM_H
#define PINSHIM_TESTS_CLIENT_ROADS_DATAGRAM_H

#include <stdbool.h>

/* Does --road name one of DTLS? */
bool road_is_dtls(void);

#endif
