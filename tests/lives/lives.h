/* A client that leads a life (tests/client/life.h), judged three ways: with the right pin in
 * enforce and the wrong one in audit it is the bare one; with the wrong pin in enforce it is
 * refused. */
#ifndef PINSHIM_TESTS_LIVES_LIVES_H
#define PINSHIM_TESTS_LIVES_LIVES_H

#include "tests/handshake/scene.h"

/* What is out of the ordinary about a life. */
enum {
    LIFE_SILENT = 1, /* nothing can be said on its standard error */
    LIFE_UNTOLD = 2, /* the events of its handshakes cannot be written */
    LIFE_FILE = 4,   /* its output goes to {dir}/out, and nothing else may be in there */
};

/* Where that file, and that directory for jails, are. */
#define OUT " --life-file {dir}/out "
#define JAIL " --life-file {dir}/jail "

/* Runs the trip as scene_run does; with LIFE_FILE, the reports are what is in the file. */
struct result life_run(struct trip trip, const char *mode, unsigned life);

/* A policy with the right pin, and with the wrong one. */
void life_pin_right(void);
void life_pin_wrong(void);

/* Each handshake that the client reports has its event, with this verdict. */
void expect_events(const struct result *result, const char *verdict, const char *action);

/* All three ways, and bare. */
void expect_life(struct trip trip, unsigned life);

/* The trip of a client with these options and a certificate of its own, to a genuine server that
 * asks for it. */
struct trip life_trip(const char *client);

/* A row of a table of lives. */
#define LIFE(suite, row, options, peculiarities)                                                   \
    Test(suite, row)                                                                               \
    {                                                                                              \
        expect_life(life_trip(options), peculiarities);                                            \
    }

#endif
