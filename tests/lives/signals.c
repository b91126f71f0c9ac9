/* Signals that arrive while the shim is at work. */
#include "tests/lives/lives.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(signals, .init = scene_open, .fini = scene_close);

LIFE(signals, storm, VERIFYING "--life storm-restarting", 0)
LIFE(signals, storm_careless, CARELESS "--life storm-restarting", 0)

/* Calls that are not begun again leave EINTR or EAGAIN, as it happens. */
static void forget_errno(json_t *value)
{
    const char *key;
    json_t *inner;
    size_t i;

    if (json_is_object(value)) {
        json_object_del(value, "errno");
        json_object_foreach(value, key, inner) forget_errno(inner);
    }
    json_array_foreach(value, i, inner) forget_errno(inner);
}

static struct result run_forgetful(struct trip trip, const char *mode)
{
    struct result result = scene_run(trip, mode);

    forget_errno(result.reports);
    free(result.outcome.out);
    result.outcome.out = json_dumps(result.reports, JSON_COMPACT);
    return result;
}

static void expect_storm(const char *client)
{
    struct trip trip = life_trip(client);
    struct result bare = run_forgetful(trip, NULL), right, wrong, audit;

    expect_works(&bare);
    life_pin_right();
    right = run_forgetful(trip, "enforce");
    expect_same(&bare, &right);
    expect_events(&right, "pass", "allow");
    life_pin_wrong();
    audit = run_forgetful(trip, "audit");
    expect_same(&bare, &audit);
    expect_events(&audit, "fail", "allow");
    wrong = run_forgetful(trip, "enforce");
    expect_refused(&wrong);
    expect_events(&wrong, "fail", "block");
    result_free(&bare);
    result_free(&right);
    result_free(&audit);
    result_free(&wrong);
}

Test(signals, storm_without_restart)
{
    expect_storm(VERIFYING "--road nonblocking --life storm");
}

Test(signals, storm_without_restart_careless)
{
    expect_storm(CARELESS "--road nonblocking --life storm");
}

/* What follows happens in the middle of an event, with the lock of the sinks held. */

static const char *interrupting[3];

static struct trip interrupted_trip(const char *client)
{
    struct trip trip = life_trip(client);
    char *object = build_path("tests/interrupt.so");

    interrupting[0] = scratch_format(scene.scratch, "LD_PRELOAD=%s", object);
    interrupting[1] = "INTERRUPT_MARK={dir}/interrupted";
    trip.environment = interrupting;
    free(object);
    return trip;
}

static void expect_interrupted(void)
{
    cr_assert_eq(access(scratch_path(scene.scratch, "interrupted"), F_OK), 0,
                 "no signal came in the middle of an event");
}

Test(signals, in_the_middle_of_an_event)
{
    expect_life(interrupted_trip(VERIFYING "--times 2 --life interrupted"), 0);
    expect_interrupted();
}

/* The process ends there; in enforce nothing was sent by then. */
Test(signals, exit_in_the_middle_of_an_event)
{
    struct trip trip = interrupted_trip(VERIFYING "--life interrupted-exit");
    struct result result;

    life_pin_wrong();
    trip.status = 7;
    result = scene_run(trip, "enforce");
    expect_nothing_sent(&result, 0);
    expect_interrupted();
    result_free(&result);
}

/* A thread is cancelled there. Its event is whole, and others can write theirs. */
static void expect_cancelled(const char *pin, const char *mode, const char *verdict, bool works)
{
    struct trip trip = interrupted_trip(VERIFYING "--life interrupted-cancel");
    struct result result;

    scene_pin(pin);
    result = scene_run(trip, mode);
    expect_interrupted();
    cr_assert_eq(field_number(json_array_get(result.reports, 0), "cancelled"), 1);
    cr_assert_eq(events_count(result.events, "handshake", NULL), 2);
    expect_string(events_last(result.events, "handshake", NULL), "verdict", verdict);
    if (works) {
        expect_works(&result);
    } else {
        expect_refused(&result);
        expect_nothing_sent(&result, 0);
    }
    result_free(&result);
}

Test(signals, cancelled_in_the_middle_of_an_event)
{
    expect_cancelled(scene.pki.genuine.pin, "enforce", "pass", true);
}

Test(signals, cancelled_in_the_middle_of_an_event_refused)
{
    expect_cancelled(scene.pki.mis_issued.pin, "enforce", "fail", false);
}

Test(signals, cancelled_in_the_middle_of_an_event_audited)
{
    expect_cancelled(scene.pki.mis_issued.pin, "audit", "fail", true);
}

/* A child inherits the lock from a thread that it does not have. */
Test(signals, forked_in_the_middle_of_an_event)
{
    struct trip trip = interrupted_trip(VERIFYING "--life interrupted-fork");
    struct result bare = scene_run(trip, NULL), result;

    expect_works(&bare);
    life_pin_right();
    result = scene_run(trip, "enforce");
    expect_interrupted();
    expect_works(&result);
    expect_events(&result, "pass", "allow");
    result_free(&result);
    life_pin_wrong();
    result = scene_run(trip, "audit");
    expect_works(&result);
    expect_events(&result, "fail", "allow");
    result_free(&result);
    result = scene_run(trip, "enforce");
    expect_refused(&result);
    expect_nothing_sent(&result, 0);
    expect_events(&result, "fail", "block");
    result_free(&bare);
    result_free(&result);
}
