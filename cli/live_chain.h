/* The certificates that a server shows now. */
#ifndef PINSHIM_CLI_LIVE_CHAIN_H
#define PINSHIM_CLI_LIVE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/certs.h"
#include "cli/host_port.h"

/* Seconds for all of it, when nothing else is asked for. */
#define LIVE_TIMEOUT 10

struct live_server {
    struct host_port at;    /* port 0: the protocol's own */
    const char *starttls;   /* the protocol that is spoken before (starttls.h); NULL: TLS at once */
    const char *servername; /* what SNI and the certificate's name shall be; NULL: the host */
    unsigned timeout;       /* seconds */
};

/* The name that the certificate must be for. */
const char *live_name(const struct live_server *server);

/* The port that is connected to. */
uint16_t live_port(const struct live_server *server);

/* Connects, shakes hands, and adds what the server sends to `out`, its own certificate first. It
 * has proved to have that one's key; nothing has been verified. On failure false, and the reason in
 * `why`. Free `out` with certs_free in either case. */
bool live_chain(const struct live_server *server, struct certs *out, char *why, size_t size);

#endif
