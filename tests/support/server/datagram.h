/* The recording server over UDP: DTLS (RFC 6347). */
#ifndef PINSHIM_TESTS_SUPPORT_SERVER_DATAGRAM_H
#define PINSHIM_TESTS_SUPPORT_SERVER_DATAGRAM_H

#include <stdbool.h>
#include <sys/socket.h>

#include "tests/support/server/connection.h"

/* Gives a DTLS context its cookies (RFC 6347 section 4.2.1). */
void datagram_context(SSL_CTX *ctx);

/* Binds a socket to the address, port 0: to any. Fills in the port; ends the program when it
 * cannot. */
int datagram_listen(const struct sockaddr *address, unsigned *port);

struct datagram_options {
    bool cookie;             /* only a client that has returned one is talked to */
    bool lossy;              /* the first datagram is lost */
    const char *answer_from; /* the address of the connections' sockets; NULL: the listener's own.
                                With cookies only */
};

/* Takes the client whose datagram waits: fills in fd and ssl, and puts a new listener in the place
 * of the one that the connection now has. False when there is no client (yet). */
bool datagram_accept(struct connection *connection, SSL_CTX *ctx, int *listener,
                     struct datagram_options *options);

/* Puts the connection's socket under its SSL. */
bool datagram_attach(struct connection *connection);

/* After a call that returned `result`: waits for a datagram, or sends the last flight again when
 * it is time to. False when the call is not to be made again: it failed, or standard input has
 * ended, so that there are no clients any more, and nothing is left to read. */
bool datagram_wait(struct connection *connection, int result);

#endif
