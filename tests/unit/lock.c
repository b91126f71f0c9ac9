/* A guest's lock: who may have it, and what a fork does to it. */
#include <pthread.h>
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

    cr_expect_not(lock_take_until(&lock, start + 20));
    cr_expect_geq(lock_clock(), start + 20);
    end_holder(holder);
    cr_expect(lock_take_until(&lock, 0), "a free one is not waited for");
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
