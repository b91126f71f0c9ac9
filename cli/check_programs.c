/* `program` sections with an absolute path that no process on this machine can have. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/check.h"

/* A process that was started with PINSHIM_PROGRAM set to the same path has the section still. */
#define MEND "; correct the path, or write the base name"

static bool is_script(const char *path)
{
    char mark[2] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool script = fd >= 0 && read(fd, mark, 2) == 2 && memcmp(mark, "#!", 2) == 0;

    if (fd >= 0)
        close(fd);
    return script;
}

/* What keeps any process from being this program; NULL when nothing does. */
static const char *obstacle(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? "there is no such file here" MEND : NULL;
    if (!S_ISREG(st.st_mode))
        return "it is no regular file" MEND;
    if (is_script(path))
        return "it is a script, and the process that runs it is its interpreter; name that, or "
               "start the script with PINSHIM_PROGRAM set to this path";
    return NULL;
}

struct program {
    char *real;       /* malloc'ed; the path without links */
    const char *path; /* as written */
    uint32_t scope;
    bool exact; /* written without links */
};

/* Of those that are one executable, the one that the shim takes comes first. */
static int compare(const void *a, const void *b)
{
    const struct program *x = a, *y = b;
    int order = strcmp(x->real, y->real);

    if (order != 0)
        return order;
    if (x->exact != y->exact)
        return x->exact ? -1 : 1;
    return x->scope < y->scope ? -1 : 1;
}

static void warn_of_twins(const struct config *config, struct program *programs, size_t count,
                          struct findings *findings)
{
    if (count > 0)
        qsort(programs, count, sizeof(*programs), compare);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (strcmp(programs[i].real, programs[first].real) != 0)
            first = i;
        else
            findings_add(findings, &config->programs[programs[i].scope], NULL,
                         "program \"%s\": it is the same file as program \"%s\" on line %u of %s, "
                         "which has precedence; join the two",
                         programs[i].path, programs[first].path,
                         config->programs[programs[first].scope].line,
                         config->programs[programs[first].scope].file);
    }
}

void check_programs(const struct config *config, struct findings *findings)
{
    const struct policy *policy = config->policy;
    struct program *programs = calloc(policy->scopes.count, sizeof(*programs));
    size_t count = 0;

    if (!programs) {
        findings->failed = true;
        return;
    }
    for (uint32_t i = 1; i < policy->scopes.count; i++) {
        const char *path = policy_string(policy, policy_scope(policy, i)->program);
        const char *why = path[0] == '/' ? obstacle(path) : NULL;
        char *real = path[0] == '/' && !why ? realpath(path, NULL) : NULL;

        if (why)
            findings_add(findings, &config->programs[i], NULL,
                         "program \"%s\": no process can be it: %s", path, why);
        if (real)
            programs[count++] = (struct program){real, path, i, strcmp(real, path) == 0};
    }
    warn_of_twins(config, programs, count, findings);
    for (size_t i = 0; i < count; i++)
        free(programs[i].real);
    free(programs);
}
