/* Where the socket under an SSL leads to. */
#ifndef PINSHIM_SHIM_SOCKET_H
#define PINSHIM_SHIM_SOCKET_H

#include "config/policy.h"
#include "shim/openssl.h"

/* A handshake starts: notes where an unconnected datagram socket sends to. OpenSSL goes on with
 * whoever answers; the peer that was meant is the one whose pins count. */
void socket_note_datagram(struct openssl *o, SSL *ssl);

/* The descriptor that OpenSSL reads from; -1: it knows none (a BIO of the program's own). */
int socket_under(struct openssl *o, SSL *ssl);

/* Writes address and port of the peer of `ssl` to `peer`. False, and nothing written, where OpenSSL
 * knows no socket (a BIO of the program's own), or that one is not connected. */
bool socket_peer(struct openssl *o, SSL *ssl, struct peer *peer);

#endif
