/* One connection to the recording TLS server: how it is answered and what is recorded of it. */
#ifndef PINSHIM_TESTS_SUPPORT_SERVER_CONNECTION_H
#define PINSHIM_TESTS_SUPPORT_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "tests/support/server/wire.h"

#define SHOWN 200 /* octets of application data that a record shows */

/* What the server does with the application data it gets. */
enum respond {
    RESPOND_HTTP,  /* HTTP/1.1 200 with the body, keeping the connection */
    RESPOND_NONE,  /* reads on and says nothing */
    RESPOND_CLOSE, /* reads once and hangs up */
    RESPOND_ECHO,
    RESPOND_REDIS, /* +PONG to everything (RESP) */
};

struct answer {
    enum respond respond;
    const char *body;     /* for RESPOND_HTTP */
    const char *relay;    /* HOST:PORT of a plain-text backend that answers instead, or NULL */
    const char *starttls; /* "postgres", or NULL */
    const char *greeting; /* said first, or NULL */
    bool early_data;      /* is read (RFC 8446 section 2.3) */
};

struct connection {
    unsigned number; /* in the order of accepting */
    int fd;
    SSL *ssl;
    struct wire wire;
    bool handshake;      /* completed on this side */
    int alert;           /* description of the alert received (RFC 8446 section 6), -1: none */
    unsigned handshakes; /* begun, renegotiations included */
    size_t early_length, early_taken;
    char early[4096]; /* application data that came before the handshake was done */
    size_t app_bytes;
    unsigned char app_data[SHOWN];
};

/* Handshakes and answers until the client or the answer ends it. */
void connection_serve(struct connection *connection, const struct answer *answer);

/* Writes the connection's JSON line to standard output, in one write. False when it cannot. */
bool connection_record(const struct connection *connection);

#endif
