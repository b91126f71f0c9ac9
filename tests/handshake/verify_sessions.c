/* Sessions of peers that only `verify` holds to something: resumed where this process has checked
 * them. */
#include "tests/handshake/chains.h"
#include "tests/handshake/session_trips.h"

TestSuite(verify_sessions, .init = scene_open, .fini = chains_close);

#define CHECKED "trust_anchors = root.pem\nverify = {\"chain\", \"hostname\"}\n"
#define NAMELESS "--sni none --verify none" CLIENT_CERT

static void resumes(const char *client)
{
    struct trip trip = {.client = client, .server = SHARED, .identity = &scene.pki.genuine};

    scene_policy(CHECKED);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    cr_assert_eq(session_reused(&bare), 1);
    expect_same(&bare, &enforce);
    expect_same(&bare, &audit);
    const json_t *event = events_last(enforce.events, "handshake", NULL);
    cr_assert(field_true(event, "resumed"));
    expect_string(event, "verdict", "unpinned");
    expect_string(event, "would", "allow");
    expect_string(events_last(audit.events, "handshake", NULL), "verdict", "unpinned");
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

Test(verify_sessions, resumes_what_was_checked)
{
    resumes(CARELESS "--times 2 --resume");
}

Test(verify_sessions, resumes_what_was_checked_1_2)
{
    resumes(CARELESS "--tls 1.2 --times 2 --resume");
}

Test(verify_sessions, resumes_what_was_checked_set_before_the_name)
{
    resumes(CARELESS "--times 2 --resume --set-session-first");
}

Test(verify_sessions, resumes_what_was_checked_by_write)
{
    resumes(CARELESS "--times 2 --resume --road write");
}

Test(verify_sessions, resumes_what_was_checked_without_a_name)
{
    resumes(NAMELESS "--times 2 --resume");
}

/* Of a session from disk this process knows nothing: it makes a full handshake, and its checks. */
static void not_from_disk(const struct identity *now, const char *reason)
{
    struct trip trip = {.client = CARELESS "--session-in {dir}/session",
                        .server = SHARED "--request-client-cert",
                        .identity = now};

    scene_policy(CHECKED);
    session_keep(now, CARELESS, NULL);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    cr_assert_eq(session_reused(&bare), 1);
    cr_assert_eq(session_reused(&enforce), 0);
    if (reason) {
        expect_refused(&enforce);
        expect_verdict(&enforce, "fail", reason, "block", "block");
    } else {
        expect_works(&enforce);
        expect_verdict(&enforce, "unpinned", "no_section", "allow", "allow");
    }
    expect_same(&bare, &audit);
    expect_verdict(&audit, "fail", "session_not_verified", "allow", "allow");
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

Test(verify_sessions, session_from_disk)
{
    not_from_disk(&scene.pki.genuine, NULL);
}

Test(verify_sessions, session_from_disk_of_a_wrong_peer)
{
    not_from_disk(&scene.pki.self_signed, "chain_invalid");
}

/* One address checked says nothing of another, where there are no names. */
Test(verify_sessions, session_of_another_address)
{
    struct trip trip = {
        .client = NAMELESS "--times 2 --resume --address 127.0.0.1 --address2 127.0.0.2",
        .server = SHARED "--address 0.0.0.0",
    };

    trip.identity =
        issue("end", &scene.pki.intermediate, (struct request){.names = "IP:127.0.0.1"});
    scene_policy(CHECKED);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    cr_assert_eq(session_reused(&bare), 1);
    cr_assert_eq(session_reused(&enforce), 0);
    expect_refused(&enforce);
    expect_verdict(&enforce, "fail", "hostname_mismatch", "block", "block");
    result_free(&bare);
    result_free(&enforce);
}
