/* A client that goes on when it is told to. */
#ifndef PINSHIM_TESTS_CLIENT_PAUSE_H
#define PINSHIM_TESTS_CLIENT_PAUSE_H

#include <stdbool.h>

/* With --pause: writes {"waiting":NUMBER}, and waits for an octet on standard input. False when
 * that has ended, and the client is to end, too. Without the option true, at once. */
bool pause_before(unsigned number);

#endif
