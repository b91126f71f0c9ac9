/* How many octets went over a connection, by libssl's count and by the kernel's: by that a socket
 * is known again under a BIO of the program's own. */
#ifndef PINSHIM_SHIM_TRAFFIC_H
#define PINSHIM_SHIM_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/openssl.h"

/* Octets since the handshake started, or the connection was new. */
struct traffic {
    uint64_t sent;     /* and not waiting in a memory BIO */
    uint64_t received; /* and read by libssl; of a socket: read by the program */
    uint64_t unread;   /* received as well, and waiting in a memory BIO */
    bool stream;       /* TLS, not DTLS */
};

enum traffic_fit {
    TRAFFIC_OTHER,    /* less came out of the socket than libssl has read: it is another */
    TRAFFIC_POSSIBLE, /* more (a proxy's or STARTTLS's words before TLS), or nobody can say */
    TRAFFIC_EXACT     /* to the octet */
};

/* A handshake starts: what its BIOs carried before is not its own (SSL_clear, BIOs used again). */
void traffic_start(struct openssl *o, SSL *ssl);

/* What the BIOs of `ssl` carried since; nothing where it has none. */
struct traffic traffic_of(struct openssl *o, SSL *ssl);

/* Can it be `fd`'s that they carried? Changes errno. */
enum traffic_fit traffic_fit(const struct traffic *carried, int fd);

#endif
