/* Lives of processes that start others, and that become others. */
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/life.h"
#include "tests/client/options.h"

/* What a child ended with. */
static int wait_for(pid_t pid)
{
    int status = 0;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        die("no child");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static pid_t spawn(const char *path, const char *const *argv)
{
    pid_t pid;

    return posix_spawn(&pid, path, NULL, NULL, (char *const *)argv, environ) == 0 ? pid : -1;
}

static pid_t vfork_exec(const char *path, const char *const *argv)
{
    pid_t pid = vfork();

    if (pid == 0) {
        execv(path, (char *const *)argv);
        _exit(127);
    }
    return pid;
}

/* The connections are a child's. */
static void by_spawn(char **argv)
{
    exit(wait_for(spawn("/proc/self/exe", (const char *const *)life_without(argv))));
}

static void by_vfork(char **argv)
{
    exit(wait_for(vfork_exec("/proc/self/exe", (const char *const *)life_without(argv))));
}

/* Connections before, between and after children that know nothing of TLS and tell what
 * descriptors they got. */
static void among_children(SSL_CTX *ctx)
{
    const char *nothing[] = {"true", NULL};
    const char *list[] = {
        "sh", "-c", "echo \"{\\\"descriptors\\\":\\\"$(echo $(ls /proc/self/fd))\\\"}\"", NULL};

    life_visit(0, ctx);
    life_tell("spawned", wait_for(spawn("/bin/true", nothing)));
    life_tell("vforked", wait_for(vfork_exec("/bin/true", nothing)));
    life_visit(1, ctx);
    life_tell("listed", wait_for(spawn("/bin/sh", list)));
    life_tell("listed", wait_for(vfork_exec("/bin/sh", list)));
    life_visit(2, ctx);
}

/* Nothing but what protects it is left of the environment. */
static void change_environment(void)
{
    static const char *const kept[] = {"LD_PRELOAD", "PINSHIM_CONFIG", "PINSHIM_MODE",
                                       "PINSHIM_EVENTS"};
    static char other[] = "OTHER=1";
    static char *next[sizeof kept / sizeof *kept + 2] = {other};
    size_t count = 1;

    for (char **variable = environ; *variable; variable++)
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            if (strncmp(*variable, kept[i], strlen(kept[i])) == 0 &&
                (*variable)[strlen(kept[i])] == '=')
                next[count++] = *variable;
    environ = next;
}

static char **command_line;

static void remember(char **argv)
{
    command_line = argv;
}

/* A connection, then another life in the same process, with another one. */
static void become_another(SSL_CTX *ctx)
{
    life_visit(0, ctx);
    change_environment();
    execv("/proc/self/exe", life_without(command_line));
    _exit(3);
}

const struct life lives_of_children[] = {
    {.name = "spawn", .start = by_spawn},
    {.name = "vfork", .start = by_vfork},
    {.name = "among-children", .run = among_children},
    {.name = "exec", .start = remember, .run = become_another},
    {0},
};
