/* Sessions and a policy that changes: what was verified under another one is not resumed in
 * enforce, and what was verified under this one is. */
#include "tests/handshake/living.h"

TestSuite(reload_sessions, .init = scene_open, .fini = scene_close);

static void write_policy(const char *more)
{
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n%s", scene.pki.genuine.pin, more);
}

static void start(const char *tls, const char *mode)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = scratch_format(scene.scratch, VERIFYING ROUNDS "--resume --tls %s", tls);
    living_start(
        trip, (const char *const[]){scratch_format(scene.scratch, "PINSHIM_MODE=%s", mode), NULL});
}

static void in_enforce(const char *tls)
{
    write_policy("");
    start(tls, "enforce");
    living_resumes(false);
    living_resumes(true);
    write_policy("# touched\n");
    living_resumes(true);
    write_policy("domain \"other.example.test\" { mode = \"off\" }\n");
    living_resumes(false);
    living_resumes(true);
    write_policy("nonsense");
    living_resumes(true);
    write_policy("");
    living_resumes(false); /* the first one again, but much may have been in between */
    living_counts(3, 1);
    living_end();
}

Test(reload_sessions, in_enforce)
{
    in_enforce("1.3");
}

Test(reload_sessions, in_enforce_1_2)
{
    in_enforce("1.2");
}

static void in_audit(const char *tls)
{
    write_policy("");
    start(tls, "audit");
    living_resumes(false);
    write_policy("domain \"other.example.test\" { mode = \"off\" }\n");
    for (int i = 0; i < 2; i++) {
        living_resumes(true);
        json_t *events = living_events();
        expect_string(events_last(events, "handshake", NULL), "reason", "session_not_verified");
        expect_string(events_last(events, "handshake", NULL), "action", "allow");
        json_decref(events);
    }
    living_end();
}

Test(reload_sessions, in_audit)
{
    in_audit("1.3");
}

Test(reload_sessions, in_audit_1_2)
{
    in_audit("1.2");
}

/* The pin is another one now, and the session a good one before. */
Test(reload_sessions, of_a_key_that_is_not_pinned_any_more)
{
    write_policy("");
    start("1.3", "enforce");
    living_resumes(false);
    living_resumes(true);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n", scene.pki.mis_issued.pin);
    living_refused();
    living_end();
}

/* The policy's text is the same, and yet it trusts others. */
Test(reload_sessions, of_trust_anchors)
{
    const char *root = scratch_read(scene.scratch, scene.pki.root.leaf_file);
    const char *other = scratch_read(scene.scratch, scene.pki.self_signed.leaf_file);

    scene_policy("verify = {\"chain\"}\ntrust_anchors = \"anchors.pem\"\n");
    scratch_text(scene.scratch, "anchors.pem", 0600, "%s", root);
    start("1.3", "enforce");
    living_resumes(false);
    living_resumes(true);
    scratch_text(scene.scratch, "anchors.pem", 0644, "%s", root);
    living_resumes(true);
    living_counts(1, 0);
    scratch_text(scene.scratch, "anchors.pem", 0644, "%s%s", root, other);
    living_resumes(false);
    scratch_text(scene.scratch, "anchors.pem", 0644, "%s", other);
    living_refused();
    living_counts(3, 0);
    living_end();
}
