/* A guest's lock: who may have it, and what a fork does to it. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "shim/lock.h"

static struct lock lock;
static pthread_barrier_t taken, over;

static void *hold(void *arg)
{
    bool *good = arg;

    *good = lock_take(&lock);
    pthread_barrier_wait(&taken);
    pthread_barrier_wait(&over);
    lock_release(&lock);
    return NULL;
}

static pthread_t start_holder(bool *good)
{
    pthread_t thread;

    pthread_barrier_init(&taken, NULL, 2);
    pthread_barrier_init(&over, NULL, 2);
    cr_assert_eq(pthread_create(&thread, NULL, hold, good), 0);
    pthread_barrier_wait(&taken);
    return thread;
}

static void end_holder(pthread_t thread)
{
    pthread_barrier_wait(&over);
    pthread_join(thread, NULL);
}

Test(lock, of_this_thread)
{
    cr_expect(lock_try(&lock));
    cr_expect_not(lock_try(&lock));
    cr_expect_not(lock_take(&lock), "a thread would wait for itself");
    lock_release(&lock);
    cr_expect(lock_take(&lock));
}

/* For no longer than was asked. */
Test(lock, of_another_thread_for_a_time)
{
    bool good = false;
    pthread_t holder = start_holder(&good);
    int64_t start = lock_clock();

    unsigned turns = 4;

    cr_expect_not(lock_take_within(&lock, &turns));
    cr_expect_eq(turns, 0);
    cr_expect_geq(lock_clock(), start + 4 * LOCK_TURN);
    end_holder(holder);
    cr_expect(lock_take_within(&lock, &turns), "a free one is not waited for");
}

/* What is shared with a child. */
struct shared {
    struct lock lock;
    atomic_int held; /* lock.owner while nobody waits */
    bool got;
};

static void *wait_for_it(void *arg)
{
    struct shared *shared = arg;
    unsigned turns = 100;

    shared->got = lock_take_within(&shared->lock, &turns);
    return NULL;
}

static void hold_until_told(struct shared *shared, int told)
{
    pthread_t waiter;
    char byte;

    lock_take(&shared->lock);
    atomic_store(&shared->held, shared->lock.owner);
    if (pthread_create(&waiter, NULL, wait_for_it, shared) != 0 || read(told, &byte, 1) != 1)
        _exit(1);
    lock_release(&shared->lock);
    pthread_join(waiter, NULL);
    _exit(0);
}

/* Time in which the process was stopped does not count. */
Test(lock, of_another_thread_while_stopped, .timeout = 60)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int told[2], status;
    pid_t pid;

    cr_assert(shared != MAP_FAILED && pipe(told) == 0);
    pid = fork();
    if (pid == 0)
        hold_until_told(shared, told[0]);
    while (shared->held == 0 || shared->lock.owner == shared->held)
        sched_yield();
    cr_assert(kill(pid, SIGSTOP) == 0 && waitpid(pid, &status, WUNTRACED) == pid);
    for (int64_t end = lock_clock() + 100 * LOCK_TURN + 1; lock_clock() < end;)
        sched_yield();
    cr_assert(write(told[1], "", 1) == 1 && kill(pid, SIGCONT) == 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    cr_expect(shared->got);
}

enum { TAKERS = 8, TAKES = 20000 };

static void *count_up(void *arg)
{
    volatile unsigned *count = arg;

    for (unsigned i = 0; i < TAKES; i++) {
        lock_take(&lock);
        *count += 1;
        lock_release(&lock);
    }
    return NULL;
}

Test(lock, one_at_a_time)
{
    pthread_t takers[TAKERS];
    unsigned count = 0;

    for (unsigned i = 0; i < TAKERS; i++)
        cr_assert_eq(pthread_create(&takers[i], NULL, count_up, &count), 0);
    for (unsigned i = 0; i < TAKERS; i++)
        pthread_join(takers[i], NULL);
    cr_expect_eq(count, TAKERS * TAKES);
}

Test(lock, of_another_thread)
{
    bool good = false;
    pthread_t holder = start_holder(&good);

    cr_assert(good);
    cr_expect_not(lock_try(&lock));
    end_holder(holder);
    cr_expect(lock_try(&lock));
}

/* Its owner is not in the child. */
static void take_in_child(bool (*take)(struct lock *))
{
    bool good = false;
    pthread_t holder = start_holder(&good);
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(take(&lock) && !lock_try(&lock) ? 0 : 1);
    cr_assert(pid > 0 && waitpid(pid, &status, 0) == pid);
    cr_expect_eq(status, 0, "the child ended with %d", status);
    cr_expect_not(lock_try(&lock), "the parent's was taken");
    end_holder(holder);
}

Test(lock, taken_in_a_child)
{
    take_in_child(lock_take);
}

Test(lock, tried_in_a_child)
{
    take_in_child(lock_try);
}
