#include "tests/lives/lives.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct trip life_trip(const char *client)
{
    return (struct trip){
        .client = client, .server = "--request-client-cert", .identity = &scene.pki.genuine};
}

void life_pin_right(void)
{
    scene_pin(scene.pki.genuine.pin);
}

void life_pin_wrong(void)
{
    scene_pin(scene.pki.mis_issued.pin);
}

struct result life_run(struct trip trip, const char *mode, unsigned life)
{
    const char *path = scratch_path(scene.scratch, "out");
    struct result result;

    if ((life & LIFE_FILE) == 0)
        return scene_run(trip, mode);
    unlink(path);
    result = scene_run(trip, mode);
    cr_assert_str_empty(result.outcome.out);
    free(result.outcome.out);
    json_decref(result.reports);
    result.outcome.out = strdup(scratch_read(scene.scratch, path));
    result.reports = json_lines(result.outcome.out);
    return result;
}

void expect_events(const struct result *result, const char *verdict, const char *action)
{
    size_t handshakes = 0, i;
    json_t *one;

    json_array_foreach(result->reports, i, one) handshakes +=
        json_object_get(one, "handshake") != NULL;
    cr_assert_gt(handshakes, 0);
    cr_assert_eq(events_count(result->events, "handshake", NULL), handshakes);
    cr_assert_eq(events_count(result->events, "config_error", NULL), 0);
    json_array_foreach(result->events, i, one)
    {
        if (strcmp(field_string(one, "event"), "handshake") != 0)
            continue;
        expect_string(one, "host", HOST);
        expect_string(one, "verdict", verdict);
        expect_string(one, "action", action);
    }
}

/* What can be asked of the events. */
static void expect_told(const struct result *result, unsigned life, const char *verdict,
                        const char *action)
{
    if (life & LIFE_UNTOLD)
        cr_assert_eq(events_count(result->events, "handshake", NULL), 0);
    else
        expect_events(result, verdict, action);
}

static void expect_unchanged(const struct result *bare, struct trip trip, const char *mode,
                             unsigned life, const char *verdict)
{
    struct result result = life_run(trip, mode, life);

    expect_works(&result);
    expect_same(bare, &result);
    expect_told(&result, life, verdict, "allow");
    result_free(&result);
}

/* Each server was told, and got nothing else on the connection before: what the shim says must not
 * go there. */
static void expect_alerts(const struct result *result)
{
    size_t i;
    json_t *one;

    json_array_foreach(result->records, i, one) expect_string(one, "alert", "handshake_failure");
}

void expect_life(struct trip trip, unsigned life)
{
    struct result bare = life_run(trip, NULL, life), refused;

    expect_works(&bare);
    life_pin_right();
    expect_unchanged(&bare, trip, "enforce", life, "pass");
    life_pin_wrong();
    expect_unchanged(&bare, trip, "audit", life, "fail");
    refused = life_run(trip, "enforce", life);
    if (life & LIFE_SILENT) {
        expect_refused_quietly(&refused);
        cr_assert_str_empty(refused.outcome.err);
    } else {
        expect_refused(&refused);
    }
    expect_nothing_sent(&refused, 0);
    expect_alerts(&refused);
    expect_told(&refused, life, "fail", "block");
    result_free(&bare);
    result_free(&refused);
}
