/* The command as a process, and the files its tests feed it. */
#ifndef PINSHIM_TESTS_COMMAND_PINSHIM_H
#define PINSHIM_TESTS_COMMAND_PINSHIM_H

#include <jansson.h>

#include "tests/support/pki.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

extern struct scratch *scratch;

/* For a suite's .init and .fini. */
void open_scratch(void);
void close_scratch(void);

/* Starts a command line "build/pinshim ARGUMENT…"; the last argument is NULL. */
void pinshim_add(struct command *command, ...) __attribute__((sentinel));

/* Runs "build/pinshim ARGUMENT…" to its end. */
struct outcome pinshim_run(struct command command);
#define PINSHIM(...)                                                                               \
    ({                                                                                             \
        struct command pinshim_command = {0};                                                      \
        pinshim_add(&pinshim_command, __VA_ARGS__, NULL);                                          \
        pinshim_run(pinshim_command);                                                              \
    })

/* Fails the test, with both streams in view, unless it ended so; and frees the outcome. A stream
 * must contain the text; "" means it must be empty, NULL that it does not matter. */
void expect_outcome(struct outcome outcome, int status, const char *out, const char *err);

/* The output as JSON; its status must be `status`. Free with json_decref. */
json_t *expect_json(struct outcome outcome, int status);

/* Writes a config and returns its path. */
const char *write_config(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
