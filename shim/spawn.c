/* A child of ours would be a child of the program's: wait and SIGCHLD would tell of it. A child
 * that is cloned with no exit signal is met by neither (wait leaves it out without __WALL or
 * __WCLONE), but execve gives every child SIGCHLD as its exit signal. So there is one in between,
 * which stays such a clone, starts the program as its own child, and ends: then the program is an
 * orphan, and init's. Both share this process's memory until they are done, as with posix_spawn:
 * nothing is copied, no fork handler runs, and the thread that spawns stands still meanwhile. */
#include "shim/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#    define SYS_close_range 436
#endif

enum { STACK_SIZE = 64 * 1024 };

/* The kernel's set of signals, with those that glibc keeps for itself. */
typedef uint64_t kernel_mask[16 / sizeof(uint64_t)];
#define KERNEL_MASK_SIZE (_NSIG / 8)

struct job {
    const struct spawn *spawn;
    char *stacks[2]; /* each STACK_SIZE */
    int error;       /* set by those who share our memory */
};

static void close_listed(int directory, const char *entries, long size)
{
    /* struct linux_dirent64: two 64-bit numbers, the record's length, a type, the name. */
    for (long at = 0; at < size; at += *(const unsigned short *)(entries + at + 16)) {
        int fd = 0;
        for (const char *digit = entries + at + 19; *digit >= '0' && *digit <= '9'; digit++)
            fd = fd * 10 + (*digit - '0');
        if (fd > STDERR_FILENO && fd != directory)
            syscall(SYS_close, fd);
    }
}

/* Kernels before 5.9, and sandboxes that know no close_range, list what is open. */
static bool close_descriptors(void)
{
    char entries[2048] __attribute__((aligned(8)));
    long size, directory;

    if (syscall(SYS_close_range, 3, ~0U, 0) == 0)
        return true;
    directory = syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY, 0);
    if (directory < 0)
        return false;
    while ((size = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0)
        close_listed((int)directory, entries, size);
    syscall(SYS_close, directory);
    return size == 0;
}

static bool set_descriptors(void)
{
    long null = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);

    if (null < 0)
        return false;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (null != fd && syscall(SYS_dup3, null, fd, 0) < 0)
            return false;
    return close_descriptors();
}

/* The handlers are copies, which nobody else has: they are taken out while all signals are blocked.
 */
static void set_signals(void)
{
    static const char default_action[64]; /* the kernel's struct sigaction, whatever its layout */
    static const kernel_mask none;

    for (int number = 1; number < _NSIG; number++)
        syscall(SYS_rt_sigaction, number, default_action, NULL, KERNEL_MASK_SIZE);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, KERNEL_MASK_SIZE);
}

static int start(void *arg)
{
    struct job *job = arg;
    const struct spawn *spawn = job->spawn;
    int error = ENOENT;

    syscall(SYS_setsid);
    if (!set_descriptors() || syscall(SYS_chdir, "/") != 0) {
        job->error = errno;
        syscall(SYS_exit_group, 127);
    }
    set_signals();
    for (const char *const *path = spawn->paths; *path != NULL; path++) {
        syscall(SYS_execve, *path, spawn->argv, spawn->envp);
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno;
    }
    job->error = error; /* said only now: what has been executed says nothing */
    syscall(SYS_exit_group, 127);
    return 0;
}

static int stand_between(void *arg)
{
    struct job *job = arg;
    int pid;

    job->error = 0;
    pid = clone(start, job->stacks[1] + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, job);
    if (pid < 0)
        job->error = errno;
    else if (job->error != 0) /* init need not be one that collects what is dead */
        syscall(SYS_wait4, pid, NULL, 0, NULL);
    syscall(SYS_exit_group, 0);
    return 0;
}

static bool adopts_orphans(void)
{
    int adopts = 0;

    return getpid() == 1 || (syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &adopts) == 0 && adopts);
}

static int run(struct job *job)
{
    kernel_mask all, before;
    int pid;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i] = UINT64_MAX;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, all, before, KERNEL_MASK_SIZE);
    pid = clone(stand_between, job->stacks[0] + STACK_SIZE, CLONE_VM | CLONE_VFORK, job);
    if (pid < 0)
        job->error = errno;
    else
        syscall(SYS_wait4, pid, NULL, __WCLONE, NULL);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, before, NULL, KERNEL_MASK_SIZE);
    return job->error;
}

int spawn_apart(const struct spawn *spawn)
{
    char *stacks = NULL;
    struct job job = {.spawn = spawn};
    int error = EOPNOTSUPP;

    if (adopts_orphans())
        return error;
    stacks = aligned_alloc(64, 2 * STACK_SIZE);
    if (stacks == NULL)
        return ENOMEM;
    job.stacks[0] = stacks;
    job.stacks[1] = stacks + STACK_SIZE;
    error = run(&job);
    free(stacks);
    return error;
}
