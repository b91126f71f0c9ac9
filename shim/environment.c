#include "shim/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "config/sink_name.h"
#include "config/sources.h"

#define DEFAULT_CONFIG "/etc/pinshim/pinshim.conf"

struct environment environment = {.mode = MODE_UNSET};

static struct source_state root; /* the root directory at load */
static char executable[4096];    /* path; the program's name is its last part unless given */

/* A variable that is set and not empty; never in a process with more rights than its caller. */
static const char *variable(const char *name)
{
    const char *value = secure_getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* `path` from the root on, malloc'ed: the process may change directory. */
static char *absolute(const char *path)
{
    char *directory, *joined;

    if (path[0] == '/')
        return strdup(path);
    directory = getcwd(NULL, 0);
    if (directory == NULL)
        return strdup(path);
    if (asprintf(&joined, "%s/%s", directory, path) < 0)
        joined = NULL;
    free(directory);
    return joined;
}

/* The sinks of PINSHIM_EVENTS, their paths made absolute. NULL when memory is short. */
static char *absolute_sinks(const char *list)
{
    size_t length = 0;
    char *out = strdup("");

    while (out != NULL) {
        size_t n = strcspn(list, ",");
        char *sink = strndup(list, n), *path = NULL, *longer;
        const char *given = sink == NULL ? NULL : config_sink_path(sink);

        if (given != NULL && given[0] != '\0')
            path = absolute(given);
        longer = sink == NULL ? NULL : realloc(out, length + n + (path ? strlen(path) : 0) + 8);
        if (longer == NULL) {
            free(out);
            out = NULL;
        } else {
            out = longer;
            length += (size_t)sprintf(out + length, "%s%.*s%s", length > 0 ? "," : "",
                                      path != NULL ? (int)(given - sink) : (int)n, sink,
                                      path != NULL ? path : "");
        }
        free(path);
        free(sink);
        if (list[n] == '\0')
            break;
        list += n + 1;
    }
    return out;
}

static void find_program(void)
{
    const char *given = variable("PINSHIM_PROGRAM"), *slash;
    ssize_t n = readlink("/proc/self/exe", executable, sizeof executable - 1);

    if (n < 0) { /* no /proc: the kernel's own word is the next best */
        const char *path = (const char *)getauxval(AT_EXECFN);
        n = path == NULL ? 0 : (ssize_t)strnlen(path, sizeof executable - 1);
        if (n > 0)
            memcpy(executable, path, (size_t)n);
    }
    executable[n] = '\0';
    environment.executable = executable;
    slash = strrchr(executable, '/');
    environment.program = given != NULL ? strdup(given) : slash != NULL ? slash + 1 : executable;
    if (environment.program == NULL)
        environment.program = executable;
}

bool environment_has_root(void)
{
    struct source_state now;

    source_look("/", &now);
    return now.inode == root.inode && now.device == root.device;
}

bool environment_sees_config(void)
{
    return environment.config != NULL && environment_has_root() &&
           (access(environment.config, F_OK) == 0 || errno == ENOENT);
}

bool environment_read(void)
{
    const char *config = variable("PINSHIM_CONFIG"), *mode = variable("PINSHIM_MODE");
    const char *events = variable("PINSHIM_EVENTS"), *opener = variable("PINSHIM_OPENER");
    static char none[] = "none";

    if (config == NULL && access(DEFAULT_CONFIG, F_OK) != 0 && errno == ENOENT)
        return false;
    environment.config = config == NULL ? strdup(DEFAULT_CONFIG) : absolute(config);
    if (events != NULL) {
        environment.events = absolute_sinks(events);
        if (environment.events == NULL) /* rather lost than where nobody wants them */
            environment.events = none;
    }
    if (mode != NULL && !mode_parse(mode, &environment.mode)) {
        environment.bad_mode = strdup(mode);
        if (environment.bad_mode == NULL)
            environment.bad_mode = "";
    }
    if (opener != NULL)
        environment.opener = strchr(opener, '/') != NULL ? absolute(opener) : strdup(opener);
    find_program();
    source_look("/", &root);
    return true;
}
