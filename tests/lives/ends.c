/* Ends of processes, and handshakes in what runs then. */
#include "tests/lives/lives.h"

#include <string.h>

TestSuite(ends, .init = scene_open, .fini = scene_close);

#define END(row, options, ends_with)                                                               \
    Test(ends, row)                                                                                \
    {                                                                                              \
        struct trip trip = life_trip(options);                                                     \
        trip.status = ends_with;                                                                   \
        expect_life(trip, 0);                                                                      \
    }

END(exit, VERIFYING "--life exit", 7)
END(quick_exit, VERIFYING "--life quick_exit", 7)
END(underscore_exit, VERIFYING "--life _exit", 7)
END(atexit, VERIFYING "--life atexit", 0)
END(atexit_careless, CARELESS "--life atexit", 0)
END(at_quick_exit, VERIFYING "--life at_quick_exit", 7)
END(destructor, VERIFYING "--life destructor", 0)
END(destructor_careless, CARELESS "--life destructor", 0)

/* In the program's own check: the shim's turn never comes. */
static void expect_end_inside(const char *client)
{
    struct trip trip = life_trip(client);
    const char *const modes[] = {"enforce", "audit"};
    struct result bare;

    trip.status = 7;
    bare = scene_run(trip, NULL);
    expect_nothing_sent(&bare, 0);
    life_pin_wrong();
    for (size_t i = 0; i < 2; i++) {
        struct result result = scene_run(trip, modes[i]);
        expect_same(&bare, &result);
        cr_assert_eq(events_count(result.events, "handshake", NULL), 0);
        result_free(&result);
    }
    result_free(&bare);
}

#define INSIDE(row, life)                                                                          \
    Test(ends, row)                                                                                \
    {                                                                                              \
        expect_end_inside(VERIFYING "--life " life);                                               \
    }                                                                                              \
    Test(ends, row##_careless)                                                                     \
    {                                                                                              \
        expect_end_inside(CARELESS "--life " life);                                                \
    }

INSIDE(exit_inside, "exit-inside")
INSIDE(quick_exit_inside, "quick_exit-inside")
INSIDE(underscore_exit_inside, "_exit-inside")
