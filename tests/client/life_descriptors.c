/* Lives in which descriptors are closed, reused, short, or good for nothing. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/client/life.h"
#include "tests/client/options.h"

enum { NUMBERS = 1000 }; /* all below are taken by a daemon's file */

static int open_file(void)
{
    int fd = open(options.life_file, O_WRONLY | O_APPEND | O_CREAT, 0600);

    if (fd < 0)
        _exit(3);
    return fd;
}

/* Every number but one (for sockets) is this program's own file afterwards, to which it writes
 * nothing but what it has to tell. */
static void become_daemon(void)
{
    for (int fd = 0; fd < 4096; fd++)
        close(fd);
    if (chdir("/") != 0 || open("/dev/null", O_RDONLY) != STDIN_FILENO ||
        open_file() != STDOUT_FILENO)
        _exit(3);
    for (int fd = STDERR_FILENO; fd < NUMBERS; fd++)
        if (fd != STDERR_FILENO + 1)
            dup2(STDOUT_FILENO, fd);
}

static void daemon_at_start(char **argv)
{
    (void)argv;
    become_daemon();
}

static void daemon_when_ready(SSL_CTX *ctx)
{
    (void)ctx;
    become_daemon();
}

static void close_standard(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        close(fd);
}

/* The first that it opens get the standard numbers. */
static void closed(char **argv)
{
    int opened[3];

    life_again(argv, close_standard);
    for (int i = 0; i < 3; i++)
        opened[i] = open_file();
    life_tell("opened", opened[0] * 10000 + opened[1] * 100 + opened[2]);
}

/* Its sockets get the numbers 0 and 2. */
static void closed_for_sockets(char **argv)
{
    int fd;

    life_again(argv, close_standard);
    fd = open_file();
    dup2(fd, STDOUT_FILENO);
    if (fd != STDOUT_FILENO)
        close(fd);
}

/* The next socket gets the number of standard error. */
static void close_stderr(SSL_CTX *ctx)
{
    (void)ctx;
    close(STDERR_FILENO);
}

static void limit_numbers(rlim_t count)
{
    struct rlimit limit = {count, count};

    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("RLIMIT_NOFILE");
}

/* Room for one more descriptor: the socket. */
static void exhaust(void)
{
    int next = dup(STDIN_FILENO);

    close(next);
    limit_numbers((rlim_t)next + 1);
}

static void exhaust_when_ready(SSL_CTX *ctx)
{
    (void)ctx;
    exhaust();
}

static void limit_to_few(void)
{
    limit_numbers(16);
}

/* The numbers that a program with few gets, half of all. */
static void few(char **argv)
{
    life_again(argv, limit_to_few);
    for (int i = 0; i < 5; i++)
        life_tell("number", dup(STDIN_FILENO));
}

static void limit_file_size(SSL_CTX *ctx)
{
    struct rlimit none = {0, 0};

    (void)ctx;
    if (setrlimit(RLIMIT_FSIZE, &none) != 0)
        die("RLIMIT_FSIZE");
}

static void break_stderr(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        _exit(3);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
}

static void broken_stderr(char **argv)
{
    life_again(argv, break_stderr);
}

static void pipes_kill(SSL_CTX *ctx)
{
    (void)ctx;
    signal(SIGPIPE, SIG_DFL);
}

/* Has a SIGPIPE of its own waiting, before and after. */
static void keep_pending(SSL_CTX *ctx)
{
    sigset_t set, pending;

    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGPIPE);
    life_visit(0, ctx);
    sigpending(&pending);
    life_tell("pending", sigismember(&pending, SIGPIPE));
    life_visit(1, ctx);
}

/* A pipe that is full and stays so. */
static void stall_stderr(void)
{
    char block[4096];
    int ends[2];

    memset(block, '.', sizeof block);
    if (pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_WRONLY | O_NONBLOCK) != 0)
        _exit(3);
    while (write(ends[1], block, sizeof block) > 0)
        ;
    fcntl(ends[1], F_SETFL, O_WRONLY);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
}

static void stalled_stderr(char **argv)
{
    life_again(argv, stall_stderr);
}

const struct life lives_of_descriptors[] = {
    {.name = "daemon", .ready = daemon_when_ready},
    {.name = "daemon-first", .start = daemon_at_start},
    {.name = "closed", .start = closed},
    {.name = "closed-for-sockets", .start = closed_for_sockets},
    {.name = "stderr-socket", .ready = close_stderr},
    {.name = "exhausted", .ready = exhaust_when_ready},
    {.name = "exhausted-first", .loaded = exhaust},
    {.name = "few", .start = few},
    {.name = "file-size", .ready = limit_file_size},
    {.name = "broken-stderr", .start = broken_stderr, .ready = pipes_kill},
    {.name = "broken-stderr-pending", .start = broken_stderr, .run = keep_pending},
    {.name = "stalled-stderr", .start = stalled_stderr},
    {0},
};
