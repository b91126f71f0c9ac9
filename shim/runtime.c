#include "shim/runtime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shim/environment.h"
#include "shim/lock.h"
#include "shim/openssl.h"
#include "shim/policy_load.h"
#include "shim/sink.h"

atomic_int runtime_now = RUNTIME_UNKNOWN;
static struct lock lock;
static _Atomic int64_t next_look; /* seconds of the monotonic clock; 0: never */
static __thread bool busy __attribute__((tls_model("initial-exec")));

bool runtime_busy(void)
{
    return busy;
}

const char *runtime_program(void)
{
    return environment.program != NULL ? environment.program : "";
}

bool runtime_enforces(void)
{
    struct loaded *loaded = loaded_acquire();
    bool enforces = runtime_state() == RUNTIME_BROKEN ||
                    (loaded != NULL && policy_strictest_mode(&loaded->view) == MODE_ENFORCE);

    loaded_release(loaded);
    return enforces;
}

/* The coarse clock is good enough, and free. */
static int64_t now(void)
{
    struct timespec time = {0, 0};

    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return time.tv_sec;
}

static void plan_next_look(void)
{
    struct loaded *loaded = loaded_acquire();
    uint32_t interval = loaded != NULL && loaded->view.policy != NULL
                            ? loaded->view.policy->reload_interval
                            : RELOAD_INTERVAL;

    loaded_release(loaded);
    atomic_store(&next_look, interval == 0 ? 0 : now() + interval);
}

enum runtime_state runtime_load(void)
{
    struct policy_reader *reader;
    int saved = errno;

    runtime_start();
    if (runtime_state() == RUNTIME_WAITING && !busy) {
        busy = true;
        /* Outside of the lock: a thread that is in a constructor has the dynamic loader's, and may
         * be waiting for ours. */
        reader = policy_reader_open(true);
        if (lock_take(&lock)) {
            if (runtime_state() == RUNTIME_WAITING) {
                enum runtime_state next = policy_load(reader);
                plan_next_look();
                atomic_store(&runtime_now, next);
            }
            lock_release(&lock);
        }
        policy_reader_close(reader);
        busy = false;
    }
    errno = saved;
    return runtime_state();
}

/* Where a fork left the thread behind that was reading, its libconfuse is in the middle of that: a
 * fresh one is opened when nobody has it any more. Under the lock, for which next to nobody waits:
 * see lock_try, and runtime_replace_damaged. */
static void read_again(void)
{
    static struct policy_reader *reading;
    struct policy_reader *reader = reading;

    reading = NULL;
    policy_reader_close(reader);
    reading = reader = policy_reader_open(true);
    if (policy_reload(reader))
        atomic_store(&runtime_now, RUNTIME_ACTIVE);
    reading = NULL;
    policy_reader_close(reader);
}

/* One thread looks, and reads the policy anew if it has changed; the others go on. */
static void look_again(void)
{
    int saved = errno;

    busy = true;
    if (lock_try(&lock)) {
        if (policy_changed())
            read_again();
        plan_next_look();
        lock_release(&lock);
    }
    busy = false;
    errno = saved;
}

struct loaded *runtime_replace_damaged(struct loaded *damaged)
{
    enum mode mode = policy_strictest_mode(&damaged->view); /* of the parts that were found sound */
    struct policy_reader *reader;
    struct loaded *loaded;
    int saved = errno;
    bool own = !busy;

    loaded_release(damaged);
    if (own) {
        busy = true;
        reader = policy_reader_open(false);
        if (lock_take(&lock)) {
            policy_replace_damaged(reader);
            lock_release(&lock);
        }
        policy_reader_close(reader);
        busy = false;
    }
    errno = saved;
    loaded = loaded_acquire();
    if (!loaded_damaged(loaded))
        return loaded;
    loaded_release(loaded); /* a name that it does not find may be in it all the same */
    return loaded_unusable(mode);
}

struct loaded *runtime_acquire(void)
{
    int64_t due = atomic_load_explicit(&next_look, memory_order_relaxed), time;

    if (due != 0 && !busy && (time = now()) >= due &&
        atomic_compare_exchange_strong(&next_look, &due, time + RELOAD_INTERVAL))
        look_again();
    return loaded_acquire();
}

void runtime_start(void)
{
    int saved = errno;

    if (runtime_state() == RUNTIME_UNKNOWN && lock_take(&lock)) {
        if (runtime_state() == RUNTIME_UNKNOWN) {
            bool found = environment_read();
            if (found)
                sink_remember_stderr();
            atomic_store(&runtime_now, found ? RUNTIME_WAITING : RUNTIME_SLEEPING);
        }
        lock_release(&lock);
    }
    errno = saved;
}

/* Runs before the program's main: files can still be opened and the environment is whole. */
__attribute__((constructor)) static void on_load(void)
{
    runtime_start();
    if (runtime_state() == RUNTIME_WAITING && openssl_present())
        runtime_load();
}
