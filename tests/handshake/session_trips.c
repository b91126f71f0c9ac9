#include "tests/handshake/session_trips.h"

size_t session_reused(const struct result *result)
{
    size_t i, count = 0;
    json_t *one;

    json_array_foreach(result->reports, i, one) count +=
        field_number(json_object_get(one, "state"), "reused") != 0;
    return count;
}

void session_full_handshake(struct trip trip, const char *audit_reason, bool refused)
{
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");

    cr_assert_neq(result_number(&bare, "state.reused"), 0, "%s", bare.outcome.out);
    cr_assert_eq(result_number(&enforce, "state.reused"), 0, "%s", enforce.outcome.out);
    if (refused) {
        expect_refused(&enforce);
        expect_verdict(&enforce, "fail", "no_pin_matched", "block", "block");
    } else {
        expect_works(&enforce);
        expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow");
    }
    expect_same(&bare, &audit);
    const json_t *event = events_last(audit.events, "handshake", NULL);
    expect_string(event, "reason", audit_reason);
    expect_string(event, "action", "allow");
    cr_assert(field_true(event, "resumed"));
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

void session_keep(const struct identity *identity, const char *client, const char *load)
{
    struct trip trip = {.client =
                            scratch_format(scene.scratch, "%s --session-out {dir}/session", client),
                        .load = load,
                        .server = SHARED "--early-data",
                        .identity = identity};
    struct result kept = scene_run(trip, NULL);

    expect_works(&kept);
    result_free(&kept);
}
