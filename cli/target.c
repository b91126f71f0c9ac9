#include "cli/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/interpreter.h"
#include "cli/loadable.h"

/* 0 when exec would start it, else its errno. */
static int executable(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* The directories that execvp passes over in silence. */
static bool not_there(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ESTALE || error == ENODEV ||
           error == ETIMEDOUT;
}

/* What execvp searches when PATH is unset (confstr(3)); malloc'ed. */
static char *search_path(void)
{
    const char *path = getenv("PATH");
    size_t size = confstr(_CS_PATH, NULL, 0);
    char *standard;

    if (path)
        return strdup(path);
    standard = malloc(size + 1);
    if (standard)
        confstr(_CS_PATH, standard, size);
    return standard;
}

/* Looks through PATH. Returns 0 or the errno that execvp would end with. */
static int search(const char *program, char **found)
{
    char *directories = search_path(), *rest = directories, *directory, *path;
    int error, result = ENOENT;

    if (!directories)
        return ENOMEM;
    while (result == ENOENT || result == EACCES) {
        directory = strsep(&rest, ":");
        if (!directory)
            break;
        /* An empty entry is the current directory. */
        if (asprintf(&path, "%s/%s", *directory ? directory : ".", program) < 0) {
            result = ENOMEM;
            break;
        }
        error = executable(path);
        if (!error) {
            *found = path;
            result = 0;
            break;
        }
        free(path);
        /* Remembered; a later directory may still have it. */
        if (!not_there(error))
            result = error == EISDIR ? EACCES : error;
    }
    free(directories);
    return result;
}

int target_find(const char *program, char **path, char *why, size_t size)
{
    bool searched = !strchr(program, '/');
    int error;

    if (!*program) {
        error = ENOENT;
    } else if (searched) {
        error = search(program, path);
    } else {
        error = executable(program);
        if (!error && !(*path = strdup(program)))
            error = ENOMEM;
    }
    if (!error)
        return 0;
    if (error == ENOMEM) {
        snprintf(why, size, "out of memory");
        return STATUS_OWN_FAILURE;
    }
    if (error == ENOENT && searched)
        snprintf(why, size, "%s: not found in PATH", *program ? program : "''");
    else
        snprintf(why, size, "%s: %s%s", program, strerror(error),
                 error == EACCES ? "; it is no program, or not one for this user (ls -l tells)"
                                 : "");
    return not_there(error) ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE;
}

static int refuse(char *why, size_t size, const char *program, const char *path, const char *reason)
{
    if (strcmp(program, path) == 0)
        snprintf(why, size, "%s %s", path, reason);
    else
        snprintf(why, size, "%s runs %s, which %s", program, path, reason);
    return STATUS_CANNOT_EXECUTE;
}

#define LEVELS 4

/* `program` is what the user named; `path` what it comes down to after `level` interpreters. */
static int follow(const char *program, const char *path, int level, char *why, size_t size)
{
    struct interpreter next;
    char reason[WHY_SIZE], *inner = NULL;
    int error = executable(path), status;

    if (error) {
        snprintf(reason, sizeof(reason), "cannot be executed: %s", strerror(error));
        return refuse(why, size, program, path, reason);
    }
    switch (interpreter_read(path, &next, reason, sizeof(reason))) {
    case INTERPRETER_NONE:
        return loadable(path, reason, sizeof(reason)) ? 0
                                                      : refuse(why, size, program, path, reason);
    case INTERPRETER_UNKNOWN:
        return refuse(why, size, program, path, reason);
    case INTERPRETER_FOUND:
        break;
    }
    if (level == LEVELS) {
        snprintf(reason, sizeof(reason), "is a script once more: that is too deep to follow");
        status = refuse(why, size, program, path, reason);
    } else {
        status = follow(program, next.path, level + 1, why, size);
    }
    if (status == 0 && next.program) { /* #!/usr/bin/env PROGRAM */
        status = target_find(next.program, &inner, reason, sizeof(reason));
        if (status == 0)
            status = follow(program, inner, level + 1, why, size);
        else
            snprintf(why, size, "%s runs %s, which finds nothing to run: %s", program, next.path,
                     reason);
        if (status == STATUS_NOT_FOUND) /* the program is there, only its interpreter is not */
            status = STATUS_CANNOT_EXECUTE;
    }
    free(inner);
    interpreter_free(&next);
    return status;
}

int target_check(const char *path, char *why, size_t size)
{
    return follow(path, path, 0, why, size);
}
