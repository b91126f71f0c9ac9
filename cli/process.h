/* A running process as /proc shows it (proc(5)). */
#ifndef PINSHIM_CLI_PROCESS_H
#define PINSHIM_CLI_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/list.h"

/* A file that is mapped. */
struct mapped_file {
    char *path;   /* as the process has it, without " (deleted)" */
    char *open;   /* where we can open it: below the process's root, or in its map_files */
    bool code;    /* some of it may be executed */
    bool deleted; /* gone from its path, or replaced there */
};

struct process {
    pid_t pid;
    char *executable;  /* its path, without " (deleted)" */
    struct list files; /* struct mapped_file, in the order of the addresses */
    char *environment; /* as the process was started with it; NULL: cannot be read, or is gone */
    size_t environment_size;
    uid_t user;      /* effective */
    bool other_root; /* its root directory, or its mounts, are not ours */
};

/* Reads it. False, with the reason in `why`, when there is no such process, or we may not look.
 * Free with process_free in either case. */
bool process_read(pid_t pid, struct process *out, char *why, size_t size);
void process_free(struct process *process);

/* The value of a variable; NULL: unset, empty, or the environment is not known. */
const char *process_variable(const struct process *process, const char *name);

#endif
