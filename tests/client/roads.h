/* The ways into a handshake that OpenSSL offers a client. */
#ifndef PINSHIM_TESTS_CLIENT_ROADS_H
#define PINSHIM_TESTS_CLIENT_ROADS_H

#include <stdbool.h>

#include "tests/client/visit.h"

struct road {
    const char *name;
    /* Connects, and sets visit->ssl (prepared), visit->fd and, where there is one, visit->bio. */
    void (*open)(struct visit *visit);
    /* Makes the handshake. Returns what OpenSSL's function did. */
    int (*handshake)(struct visit *visit);
    /* As SSL_write and SSL_read. */
    int (*write)(struct visit *visit, const char *data, int length);
    int (*read)(struct visit *visit, char *data, int size);
    bool asks;  /* the handshake call has written the request */
    bool reads; /* the handshake call has read the server's greeting */
};

extern const struct road bio_roads[], memory_roads[], datagram_roads[], quic_roads[];

/* The road by its name. Ends the program when there is none. */
const struct road *road_find(const char *name);

/* The request that the client makes. */
extern const char *request;

#endif
