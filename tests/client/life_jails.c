/* Lives of processes that give up rights: another root and user, files that cannot be opened. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/client/life.h"
#include "tests/client/options.h"

static void enter_jail(void)
{
    struct passwd *nobody = getpwnam("nobody");

    if (!nobody || chroot(options.life_file) != 0 || chdir("/") != 0 || setgroups(0, NULL) != 0 ||
        setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0)
        die("cannot enter %s", options.life_file);
}

static void jail_when_ready(SSL_CTX *ctx)
{
    (void)ctx;
    enter_jail();
}

/* Long enough for a guest to look around in between. */
static void jail_and_wait(SSL_CTX *ctx)
{
    (void)ctx;
    enter_jail();
    sleep(2);
}

/* And closes what it does not know. */
static void jail_and_close(SSL_CTX *ctx)
{
    (void)ctx;
    enter_jail();
    for (int fd = STDERR_FILENO + 1; fd < 4096; fd++)
        close(fd);
}

#ifndef SYS_openat2
#    define SYS_openat2 437
#endif

/* What opens or makes files meets `action`. */
static void forbid_opening(unsigned action)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 2, 0),
#ifdef SYS_open
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_creat, 0, 1),
#else
        BPF_STMT(BPF_JMP | BPF_JA, 2),
        BPF_STMT(BPF_JMP | BPF_JA, 0),
#endif
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

    tzset(); /* OpenSSL looks at dates, and libc then at the time zone's file */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        die("seccomp");
}

static void refuse_opening(void)
{
    forbid_opening(SECCOMP_RET_ERRNO | EPERM);
}

static void refuse_when_ready(SSL_CTX *ctx)
{
    (void)ctx;
    refuse_opening();
}

static void kill_when_ready(SSL_CTX *ctx)
{
    (void)ctx;
    forbid_opening(SECCOMP_RET_KILL_PROCESS);
}

/* And the file that is named is gone then. */
static void kill_without_file(SSL_CTX *ctx)
{
    unlink(options.life_file);
    kill_when_ready(ctx);
}

/* Standard error is a terminal. */
static void open_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) < 0)
        _exit(3);
    dup2(slave, STDERR_FILENO);
    close(slave);
}

static void terminal(char **argv)
{
    life_again(argv, open_terminal);
}

const struct life lives_of_jails[] = {
    {.name = "jail", .ready = jail_when_ready},
    {.name = "jail-closing", .ready = jail_and_close},
    {.name = "jail-waiting", .ready = jail_and_wait},
    {.name = "jail-first", .loaded = enter_jail},
    {.name = "seccomp", .ready = refuse_when_ready},
    {.name = "seccomp-first", .loaded = refuse_opening},
    {.name = "seccomp-kill", .ready = kill_when_ready},
    {.name = "seccomp-kill-terminal", .start = terminal, .ready = kill_when_ready},
    {.name = "seccomp-kill-removed", .ready = kill_without_file},
    {0},
};
