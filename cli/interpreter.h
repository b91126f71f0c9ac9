/* The "#!" line of a script, as the kernel reads it (execve(2)). */
#ifndef PINSHIM_CLI_INTERPRETER_H
#define PINSHIM_CLI_INTERPRETER_H

#include <stddef.h>

enum interpreter_kind {
    INTERPRETER_NONE, /* an ELF file: needs none */
    INTERPRETER_FOUND,
    INTERPRETER_UNKNOWN, /* nobody can tell what would run it */
};

struct interpreter {
    char *path;
    char *program; /* what `env` as interpreter looks up in PATH and runs; NULL: not env */
};

/* What runs the file at `path`. A text without "#!" is run by /bin/sh, as execvp(3) does.
 * INTERPRETER_FOUND fills `out` (free with interpreter_free); INTERPRETER_UNKNOWN puts a reason
 * into `why` that goes on from "PATH ". */
enum interpreter_kind interpreter_read(const char *path, struct interpreter *out, char *why,
                                       size_t size);

void interpreter_free(struct interpreter *interpreter);

#endif
