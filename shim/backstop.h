/* The backstop: a handshake that has finished without a certificate having been judged in it
 * (resumption, PSK, anonymous), whoever drove it. */
#ifndef PINSHIM_SHIM_BACKSTOP_H
#define PINSHIM_SHIM_BACKSTOP_H

#include "shim/openssl.h"

/* Judges what there is to judge, writes the event, and cuts the connection off when that is a
 * refusal. Inside the info callback. */
void backstop_finished(struct openssl *o, SSL *ssl);

/* The same for a session that is about to carry early data, before the handshake has finished. */
void backstop_early_data(struct openssl *o, SSL *ssl);

#endif
