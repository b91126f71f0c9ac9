/* Many threads, small stacks, cancelled threads, children of processes with threads. */
#include "tests/lives/lives.h"

#include <stdlib.h>

enum { STACK_ADDED = 2048 }; /* what a few of the shim's frames may take */

TestSuite(threads, .init = scene_open, .fini = scene_close);

static bool works(const json_t *report)
{
    const char *answer =
        json_string_value(json_object_get(json_object_get(report, "read"), "answer"));

    return answer && *answer;
}

/* 200 threads of one context, half of them with a server that has the wrong key, and one visit
 * more. A machine that is busy enough keeps one of them waiting until its event is lost; the next
 * one tells. */
static void expect_crowd(const char *mode, bool second_works)
{
    struct trip trip = life_trip(VERIFYING "--life crowd --life-number 200");
    struct result result;
    size_t i, sent = 0, failed = 0, events, lost;
    json_t *one;

    trip.second = &scene.pki.mis_issued;
    life_pin_right();
    result = scene_run(trip, mode);
    cr_assert_eq(json_array_size(result.reports), 201, "stderr: %s", result.outcome.err);
    json_array_foreach(result.reports, i, one)
        cr_assert_eq(works(one), i % 2 == 0 || second_works, "thread %zu", i);
    cr_assert_eq(json_array_size(result.records), 201);
    json_array_foreach(result.records, i, one) sent +=
        field_number(one, "app_bytes") > 0 || field_true(one, "client_cert");
    cr_assert_eq(sent, second_works ? 201 : 101);
    json_array_foreach(result.events, i, one) failed +=
        json_object_get(one, "verdict") && *field_string(one, "verdict") == 'f';
    events = events_count(result.events, "handshake", NULL);
    lost = events_lost(result.events);
    cr_assert(failed <= (mode ? 100 : 0) && failed + lost >= (mode ? 100 : 0),
              "%zu of refusals, %zu lost", failed, lost);
    cr_assert_eq(events + lost, mode ? 201 : 0, "%zu of handshakes, %zu lost", events, lost);
    result_free(&result);
}

Test(threads, crowd_bare)
{
    expect_crowd(NULL, true);
}

Test(threads, crowd)
{
    expect_crowd("enforce", false);
}

Test(threads, crowd_audited)
{
    expect_crowd("audit", true);
}

/* Cancelled in the program's own check: the shim's work is done nevertheless, and the thread ends
 * at its next write. Another then connects. */
static void expect_cancelled(const char *client)
{
    struct trip trip = life_trip(client);
    struct result bare = scene_run(trip, NULL), result;

    expect_works(&bare);
    life_pin_right();
    result = scene_run(trip, "enforce");
    expect_same(&bare, &result);
    cr_assert_eq(events_count(result.events, "handshake", NULL), 2);
    result_free(&result);
    life_pin_wrong();
    result = scene_run(trip, "audit");
    expect_same(&bare, &result);
    cr_assert_eq(events_count(result.events, "handshake", NULL), 2);
    result_free(&result);
    result = scene_run(trip, "enforce");
    expect_refused(&result);
    expect_nothing_sent(&result, 0);
    cr_assert_eq(events_count(result.events, "handshake", NULL), 2);
    result_free(&bare);
    result_free(&result);
}

Test(threads, cancelled)
{
    expect_cancelled(VERIFYING "--life cancelled");
}

Test(threads, cancelled_careless)
{
    expect_cancelled(CARELESS "--life cancelled");
}

/* Children of a process whose other threads are in the middle of a handshake (--threads: it is
 * chance which socket is whose). */
LIFE(threads, forks, VERIFYING "--threads 3 --life forks", 0)
LIFE(threads, forks_careless, CARELESS "--threads 3 --life forks", 0)

/* How much of its stack the client used, as it told in {dir}/stack. */
static long stack_used(struct trip trip, const char *mode)
{
    struct result result = scene_run(trip, mode);
    const char *told = scratch_read(scene.scratch, scratch_path(scene.scratch, "stack"));
    long used = strtol(told, NULL, 10);

    cr_assert_gt(used, 0, "stderr: %s", result.outcome.err);
    result_free(&result);
    return used;
}

/* 64 KiB, for all that the client does; with a libssl that is found late, the config is read on
 * that stack as well. The deepest point is OpenSSL's own, with the shim or without. */
static void expect_small(const char *client, const char *load)
{
    struct trip trip = life_trip(client);
    long bare;

    trip.load = load;
    expect_life(trip, 0);
    bare = stack_used(trip, NULL);
    life_pin_wrong();
    cr_assert_leq(stack_used(trip, "audit"), bare + STACK_ADDED);
    cr_assert_leq(stack_used(trip, "enforce"), bare + STACK_ADDED);
}

#define SMALL " --life small --life-number 65536 --life-file {dir}/stack"

Test(threads, small_stack)
{
    expect_small(VERIFYING SMALL, NULL);
}

Test(threads, small_stack_careless)
{
    expect_small(CARELESS SMALL, NULL);
}

Test(threads, small_stack_found_late)
{
    expect_small(VERIFYING SMALL, "dlsym");
}

Test(threads, small_stack_plugin)
{
    expect_small(VERIFYING SMALL, "deepbind");
}
