/* The user's opener: $PINSHIM_OPENER, else xdg-open. */
#ifndef PINSHIM_SHIM_OPENER_H
#define PINSHIM_SHIM_OPENER_H

#include <stdbool.h>

/* The same URL is opened once in OPENER_PAUSE seconds, by all processes of the user that share
 * $XDG_RUNTIME_DIR; and a process opens no more than OPENER_BURST in that time. */
enum { OPENER_PAUSE = 60, OPENER_BURST = 8 };

/* Keeps the environment that openers get, while the program has not wiped it yet: without us in
 * LD_PRELOAD, and without PINSHIM_*. Later calls change nothing. One thread at a time. */
void opener_remember(void);

/* Opens the URL; never waits for the opener. False when it could not be started; then `error` is an
 * errno, as from spawn_apart; ECANCELED in a process that has more rights than its caller. What is
 * left out for being too much has gone well. */
bool opener_open(const char *url, int *error);

/* Its name, for messages. */
const char *opener_name(void);

#endif
