#include "shim/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "config/sink_name.h"
#include "config/sources.h"
#include "shim/sink.h"

#define DEFAULT_CONFIG "/etc/pinshim/pinshim.conf"

struct environment environment;

static char room[1024];          /* of what is kept: most often nothing is allocated */
static struct source_state root; /* the root directory when the policy was read */
static const char *raw_mode, *raw_events, *raw_program; /* as they were written; NULL: not given */

enum { CONFIG, MODE, EVENTS, PROGRAM, OPENER, VARIABLES };

/* What is behind `start` in a text that begins with it; else NULL. */
static const char *behind(const char *text, const char *start)
{
    for (; *start != '\0'; start++)
        if (*text++ != *start)
            return NULL;
    return text;
}

/* The values of PINSHIM_*, in one pass; NULL: not set, or empty. None of them is looked at in a
 * process with more rights than its caller. */
static void read_variables(const char *values[VARIABLES])
{
    static const char names[VARIABLES][12] = {"CONFIG=", "MODE=", "EVENTS=", "PROGRAM=", "OPENER="};

    for (size_t i = 0; i < VARIABLES; i++)
        values[i] = NULL;
    if (environ == NULL || getauxval(AT_SECURE) != 0)
        return;
    for (char **variable = environ; *variable != NULL; variable++) {
        const char *name = behind(*variable, "PINSHIM_"), *value;
        for (size_t i = 0; name != NULL && i < VARIABLES; i++)
            if (values[i] == NULL && (value = behind(name, names[i])) != NULL)
                values[i] = value;
    }
    for (size_t i = 0; i < VARIABLES; i++)
        if (values[i] != NULL && values[i][0] == '\0')
            values[i] = NULL;
}

/* A copy for good; NULL when memory is short. */
static char *copy(const char *text)
{
    static size_t used;
    char *start = room + used;
    size_t i = 0;

    while (used + i < sizeof room) {
        start[i] = text[i];
        if (text[i++] == '\0') {
            used += i;
            return start;
        }
    }
    return strdup(text);
}

/* The same, of a variable; "" when memory is short. NULL stays NULL. */
static const char *kept(const char *value)
{
    const char *kept = value != NULL ? copy(value) : NULL;

    return kept != NULL || value == NULL ? kept : "";
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

/* Does a list of sinks hold a path that depends on the directory at hand? */
static bool has_relative_path(const char *sinks)
{
    for (; *sinks != '\0'; sinks++)
        if (sinks[0] == ':' && sinks[1] != '/')
            return true;
    return false;
}

/* Does a command depend on the directory at hand? Not one that is looked up in PATH. */
static bool is_relative(const char *command)
{
    bool has_slash = false;

    for (const char *c = command; *c != '\0'; c++)
        has_slash = has_slash || *c == '/';
    return has_slash && command[0] != '/';
}

/* What shim/imports.list has not is not called here but where it must be. */
bool environment_read(void)
{
    const char *values[VARIABLES];

    read_variables(values);
    if (values[CONFIG] == NULL) {
        if (access(DEFAULT_CONFIG, F_OK) != 0 && errno == ENOENT)
            return false;
        values[CONFIG] = DEFAULT_CONFIG;
    }
    environment.config = values[CONFIG][0] == '/' ? copy(values[CONFIG]) : absolute(values[CONFIG]);
    environment.mode = MODE_UNSET;
    raw_mode = kept(values[MODE]);
    raw_program = kept(values[PROGRAM]);
    raw_events = kept(values[EVENTS]);
    if (values[EVENTS] != NULL && has_relative_path(values[EVENTS]))
        environment.events = absolute_sinks(values[EVENTS]);
    if (values[OPENER] != NULL)
        environment.opener =
            is_relative(values[OPENER]) ? absolute(values[OPENER]) : copy(values[OPENER]);
    return true;
}

/* The executable's path, for good. Not looked up at load: the kernel takes longer to look into
 * /proc than all else there does. */
static const char *find_executable(void)
{
    static const char deleted[] = " (deleted)"; /* of a program that was upgraded under way */
    const size_t size = 4096, mark = sizeof deleted - 1;
    char *path = malloc(size);
    ssize_t n = path != NULL ? readlink("/proc/self/exe", path, size - 1) : -1;

    if (n < 0) { /* no /proc: the kernel's own word is the next best */
        free(path);
        path = (char *)getauxval(AT_EXECFN);
        return path != NULL ? path : "";
    }
    path[n] = '\0';
    if ((size_t)n > mark && strcmp(path + n - mark, deleted) == 0 && access(path, F_OK) != 0)
        path[(size_t)n - mark] = '\0';
    return path;
}

/* The program's name: the last part of its path, unless another is given. */
static const char *find_program(void)
{
    const char *slash = strrchr(environment.executable, '/');

    if (raw_program == NULL)
        return slash != NULL ? slash + 1 : environment.executable;
    return raw_program[0] != '\0' ? raw_program : environment.executable;
}

void environment_parse(void)
{
    static char none[] = "none";
    static const char lost[] = "pinshim: there is not enough memory for PINSHIM_EVENTS: no events "
                               "are written\n";

    if (raw_events != NULL && raw_events[0] != '\0' && environment.events == NULL &&
        !has_relative_path(raw_events))
        environment.events = (char *)raw_events;
    if (raw_events != NULL && environment.events == NULL) {
        environment.events = none; /* rather lost than where nobody wants them */
        sink_write_stderr(lost, sizeof lost - 1);
    }
    if (raw_mode != NULL && !mode_parse(raw_mode, &environment.mode))
        environment.bad_mode = raw_mode;
    source_look("/", &root);
    environment.executable = find_executable();
    environment.program = find_program();
}
