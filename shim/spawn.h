/* Starting a program that is nobody's child here. */
#ifndef PINSHIM_SHIM_SPAWN_H
#define PINSHIM_SHIM_SPAWN_H

#include <stddef.h>

struct spawn {
    const char *const *paths; /* of the program: the first that can be executed; NULL-terminated */
    char *const *argv, *const *envp;
};

/* Starts it apart from this process: in a session of its own, with no descriptor but /dev/null at 0
 * to 2, "/" as its directory, default signal dispositions and an empty mask. No wait of the
 * program's finds it, and no SIGCHLD tells of it. Returns when it has been executed; it is never
 * waited for. 0, or an errno; EOPNOTSUPP where each orphan becomes this process's child (PID 1 of a
 * container, PR_SET_CHILD_SUBREAPER). */
int spawn_apart(const struct spawn *spawn);

#endif
