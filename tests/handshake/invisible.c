/* In audit under every verdict, and in enforce under those that let through, a program and its
 * server cannot tell that the shim is there (what is compared: expect_same). */
#include "tests/handshake/scene.h"

TestSuite(invisible, .init = scene_open, .fini = scene_close);

/* What a program may have about it that an uncaring guest would upset. */
static const char *const clients[] = {
    VERIFYING,
    CARELESS,
    VERIFYING "--stale-errors --pending-signals --info both --carry cache --times 2 --resume",
    CARELESS "--stale-errors --pending-signals --road write --info none --tls 1.2",
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
