/* A program to run, and its start.
 *
 * Programs run in an environment of the tests' own (PATH of the system, no PINSHIM_*, no proxies),
 * in a session of their own (no terminal), and die with the test. */
#ifndef PINSHIM_TESTS_SUPPORT_COMMAND_H
#define PINSHIM_TESTS_SUPPORT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DEADLINE 30 /* seconds any program or server may take before it fails its test */
#define COMMAND_ARGUMENTS 64
#define COMMAND_VARIABLES 16

/* What to run. Strings are borrowed. Start with {0}. */
struct command {
    const char *argv[COMMAND_ARGUMENTS + 1]; /* argv[0] is looked up in PATH */
    size_t argc;
    const char *env[COMMAND_VARIABLES]; /* NAME=VALUE, beside the tests' own */
    size_t variables;
    const char *input;     /* standard input; NULL: empty. At most a pipe's worth (64 kB) */
    const char *directory; /* to start in; NULL: the test's */
    const char *user;      /* to drop to when the test runs as root; NULL: none */
};

/* Adds arguments, the last one NULL. */
void command_add(struct command *command, ...) __attribute__((sentinel));

/* Adds NAME=VALUE to the environment. */
void command_set(struct command *command, const char *variable);

/* A started program and our ends of its pipes. */
struct child {
    pid_t pid;
    int in, out, err;
};

/* Starts it; with `one_stream` its standard error goes where its output goes, and `err` is at its
 * end. What cannot be executed ends with status 127 and says why. Close the three descriptors. */
void command_start(const struct command *command, bool one_stream, struct child *out);

/* Waits for its end. Returns the exit status, or 128 and the number of the signal. */
int child_wait(pid_t pid);

#endif
