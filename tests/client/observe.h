/* What a program can observe of OpenSSL, written into the visit's report. */
#ifndef PINSHIM_TESTS_CLIENT_OBSERVE_H
#define PINSHIM_TESTS_CLIENT_OBSERVE_H

#include "tests/client/visit.h"

/* What errno holds before a call: no value that anything sets. */
enum { ERRNO_SENTINEL = 4711 };

/* Prepares for a call that starts something: errno gets the sentinel, the error queue two stale
 * errors when the options say so. (Before a read they would make the client fail by itself.) */
void observe_before(void);

/* What a call left: its result, SSL_get_error, errno, the whole error queue (which is then
 * empty). First thing after the call. */
void observe_call(struct visit *visit, const char *name, SSL *ssl, int result);

/* What the program has set for a connection that is about to be made, by its getters. */
void observe_prepared(struct visit *visit);

/* The state of the connection, by every getter there is. */
void observe_state(struct visit *visit, const char *name);

/* The alerts and handshakes that the info callback saw. */
void observe_info(struct visit *visit);

#endif
