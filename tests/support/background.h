/* Servers that run beside a test. */
#ifndef PINSHIM_TESTS_SUPPORT_BACKGROUND_H
#define PINSHIM_TESTS_SUPPORT_BACKGROUND_H

#include "tests/support/command.h"

/* A running program. Its standard output and error are read as one stream while it runs; its
 * standard input stays open, and empty but for what it is told. */
struct background;

/* Starts it. */
struct background *background_start(const struct command *command);

/* Waits for a line that contains `text`. Returns a copy of that line without its end (free it),
 * or NULL when the program ended before; after DEADLINE seconds the test fails. */
char *background_wait_for(struct background *background, const char *text);

/* Writes to its standard input. */
void background_tell(struct background *background, const char *text);

/* Ends it, by `signal` or, when that is 0, by closing its standard input, and waits for that.
 * Returns its status as in struct outcome; all it wrote goes into `output` (free it) unless that
 * is NULL. `background` is gone afterwards. */
int background_stop(struct background *background, int signal, char **output);

/* Kills whatever this test started and did not stop: for a suite's .fini. */
void background_kill_all(void);

#endif
