/* Around an explicit handshake call: what is done before it starts, and the backstop after it. */
#ifndef PINSHIM_SHIM_HANDSHAKE_H
#define PINSHIM_SHIM_HANDSHAKE_H

#include <stdbool.h>

#include "shim/openssl.h"

/* Calls `real` (SSL_connect or SSL_do_handshake) and returns what the program is to see.
 * Before a handshake starts, a session that must not be resumed is taken out. When one has
 * finished without a certificate having been judged (resumption, PSK, anonymous), the backstop
 * judges what there is. `connects`: the call makes a client of an SSL that is neither yet. */
int handshake_run(struct openssl *o, SSL *ssl, int (*real)(SSL *), bool connects);

#endif
