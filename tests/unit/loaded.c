/* Policies that come and go while threads use them. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "shim/loaded.h"

enum { READERS = 8, RELOADS = 300000 };

/* One whose every part says its number. */
static void publish(unsigned number)
{
    struct loaded *loaded = loaded_new();
    struct policy *policy = malloc(sizeof *policy);

    cr_assert(loaded && policy, "at %u: no place for another", number);
    memset(policy, 0, sizeof *policy);
    policy->reload_interval = number;
    loaded->view.policy = policy;
    loaded->session_salt = number;
    loaded_publish(loaded);
    loaded_sweep();
}

static atomic_bool over;

static void *use(void *arg)
{
    unsigned last = 0;

    while (!atomic_load(&over)) {
        struct loaded *loaded = loaded_acquire();
        unsigned number = (unsigned)loaded->session_salt;
        for (int i = 0; i < 3; i++)
            if (!loaded->view.policy || loaded->view.policy->reload_interval != number ||
                number < last)
                atomic_fetch_add((atomic_uint *)arg, 1);
        last = number;
        loaded_release(loaded);
    }
    return NULL;
}

/* The same policy loaded again has its salt, and may have its place. */
Test(loaded, serial_is_never_the_same)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < 100; i++) {
        publish(1);
        struct loaded *loaded = loaded_acquire();
        cr_assert_gt(loaded->serial, last);
        last = loaded->serial;
        loaded_release(loaded);
    }
}

/* In whatever place it is. */
Test(loaded, remembers_nothing_of_another)
{
    struct policy_match match = {.host = "api.example.test"};

    for (unsigned number = 1; number < 100; number++) {
        publish(number);
        struct loaded *loaded = loaded_acquire();
        cr_assert_not(lookups_find(&loaded->lookups, "api.example.test", &match), "%u", number);
        lookups_keep(&loaded->lookups, "api.example.test", &match);
        loaded_release(loaded);
    }
}

/* A thread that is not run may hold its policy over some reloads, but not all places. */
Test(loaded, in_threads)
{
    pthread_t threads[READERS];
    atomic_uint wrong = 0;

    publish(1);
    for (size_t i = 0; i < READERS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use, &wrong), 0);
    for (unsigned number = 2; number < RELOADS; number++) {
        while (!loaded_new())
            ;
        publish(number);
    }
    atomic_store(&over, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(wrong, 0);
}

/* What is held stays whole, whatever comes after; and there is an end to how much that may be. */
Test(loaded, held)
{
    struct loaded *held[16];
    unsigned count = 0;

    cr_expect_null(loaded_acquire());
    publish(1);
    while (count < 16 && loaded_new()) {
        held[count++] = loaded_acquire();
        publish(count + 1);
    }
    cr_assert(count > 1 && count < 16);
    for (unsigned i = 0; i < count; i++)
        cr_expect_eq(held[i]->view.policy->reload_interval, i + 1);
    loaded_release(held[0]);
    loaded_sweep();
    cr_expect_null(held[0]->view.policy, "it is not let go");
    cr_expect_not_null(held[1]->view.policy);
    cr_expect_eq(loaded_new(), held[0]);
}
