/* The other side of TLS, in the same process: a server that asks its peers for a certificate. */
#ifndef PINSHIM_TESTS_CLIENT_SERVER_ROLE_H
#define PINSHIM_TESTS_CLIENT_SERVER_ROLE_H

#include "tests/client/api.h"

/* Serves one peer, a process of its own without any preload, from `ctx` or from a context of the
 * server's own, as --serve says, and prints a line of what the server saw. Does nothing without
 * that option. */
void server_role_run(SSL_CTX *ctx);

#endif
