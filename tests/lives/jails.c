/* Processes that have given up rights. */
#include "tests/lives/lives.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(jails, .init = scene_open, .fini = scene_close);

/* Another root, with nothing in it, and another user. */
static void expect_jailed(const char *client, unsigned life)
{
    if (geteuid() != 0)
        cr_skip_test("needs root");
    cr_assert_eq(mkdir(scratch_path(scene.scratch, "jail"), 0755), 0);
    expect_life(life_trip(client), life);
}

Test(jails, other_root_and_user)
{
    expect_jailed(VERIFYING "--life jail" JAIL, 0);
}

Test(jails, other_root_and_user_in_a_child)
{
    expect_jailed(VERIFYING "--fork after --times 2 --life jail" JAIL, 0);
}

/* A config that is out of sight when it is looked for again has not changed. */
Test(jails, config_out_of_sight)
{
    struct trip trip = life_trip(VERIFYING "--life jail-waiting" JAIL);
    struct result bare, audit;

    if (geteuid() != 0)
        cr_skip_test("needs root");
    cr_assert_eq(mkdir(scratch_path(scene.scratch, "jail"), 0755), 0);
    scene_policy("reload_interval = 1\ndomain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.mis_issued.pin);
    bare = scene_run(trip, NULL);
    audit = scene_run(trip, "audit");
    expect_works(&bare);
    expect_same(&bare, &audit);
    expect_events(&audit, "fail", "allow");
    result_free(&bare);
    result_free(&audit);
}

/* docs/limits.md: the events are lost, and nothing else. */
Test(jails, other_root_and_user_and_closed_descriptors)
{
    expect_jailed(VERIFYING "--life jail-closing" JAIL, LIFE_UNTOLD);
}

/* The context is made inside; the client can load no files of its own there. */
Test(jails, other_root_and_user_before_context)
{
    expect_jailed("--sni " HOST " --verify none --life jail-first" JAIL, 0);
}

LIFE(jails, no_opening, VERIFYING "--times 2 --life seccomp", 0)
LIFE(jails, opening_kills, VERIFYING "--times 2 --life seccomp-kill", 0)
LIFE(jails, opening_kills_careless, CARELESS "--life seccomp-kill", 0)
LIFE(jails, opening_kills_by_write, CARELESS "--road write --life seccomp-kill", 0)

Test(jails, no_opening_before_context)
{
    expect_life(life_trip("--sni " HOST " --verify none --life seccomp-first"), 0);
}

/* docs/limits.md: what has the shim open a file in such a process has it killed. What would be
 * refused is not sent. */
static void expect_killed(const char *client)
{
    struct trip trip = life_trip(client);
    struct result bare = scene_run(trip, NULL), result;

    expect_works(&bare);
    life_pin_wrong();
    trip.status = 128 + SIGSYS;
    result = scene_run(trip, "enforce");
    cr_assert_str_empty(result.outcome.out);
    expect_nothing_sent(&result, 0);
    result_free(&bare);
    result_free(&result);
}

Test(jails, opening_kills_and_the_events_are_gone)
{
    expect_killed(VERIFYING "--life seccomp-kill-removed --life-file {dir}/events.jsonl");
}

Test(jails, opening_kills_and_stderr_is_a_terminal)
{
    expect_killed(VERIFYING "--life seccomp-kill-terminal");
}
