/* dlmopen: a libssl in a namespace of its own is out of sight. Nothing breaks, nothing is checked
 * in there, and that is told, as docs/limits.md says. */
#include <string.h>

#include "tests/handshake/scene.h"
#include "tests/support/twin.h"

TestSuite(namespaces, .init = scene_open, .fini = scene_close);

static struct trip apart(const char *client)
{
    return (struct trip){.client = client,
                         .load = "dlmopen",
                         .server = "--request-client-cert",
                         .identity = &scene.pki.mis_issued};
}

/* Told once, of this object. */
static void expect_told(const struct result *result, const char *object, const char *mode)
{
    const json_t *event = events_last(result->events, "config_error", NULL);
    const char *file = field_string(event, "file");

    cr_assert_eq(events_count(result->events, "config_error", NULL), 1);
    cr_assert(file && strstr(file, object), "file %s", file);
    expect_string(event, "mode", mode);
    cr_assert(strstr(field_string(event, "message"), "dlmopen"));
    cr_assert(strstr(field_string(event, "message"), "not checked"));
}

/* The client has no libssl but that one: the policy is read for the event alone. */
Test(namespaces, enforce_does_not_see)
{
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(apart(CARELESS), NULL);
    struct result enforce = scene_run(apart(CARELESS), "enforce");

    expect_works(&bare);
    expect_works(&enforce);
    cr_assert(json_equal(bare.reports, enforce.reports));
    cr_assert(json_equal(bare.records, enforce.records));
    cr_assert_eq(events_count(enforce.events, "handshake", NULL), 0);
    cr_assert_eq(events_count(enforce.events, "policy", NULL), 1);
    expect_told(&enforce, "libssl.so.", "enforce");
    cr_assert(strstr(enforce.outcome.err, "pinshim: libssl.so."), "stderr: %s",
              enforce.outcome.err);
    result_free(&bare);
    result_free(&enforce);
}

Test(namespaces, audit_changes_nothing)
{
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(apart(VERIFYING), NULL);
    struct result audit = scene_run(apart(VERIFYING), "audit");

    expect_works(&bare);
    expect_same(&bare, &audit);
    cr_assert_eq(events_count(audit.events, "handshake", NULL), 0);
    expect_told(&audit, "libssl.so.", "audit");
    result_free(&bare);
    result_free(&audit);
}

Test(namespaces, off_is_silent)
{
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(apart(CARELESS), NULL);
    struct result off = scene_run(apart(CARELESS), "off");

    expect_same(&bare, &off);
    cr_assert_eq(json_array_size(off.events), 0);
    result_free(&bare);
    result_free(&off);
}

/* What is in sight is judged as ever: the linked libssl's connections, before and after. */
Test(namespaces, the_others_are_judged)
{
    struct trip trip = {
        .client = CARELESS "--twin {dir}/twin --twin-scope namespace --libraries 121 "
                           "--ignore-failure",
        .server = "--request-client-cert",
        .identity = &scene.pki.mis_issued,
    };

    twin_make(scene.scratch, TWIN_SAME_VERSIONS);
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    expect_works(&bare);
    expect_refused(&enforce);
    cr_assert_eq(events_count(enforce.events, "handshake", HOST), 2);
    expect_number(json_array_get(enforce.records, 0), "app_bytes", 0);
    cr_assert_gt(field_number(json_array_get(enforce.records, 1), "app_bytes"), 0);
    /* Once, though two objects were opened so. */
    expect_told(&enforce, "/twin/libcrypto.so", "enforce");
    result_free(&bare);
    result_free(&enforce);
}

/* A policy that cannot be read refuses what is in sight; that, too, is told of the rest. */
Test(namespaces, told_under_a_broken_policy)
{
    scene_policy("domain \"" HOST "\" {\n");
    struct result enforce = scene_run(apart(CARELESS), "enforce");

    expect_works(&enforce);
    cr_assert_eq(events_count(enforce.events, "config_error", NULL), 2);
    cr_assert(strstr(field_string(events_last(enforce.events, "config_error", NULL), "message"),
                     "dlmopen"));
    result_free(&enforce);
}
