/* Running a program to its end. */
#ifndef PINSHIM_TESTS_SUPPORT_PROCESS_H
#define PINSHIM_TESTS_SUPPORT_PROCESS_H

#include <sys/types.h>

#include "tests/support/command.h"

/* How a program ended. Free with outcome_free. */
struct outcome {
    char *out, *err; /* all it wrote, NUL-terminated */
    int status;      /* the exit status, or 128 and the number of the signal */
    pid_t pid;
};

/* Runs to the end. After DEADLINE seconds the program is killed and the test fails with what had
 * been written. */
struct outcome command_run(const struct command *command);

void outcome_free(struct outcome *outcome);

/* The absolute path of `name` in the build directory ($BUILD, "build" when unset). Free it. */
char *build_path(const char *name);

/* A TCP port of 127.0.0.1 that was free a moment ago, for servers that do not take port 0. Try
 * another when the server does not come up. */
unsigned free_port(void);

#endif
