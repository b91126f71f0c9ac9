/* The course of a handshake: as libssl reports it (info callback), and around an explicit call. */
#ifndef PINSHIM_SHIM_HANDSHAKE_H
#define PINSHIM_SHIM_HANDSHAKE_H

#include <stdbool.h>

#include "shim/openssl.h"

/* Our info callback (SSL_set_info_callback) of every SSL. When a client's handshake starts, it
 * takes a session out that must not be resumed; when it has finished, the backstop sees to those
 * in which no certificate was judged; when an alert was sent, the words of a refusal go beside
 * libssl's error. Then the program's own info callback is called. A server is left alone, and where
 * every ClientHello brings ours in again (context.h) it gets its own back. */
void handshake_info(const SSL *ssl, int where, int ret);

/* From now on each step of each handshake is looked at: there is an info callback of the program's
 * to call, or one who may displace ours. Else all between a handshake's start and its end is left
 * at once. */
void handshake_follow_steps(void);

/* Of a client, at its start or its ClientHello: when our info callback is not in place (the program
 * has displaced it, or this is not the object's first handshake), takes the program's own behind
 * ours. False when memory is short: the program's stays. */
bool handshake_reclaim_info(struct openssl *o, SSL *ssl);

/* Calls `real` (SSL_connect, which `connects`, be it that libssl does not know of a client yet, or
 * SSL_do_handshake) and returns what the program is to see: a handshake that libssl finished and
 * the backstop refused is a failed one. */
int handshake_run(struct openssl *o, SSL *ssl, bool connects, int (*real)(SSL *));

#endif
