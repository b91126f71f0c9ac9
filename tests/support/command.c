#include "tests/support/command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

/* What programs find in their environment, whatever the tester's own is like. */
static const char *const environment[] = {
    "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
    "LANG=C.UTF-8",
    "HOME=/nonexistent",
    "TZ=UTC",
};
enum { ENVIRONMENT = sizeof environment / sizeof *environment };

/* For a build with SANITIZE: what programs are told in these is $SANITIZER_OPTIONS
 * (tests/sanitize), for the tests themselves may be told something else. */
static const char *const sanitizers[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};
enum { SANITIZERS = sizeof sanitizers / sizeof *sanitizers, SANITIZER_SIZE = 1024 };

void command_add(struct command *command, ...)
{
    va_list args;
    const char *arg;

    va_start(args, command);
    while ((arg = va_arg(args, const char *))) {
        cr_assert(command->argc < COMMAND_ARGUMENTS, "too many arguments");
        command->argv[command->argc++] = arg;
    }
    va_end(args);
}

void command_set(struct command *command, const char *variable)
{
    cr_assert(command->variables < COMMAND_VARIABLES, "too many variables");
    command->env[command->variables++] = variable;
}

/* In the child, up to and including exec. Never returns. */
static void become(const struct command *command, const struct passwd *user, char **env)
{
    setsid();
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    if (user && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(127);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* setuid clears it */
    if (!command->directory || chdir(command->directory) == 0) {
        environ = env;
        execvp(command->argv[0], (char *const *)command->argv);
    }
    dprintf(STDERR_FILENO, "%s: %s\n", command->argv[0], strerror(errno));
    _exit(127);
}

static void add_sanitizers(char *env[SANITIZERS], char text[SANITIZERS][SANITIZER_SIZE])
{
    const char *told = getenv("SANITIZER_OPTIONS");

    for (size_t i = 0; told && i < SANITIZERS; i++) {
        snprintf(text[i], SANITIZER_SIZE, "%s=%s", sanitizers[i], told);
        env[i] = text[i];
    }
}

void command_start(const struct command *command, bool one_stream, struct child *out)
{
    char *env[ENVIRONMENT + COMMAND_VARIABLES + SANITIZERS + 1] = {0};
    char text[SANITIZERS][SANITIZER_SIZE];
    const struct passwd *user = NULL;
    int in[2], stdout_pipe[2], stderr_pipe[2];

    memcpy(env, environment, sizeof environment);
    memcpy(env + ENVIRONMENT, command->env, command->variables * sizeof *env);
    add_sanitizers(env + ENVIRONMENT + command->variables, text);
    if (command->user && geteuid() == 0) {
        user = getpwnam(command->user);
        cr_assert(user, "there is no user %s", command->user);
    }
    cr_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(stdout_pipe, O_CLOEXEC) == 0 &&
                  pipe2(stderr_pipe, O_CLOEXEC) == 0,
              "pipe2: %s", strerror(errno));
    out->pid = fork();
    cr_assert(out->pid >= 0, "fork: %s", strerror(errno));
    if (out->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(stdout_pipe[1], STDOUT_FILENO);
        dup2(one_stream ? stdout_pipe[1] : stderr_pipe[1], STDERR_FILENO);
        become(command, user, env);
    }
    close(in[0]);
    close(stdout_pipe[1]);
    close(stderr_pipe[1]);
    out->in = in[1];
    out->out = stdout_pipe[0];
    out->err = stderr_pipe[0];
}

int child_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        cr_assert(errno == EINTR, "waitpid: %s", strerror(errno));
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
