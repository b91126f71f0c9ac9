/* Connections in several threads at once. */
#ifndef PINSHIM_TESTS_CLIENT_THREADS_H
#define PINSHIM_TESTS_CLIENT_THREADS_H

#include "tests/client/api.h"

/* Starts as many threads as the options say, lets them go at the same moment, each for --times
 * connections, and prints their reports, the first thread's first. Every second thread goes to
 * --port2, where that is given. Each connects from `ctx`, or, with --alone, resolves and makes a
 * context for itself. */
void threads_run(SSL_CTX *ctx);

#endif
