/* In audit under every verdict, and in enforce under those that let through, a program and its
 * server cannot tell that the shim is there (what is compared: expect_same). */
#include "tests/handshake/scene.h"

TestSuite(invisible, .init = scene_open, .fini = scene_close);

/* What a program may have about it that an uncaring guest would upset. */
static const char *const clients[] = {
    VERIFYING "--look-first",
    CARELESS "--look-first --info none",
    VERIFYING
    "--look-first --stale-errors --pending-signals --info both --carry cache --times 2 --resume",
    CARELESS "--look-first --stale-errors --pending-signals --road write --info none --tls 1.2",
};

static void invisible(const char *mode, const char *verdict, const char *reason, const char *would)
{
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        struct trip trip = {.client = clients[i],
                            .server = "--request-client-cert",
                            .identity = &scene.pki.genuine};
        struct result bare = scene_run(trip, NULL), protected = scene_run(trip, mode);
        expect_works(&bare);
        expect_same(&bare, &protected);
        /* Of the first handshake: the second one may resume. */
        const json_t *event = json_array_get(protected.events, 1);
        expect_string(event, "event", "handshake");
        expect_string(event, "verdict", verdict);
        expect_string(event, "reason", reason);
        expect_string(event, "action", "allow");
        expect_string(event, "would", would);
        result_free(&bare);
        result_free(&protected);
    }
}

#define PIN_OF(who) "domain \"" HOST "\" { pins = {\"%s\"} %s }\n", scene.pki.who.pin
#define WHERE(title) "domain \"" title "\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin

#define IN_AUDIT(row, verdict, reason, would, ...)                                                 \
    Test(invisible, row##_in_audit)                                                                \
    {                                                                                              \
        scene_policy(__VA_ARGS__);                                                                 \
        invisible("audit", verdict, reason, would);                                                \
    }

#define IN_BOTH(row, verdict, reason, ...)                                                         \
    IN_AUDIT(row, verdict, reason, "allow", __VA_ARGS__)                                           \
    Test(invisible, row##_in_enforce)                                                              \
    {                                                                                              \
        scene_policy(__VA_ARGS__);                                                                 \
        invisible("enforce", verdict, reason, "allow");                                            \
    }

IN_BOTH(leaf, "pass", "pin_matched", PIN_OF(genuine), "")
IN_BOTH(intermediate, "pass", "pin_matched", PIN_OF(intermediate), "")
IN_BOTH(backup, "pass", "backup_pin_matched",
        "domain \"" HOST "\" { pins = {\"%s\"} backup_pins = {\"%s\"} }\n",
        scene.pki.mis_issued.pin, scene.pki.genuine.pin)
IN_BOTH(expired, "unpinned", "pins_expired", PIN_OF(genuine), "expires = \"2020-01-01\"")
IN_BOTH(no_section, "unpinned", "no_section", WHERE("other.example.test"))

IN_AUDIT(no_match, "fail", "no_pin_matched", "block", PIN_OF(mis_issued), "")
IN_AUDIT(expired_and_blocked, "fail", "pins_expired", "block",
         "expired = \"block\"\n" PIN_OF(genuine), "expires = \"2020-01-01\"")
IN_AUDIT(unpinned_and_blocked, "fail", "no_section", "block",
         "unpinned = \"block\"\n" WHERE("other.example.test"))

/* The getters of a libssl that was found at run time. */

static void getters(const char *load)
{
    struct trip trip = {.client = VERIFYING "--look-first --info both --verify-callback accept",
                        .load = load,
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), audit = scene_run(trip, "audit");
    expect_works(&bare);
    expect_same(&bare, &audit);
    result_free(&bare);
    result_free(&audit);
    trip.client = VERIFYING "--look-first --info none";
    bare = scene_run(trip, NULL);
    audit = scene_run(trip, "audit");
    expect_same(&bare, &audit);
    result_free(&bare);
    result_free(&audit);
}

Test(invisible, getters_by_dlsym)
{
    getters("dlsym");
}

Test(invisible, getters_by_dlsym_local)
{
    getters("dlsym-local");
}

Test(invisible, getters_by_dlvsym)
{
    getters("dlvsym");
}

Test(invisible, getters_of_a_plugin)
{
    getters("plugin");
}

/* An info callback that is set in the middle of the handshake, where nobody had one: it is told of
 * the rest. Not a step less; libssl itself looks for it less often than the shim. */
static void follows(const char *load, const char *info)
{
    struct trip trip = {.client = scratch_format(scene.scratch, CARELESS "--info %s", info),
                        .load = load,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), protected = scene_run(trip, "enforce");

    expect_works(&protected);
    cr_assert_gt(result_number(&bare, "steps"), 0);
    cr_assert_geq(result_number(&protected, "steps"), result_number(&bare, "steps"));
    result_free(&bare);
    result_free(&protected);
}

Test(invisible, info_callback_of_the_context_set_late)
{
    follows(NULL, "ctx-late");
}

Test(invisible, info_callback_set_late)
{
    follows(NULL, "ssl-late");
}

Test(invisible, info_callback_set_late_by_a_deepbound_plugin)
{
    follows("deepbind", "ctx-late");
}

Test(invisible, info_callback_of_a_context_handed_on)
{
    follows("tables-handed-on", "ctx");
}

/* One opened RTLD_DEEPBIND asks libssl itself (docs/limits.md). What it then sets is its own. */
Test(invisible, getter_of_a_deepbound_plugin)
{
    struct trip trip = {.client = VERIFYING "--look-first --info none",
                        .load = "deepbind",
                        .identity = &scene.pki.genuine};
    const json_t *prepared;

    scene_pin(scene.pki.genuine.pin);
    struct result audit = scene_run(trip, "audit");
    prepared = json_object_get(result_report(&audit), "prepared");
    cr_assert_not(field_true(prepared, "info_callback_own"));
    cr_assert_eq(field_true(json_object_get(result_report(&audit), "end"), "info_callback_own"), 1);
    expect_works(&audit);
    result_free(&audit);
}
