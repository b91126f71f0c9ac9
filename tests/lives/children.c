/* Processes that start others, and that become others. */
#include "tests/lives/lives.h"

TestSuite(children, .init = scene_open, .fini = scene_close);

LIFE(children, posix_spawn, VERIFYING "--life spawn", 0)
LIFE(children, posix_spawn_careless, CARELESS "--life spawn", 0)
LIFE(children, vfork, VERIFYING "--life vfork", 0)
LIFE(children, without_tls, VERIFYING "--life among-children", 0)
LIFE(children, exec, VERIFYING "--life exec", 0)
LIFE(children, exec_careless, CARELESS "--life exec", 0)

/* With a libssl that is found late, in each process anew. */
static void expect_found_late(const char *client)
{
    struct trip trip = life_trip(client);

    trip.load = "dlsym";
    expect_life(trip, 0);
}

Test(children, exec_found_late)
{
    expect_found_late(VERIFYING "--life exec");
}

Test(children, posix_spawn_found_late)
{
    expect_found_late(VERIFYING "--life spawn");
}
