#include "tests/handshake/transport.h"

void transport_both_pins(struct trip trip,
                         void (*look)(const struct result *refused, const json_t *event))
{
    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    trip.identity = &scene.pki.mis_issued;
    struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    expect_works(&bare);
    expect_refused(&refused);
    expect_nothing_sent(&refused, 0);
    const json_t *event = expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
    if (look)
        look(&refused, event);
    expect_same(&bare, &audit);
    expect_verdict(&audit, "fail", "no_pin_matched", "allow", "block");
    result_free(&bare);
    result_free(&refused);
    result_free(&audit);
}

void transport_resumes(const char *client, const char *server)
{
    struct trip trip = {.client = client, .server = server, .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    cr_assert_neq(result_number(&bare, "state.reused"), 0);
    expect_same(&bare, &enforce);
    cr_assert(
        field_true(expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow"), "resumed"));
    result_free(&bare);
    result_free(&enforce);
}
