/* Peers that no section, no name or no living pin speaks for; and which mode counts. */
#include "tests/handshake/scene.h"

#include <string.h>

TestSuite(rules, .init = scene_open, .fini = scene_close);

/* A trip to a peer that no section names, under a policy with these rules. */
static struct trip stranger(const char *client, const char *policy)
{
    scene_policy("%s domain \"other.example.test\" { pins = {\"%s\"} }\n", policy,
                 scene.pki.genuine.pin);
    return (struct trip){.client = client, .identity = &scene.pki.mis_issued};
}

static void rule(const char *client, const char *policy, const char *verdict, const char *reason,
                 const char *would)
{
    struct trip trip = stranger(client, policy);

    if (strcmp(verdict, "fail") == 0)
        expect_refusal(trip, reason);
    else
        expect_invisible(trip, "enforce", verdict, reason, would);
}

#define NAMELESS "--sni none --verify none"

#define RULE(row, client, policy, verdict, reason, would)                                          \
    Test(rules, row)                                                                               \
    {                                                                                              \
        rule(client, policy, verdict, reason, would);                                              \
    }

RULE(unpinned_default, VERIFYING, "", "unpinned", "no_section", "allow")
RULE(unpinned_allow, VERIFYING, "unpinned = \"allow\"", "unpinned", "no_section", "allow")
RULE(unpinned_audit, VERIFYING, "unpinned = \"audit\"", "unpinned", "no_section", "block")
RULE(unpinned_block, VERIFYING, "unpinned = \"block\"", "fail", "no_section", "block")
RULE(unpinned_block_by_write, CARELESS "--road write", "unpinned = \"block\"", "fail", "no_section",
     "block")
RULE(unnamed_default, NAMELESS, "", "unpinned", "no_name", "allow")
RULE(unnamed_as_unpinned, NAMELESS, "unpinned = \"block\"", "fail", "no_name", "block")
RULE(unnamed_allow, NAMELESS, "unpinned = \"block\" unnamed = \"allow\"", "unpinned", "no_name",
     "allow")
RULE(unnamed_audit, NAMELESS, "unnamed = \"audit\"", "unpinned", "no_name", "block")
RULE(unnamed_block, NAMELESS, "unnamed = \"block\"", "fail", "no_name", "block")
RULE(empty_label_is_no_name, "--sni a..example.test --verify none", "unnamed = \"block\"", "fail",
     "no_name", "block")

/* In audit nothing is refused, and the events say what would be. */
#define AUDITED(row, client, policy, verdict, reason, would)                                       \
    Test(rules, row)                                                                               \
    {                                                                                              \
        expect_invisible(stranger(client, policy), "audit", verdict, reason, would);               \
    }

AUDITED(audit_unpinned_allow, VERIFYING, "unpinned = \"allow\"", "unpinned", "no_section", "allow")
AUDITED(audit_unpinned_audit, VERIFYING, "unpinned = \"audit\"", "unpinned", "no_section", "block")
AUDITED(audit_unpinned_block, VERIFYING, "unpinned = \"block\"", "fail", "no_section", "block")
AUDITED(audit_unnamed_allow, NAMELESS, "unpinned = \"block\" unnamed = \"allow\"", "unpinned",
        "no_name", "allow")
AUDITED(audit_unnamed_audit, NAMELESS, "unnamed = \"audit\"", "unpinned", "no_name", "block")
AUDITED(audit_unnamed_block, NAMELESS, "unnamed = \"block\"", "fail", "no_name", "block")

static void expired(const char *rule_text, bool refused)
{
    scene_policy("%s domain \"" HOST "\" { pins = {\"%s\"} expires = \"2020-01-01\" }\n", rule_text,
                 scene.pki.genuine.pin);
    if (refused) {
        expect_refusal(scene_trip(&scene.pki.genuine, true), "pins_expired");
    } else {
        expect_invisible(scene_trip(&scene.pki.genuine, true), "enforce", "unpinned",
                         "pins_expired", "allow");
        expect_invisible(scene_trip(&scene.pki.mis_issued, true), "enforce", "unpinned",
                         "pins_expired", "allow");
    }
}

Test(rules, expired_default)
{
    expired("", false);
}

Test(rules, expired_allow)
{
    expired("expired = \"allow\"", false);
}

Test(rules, expired_block)
{
    expired("expired = \"block\"", true);
}

Test(rules, not_yet_expired)
{
    scene_policy("expired = \"block\" domain \"" HOST "\" { pins = {\"%s\"} expires = "
                 "\"2199-01-01\" }\n",
                 scene.pki.genuine.pin);
    expect_pass(scene_trip(&scene.pki.genuine, true), "pin_matched", scene.pki.genuine.pin, "leaf");
    expect_refusal(scene_trip(&scene.pki.mis_issued, true), "no_pin_matched");
}

/* modes: the section's, the environment's, and which wins */

#define WRONG_PIN "pins = {\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"

static void mode(const char *given, const char *global, const char *section, const char *mode_then,
                 bool refused)
{
    scene_policy("%s domain \"" HOST "\" { " WRONG_PIN " %s }\n", global, section);
    struct result result = scene_run(scene_trip(&scene.pki.mis_issued, false), given);

    if (refused)
        expect_refused(&result);
    else
        expect_works(&result);
    if (mode_then)
        expect_string(events_last(result.events, "handshake", HOST), "mode", mode_then);
    else
        cr_assert_eq(events_count(result.events, "handshake", NULL), 0);
    result_free(&result);
}

#define MODE(row, given, global, section, mode_then, refused)                                      \
    Test(rules, row)                                                                               \
    {                                                                                              \
        mode(given, global, section, mode_then, refused);                                          \
    }

#define LOCKED "lock_mode = true "

MODE(environment_audit_wins, "audit", "mode = \"enforce\"", "mode = \"enforce\"", "audit", false)
MODE(environment_enforce_wins, "enforce", "mode = \"audit\"", "mode = \"audit\"", "enforce", true)
MODE(locked_section_against_audit, "audit", LOCKED "mode = \"audit\"", "mode = \"enforce\"",
     "enforce", true)

/* PINSHIM_MODE against the config's mode, in all pairs. Where nothing locks it, it wins. */
MODE(off_against_off, "off", "mode = off", "", NULL, false)
MODE(off_against_audit, "off", "mode = audit", "", NULL, false)
MODE(off_against_enforce, "off", "mode = enforce", "", NULL, false)
MODE(audit_against_off, "audit", "mode = off", "", "audit", false)
MODE(audit_against_audit, "audit", "mode = audit", "", "audit", false)
MODE(audit_against_enforce, "audit", "mode = enforce", "", "audit", false)
MODE(enforce_against_off, "enforce", "mode = off", "", "enforce", true)
MODE(enforce_against_audit, "enforce", "mode = audit", "", "enforce", true)
MODE(enforce_against_enforce, "enforce", "mode = enforce", "", "enforce", true)
/* Locked, the stricter of the two. */
MODE(off_against_locked_off, "off", LOCKED "mode = off", "", NULL, false)
MODE(off_against_locked_audit, "off", LOCKED "mode = audit", "", "audit", false)
MODE(off_against_locked_enforce, "off", LOCKED "mode = enforce", "", "enforce", true)
MODE(audit_against_locked_off, "audit", LOCKED "mode = off", "", "audit", false)
MODE(audit_against_locked_audit, "audit", LOCKED "mode = audit", "", "audit", false)
MODE(audit_against_locked_enforce, "audit", LOCKED "mode = enforce", "", "enforce", true)
MODE(enforce_against_locked_off, "enforce", LOCKED "mode = off", "", "enforce", true)
MODE(enforce_against_locked_audit, "enforce", LOCKED "mode = audit", "", "enforce", true)
MODE(enforce_against_locked_enforce, "enforce", LOCKED "mode = enforce", "", "enforce", true)
