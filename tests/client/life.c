#include "tests/client/life.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/client/options.h"
#include "tests/client/visit.h"

static const struct life ordinary = {.name = ""};
static const struct life *life = &ordinary;

static const struct life *find(const char *name)
{
    const struct life *const all[] = {lives_of_descriptors, lives_of_children, lives_of_threads,
                                      lives_of_signals,     lives_of_ends,     lives_of_jails};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (const struct life *one = all[i]; one->name; one++)
            if (strcmp(one->name, name) == 0)
                return one;
    die("--life %s: there is none", name);
}

void life_start(char **argv)
{
    if (options.life)
        life = find(options.life);
    if (life->start)
        life->start(argv);
}

void life_loaded(void)
{
    if (life->loaded)
        life->loaded();
}

void life_ready(SSL_CTX *ctx)
{
    if (life->ready)
        life->ready(ctx);
}

bool life_run(SSL_CTX *ctx)
{
    if (life->run)
        life->run(ctx);
    return life->run != NULL;
}

void life_end(void)
{
    if (life->end)
        life->end();
}

void life_again(char **argv, void (*prepare)(void))
{
    static const char mark[] = "TLS_CLIENT_AGAIN";

    if (getenv(mark)) {
        unsetenv(mark);
        return;
    }
    setenv(mark, "1", 1);
    prepare();
    execv("/proc/self/exe", argv);
    _exit(3);
}

char **life_without(char **argv)
{
    static char *rest[64];
    size_t count = 0;

    for (; *argv; argv++) {
        if (strcmp(*argv, "--life") == 0)
            argv++;
        else if (count + 1 < sizeof rest / sizeof *rest)
            rest[count++] = *argv;
    }
    rest[count] = NULL;
    return rest;
}

void life_visit(unsigned index, SSL_CTX *ctx)
{
    struct visit visit;

    api.SSL_SESSION_free(visit_run(&visit, index, ctx, NULL));
    report_print(&visit.report);
}

void life_tell(const char *name, long value)
{
    struct report report;

    report_open(&report);
    report_number(&report, name, value);
    report_close(&report);
    report_print(&report);
}
