/* A client that lives on while its policy changes: it makes a connection a round, and waits in
 * between. Its clock hurries (tests/preload/clock.c), so a look for a changed policy is due at
 * every handshake, whatever the interval, and nobody waits for it. */
#ifndef PINSHIM_TESTS_HANDSHAKE_LIVING_H
#define PINSHIM_TESTS_HANDSHAKE_LIVING_H

#include "tests/handshake/scene.h"

#define ROUNDS " --pause --times 400 "

/* Starts the trip, whose client has --pause and --times, with the policy in {dir}/pinshim.conf and
 * events to {dir}/events.jsonl, unless `environment` (NULL: none) says otherwise. Returns when the
 * client waits, and the policy has been read. */
void living_start(struct trip trip, const char *const *environment);

/* One more round. With one thread: its report, borrowed until the next. */
const json_t *living_round(void);

/* A round whose connection works, or is refused, as contract.md section 3 says. */
void living_works(void);
void living_refused(void);

/* A round that works, and resumes (`yes`) or does not. */
void living_resumes(bool yes);

/* From now on it is so many seconds later for the client, which was started with
 * CLOCK_AHEAD={dir}/ahead. */
void living_let_pass(long seconds);

/* A round in which this is the verdict, and nothing is refused. */
void living_verdict(const char *verdict, const char *reason);

/* The events so far, to be freed; and how many of these two kinds there must be. */
json_t *living_events(void);
void living_counts(size_t policies, size_t errors);

/* The last config_error is of this file in {dir}, and says this. */
void living_error(const char *file, const char *message);

/* For rounds that are not waited for. */
void living_go(void);
char *living_wait(const char *text); /* for a line, as background_wait_for */

/* Ends the client, and checks the servers' records: nothing was sent in a round that was refused.
 * Returns all that the client wrote (the scratch directory's). */
const char *living_end(void);

/* How often `text` stands in what the client wrote. */
size_t living_said(const char *output, const char *text);

#endif
