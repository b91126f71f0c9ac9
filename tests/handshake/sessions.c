/* Resumption: what this process has verified is resumed, nothing else is, and in audit all is. */
#include <string.h>

#include <openssl/opensslv.h>

#include "tests/handshake/session_trips.h"

TestSuite(sessions, .init = scene_open, .fini = scene_close);

#define OTHER "other.example.test"
#define BOTH_NAMES "DNS:" HOST ",DNS:" OTHER

/* As often as bare, and with every other observation the same. */
static void resumes(const char *client, const char *load, const char *server, size_t times)
{
    struct trip trip = {
        .client = client, .load = load, .server = server, .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL);
    struct result enforce = scene_run(trip, "enforce"), audit = scene_run(trip, "audit");

    cr_assert_eq(session_reused(&bare), times, "%s", bare.outcome.out);
    expect_works(&enforce);
    expect_same(&bare, &enforce);
    expect_same(&bare, &audit);
    const json_t *event = expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow");
    cr_assert(field_true(event, "resumed"));
    event = expect_verdict(&audit, "pass", "pin_matched", "allow", "allow");
    cr_assert(field_true(event, "resumed"));
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

#define RESUMES(row, loaded, arguments, server, times)                                             \
    Test(sessions, row)                                                                            \
    {                                                                                              \
        resumes(VERIFYING arguments, loaded, server, times);                                       \
    }                                                                                              \
    Test(sessions, row##_careless)                                                                 \
    {                                                                                              \
        resumes(CARELESS arguments, loaded, server, times);                                        \
    }

RESUMES(tls_1_3, NULL, "--tls 1.3 --times 3 --resume", "", 2)
RESUMES(tls_1_2, NULL, "--tls 1.2 --times 3 --resume", "", 2)
RESUMES(tls_1_3_without_tickets, NULL, "--tls 1.3 --times 3 --resume", "--no-tickets", 2)
RESUMES(tls_1_2_without_tickets, NULL, "--tls 1.2 --times 3 --resume", "--no-tickets", 2)
RESUMES(session_before_name, NULL, "--times 2 --resume --set-session-first", "", 1)
RESUMES(session_before_name_1_2, NULL, "--tls 1.2 --times 2 --resume --set-session-first", "", 1)
RESUMES(by_write, NULL, "--road write --times 2 --resume", "", 1)
RESUMES(by_bio_chain, NULL, "--road bio_chain --times 2 --resume", "", 1)
RESUMES(by_memory, NULL, "--road memory --times 2 --resume", "", 1)
RESUMES(by_early_data, NULL, "--road early_data --times 2 --resume", "--early-data", 1)
RESUMES(by_clear, NULL, "--road clear", "", 1)
RESUMES(no_info_callbacks, NULL, "--times 2 --resume --info none", "", 1)
RESUMES(no_info_callbacks_1_2, NULL, "--tls 1.2 --times 2 --resume --info none", "", 1)
RESUMES(in_a_crowd, NULL, "--times 2 --resume --info none --crowd", "", 1)
RESUMES(in_a_crowd_1_2, NULL, "--tls 1.2 --times 2 --resume --info none --crowd", "", 1)
RESUMES(over_fork, NULL, "--times 2 --resume --fork between", "", 1)
RESUMES(dlsym, "dlsym", "--times 2 --resume", "", 1)
RESUMES(dlvsym, "dlvsym", "--tls 1.2 --times 2 --resume", "", 1)
RESUMES(dlsym_local, "dlsym-local", "--times 3 --resume", "", 2)
RESUMES(plugin, "plugin", "--times 3 --resume", "", 2)
RESUMES(plugin_by_write, "plugin", "--times 2 --resume --road write", "", 1)
RESUMES(plugin_session_before_name, "plugin", "--times 2 --resume --set-session-first", "", 1)
RESUMES(deepbind_1_2, "deepbind", "--tls 1.2 --times 3 --resume", "", 2)
RESUMES(deepbind_own_info_callback, "deepbind", "--times 2 --resume --info ssl", "", 1)
RESUMES(deepbind_by_write, "deepbind", "--times 2 --resume --road write", "", 1)
RESUMES(deepbind_session_before_name, "deepbind", "--times 2 --resume --set-session-first", "", 1)
RESUMES(deepbind_over_fork, "deepbind", "--times 2 --resume --fork between", "", 1)
RESUMES(deepbind, "deepbind", "--times 2 --resume --info ctx", "", 1)
RESUMES(carried_by_dup, NULL, "--times 3 --resume --carry dup", "", 2)
RESUMES(carried_by_dup_1_2, NULL, "--tls 1.2 --times 3 --resume --carry dup", "", 2)
RESUMES(carried_by_copy, NULL, "--times 3 --resume --carry copy", "", 2)
RESUMES(carried_by_copy_1_2, NULL, "--tls 1.2 --times 3 --resume --carry copy", "", 2)
RESUMES(carried_by_copy_by_write, NULL, "--road write --times 2 --resume --carry copy", "", 1)
RESUMES(carried_by_copy_deepbind, "deepbind", "--info ctx --times 2 --resume --carry copy", "", 1)
RESUMES(client_cache, NULL, "--times 3 --resume --carry cache", "", 2)
RESUMES(client_cache_1_2, NULL, "--tls 1.2 --times 3 --resume --carry cache", "", 2)
RESUMES(client_cache_1_2_by_id, NULL, "--tls 1.2 --times 3 --resume --carry cache", "--no-tickets",
        2)
RESUMES(cert_verify_callback, NULL, "--times 2 --resume --cert-verify-callback check", "", 1)

/* A pinned CA is no longer in sight at a resumption; what was verified once still counts. */
Test(sessions, pinned_intermediate)
{
    struct trip trip = {.client = VERIFYING "--times 2 --resume", .identity = &scene.pki.genuine};

    scene_pin(scene.pki.intermediate.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    cr_assert_eq(session_reused(&bare), 1);
    expect_same(&bare, &enforce);
    cr_assert(
        field_true(expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow"), "resumed"));
    result_free(&bare);
    result_free(&enforce);
}

static void from_disk(const char *client, const char *load, const struct identity *maker,
                      const struct identity *now)
{
    struct trip trip = {.client =
                            scratch_format(scene.scratch, "%s --session-in {dir}/session", client),
                        .load = load,
                        .server = SHARED "--early-data",
                        .identity = now};

    scene_pin(scene.pki.genuine.pin);
    session_keep(maker, client, load);
    session_full_handshake(trip, "session_not_verified", now != &scene.pki.genuine);
}

/* Both a session of the pinned peer, which nobody can vouch for, and one of another. The peer may
 * be another one than the session says, too: its own certificate would tell. */
#define FROM_DISK(row, loaded, client)                                                             \
    Test(sessions, row##_pinned_peer)                                                              \
    {                                                                                              \
        from_disk(client, loaded, &scene.pki.genuine, &scene.pki.genuine);                         \
    }                                                                                              \
    Test(sessions, row##_wrong_peer)                                                               \
    {                                                                                              \
        from_disk(client, loaded, &scene.pki.mis_issued, &scene.pki.mis_issued);                   \
    }                                                                                              \
    Test(sessions, row##_pinned_peer_replaced)                                                     \
    {                                                                                              \
        from_disk(client, loaded, &scene.pki.genuine, &scene.pki.mis_issued);                      \
    }

FROM_DISK(disk_1_3, NULL, VERIFYING "--tls 1.3")
FROM_DISK(disk_1_2, NULL, VERIFYING "--tls 1.2")
FROM_DISK(disk_careless, NULL, CARELESS)
FROM_DISK(disk_by_write, NULL, CARELESS "--road write")
FROM_DISK(disk_by_bio_chain, NULL, CARELESS "--road bio_chain")
FROM_DISK(disk_by_memory, NULL, CARELESS "--road memory")
FROM_DISK(disk_by_early_data, NULL, CARELESS "--road early_data")
FROM_DISK(disk_session_before_name, NULL, CARELESS "--set-session-first")
FROM_DISK(disk_session_before_name_by_write, NULL, CARELESS "--set-session-first --road write")
FROM_DISK(disk_by_dup, NULL, CARELESS "--carry dup")
FROM_DISK(disk_by_copy, NULL, CARELESS "--carry copy")
FROM_DISK(disk_by_copy_by_write, NULL, CARELESS "--carry copy --road write")
FROM_DISK(disk_by_copy_deepbind, "deepbind", CARELESS "--carry copy --info ctx")
FROM_DISK(disk_dlsym, "dlsym", CARELESS)
FROM_DISK(disk_dlsym_local_by_write, "dlsym-local", CARELESS "--road write")
FROM_DISK(disk_dlvsym, "dlvsym", CARELESS)
FROM_DISK(disk_plugin, "plugin", CARELESS)
FROM_DISK(disk_plugin_by_write, "plugin", CARELESS "--road write")
FROM_DISK(disk_deepbind, "deepbind", CARELESS "--info ctx")
FROM_DISK(disk_deepbind_by_write, "deepbind", CARELESS "--info ctx --road write")

/* Past our hooks and with an info callback of its own, a program has begun to resume before the
 * shim knows: the connection is cut off when the handshake is done. */
static void cut_off(const char *load, const char *client)
{
    struct trip trip = {.client =
                            scratch_format(scene.scratch, "%s --session-in {dir}/session", client),
                        .load = load,
                        .server = SHARED,
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    session_keep(&scene.pki.genuine, CARELESS, NULL);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");

    cr_assert_eq(session_reused(&bare), 1);
    expect_nothing_sent(&enforce, 0);
    expect_verdict(&enforce, "fail", "session_not_verified", "block", "block");
    if (strcmp(load, "tables") != 0) /* whose getter is libssl's own: see disk_tables_getter */
        expect_same(&bare, &audit);
    expect_works(&audit);
    expect_string(events_last(audit.events, "handshake", HOST), "reason", "session_not_verified");
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

Test(sessions, disk_deepbind_own_info_callback)
{
    cut_off("deepbind", CARELESS "--info ssl");
}

Test(sessions, disk_deepbind_own_info_callback_by_write)
{
    cut_off("deepbind", CARELESS "--info ssl --road write");
}

Test(sessions, disk_deepbind_own_info_callback_ignoring_failure)
{
    cut_off("deepbind", CARELESS "--info ssl --ignore-failure");
}

/* A part of the program that meets no hook, where another one does. Libraries that do QUIC ask for
 * our extension in any case, so there it is as with a plugin opened RTLD_DEEPBIND. */
#define ASKS_ALWAYS (OPENSSL_VERSION_NUMBER >= 0x30200000L)

/* Elsewhere ours stays where it is, for nothing would bring it back for another handshake of an SSL
 * that has the other part's parts. */
Test(sessions, disk_tables_getter)
{
    struct trip trip = {
        .client = CARELESS "--info ctx", .load = "tables", .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result audit = scene_run(trip, "audit");
    expect_works(&audit);
    cr_assert_eq(field_true(json_object_get(result_report(&audit), "end"), "info_callback_own"),
                 ASKS_ALWAYS);
    result_free(&audit);
}

/* Elsewhere libssl's own SSL_connect meets our SSL_do_handshake, before it starts. */
static void full_instead(void)
{
    struct trip trip = {.client = CARELESS "--info ssl --session-in {dir}/session",
                        .load = "tables",
                        .server = SHARED,
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    session_keep(&scene.pki.genuine, CARELESS, NULL);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    cr_assert_eq(session_reused(&bare), 1);
    cr_assert_eq(session_reused(&enforce), 0);
    expect_works(&enforce);
    expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow");
    result_free(&bare);
    result_free(&enforce);
}

Test(sessions, disk_tables_own_info_callback)
{
    if (ASKS_ALWAYS)
        cut_off("tables", CARELESS "--info ssl");
    else
        full_instead();
}

Test(sessions, disk_tables_own_info_callback_by_write)
{
    cut_off("tables", CARELESS "--info ssl --road write");
}

/* libssl gives up by itself: the session was taken out while it was already sending early data. It
 * says nothing of why, and nor can we; docs/limits.md tells. */
Test(sessions, disk_session_before_name_early_data)
{
    struct trip trip = {.client = CARELESS "--set-session-first --road early_data "
                                           "--session-in {dir}/session",
                        .server = SHARED "--early-data",
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    session_keep(&scene.pki.genuine, CARELESS, NULL);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    cr_assert_eq(session_reused(&bare), 1);
    expect_nothing_sent(&enforce, 0);
    result_free(&bare);
    result_free(&enforce);
}

/* One process, one context: a session made at an unpinned name, at a server of anybody's, and
 * offered to the pinned one. */
static void from_other_name(const char *client, const struct identity *now)
{
    struct identity other = {0};
    const struct request request = {.names = BOTH_NAMES};
    struct trip trip = {.client = client, .server = SHARED, .second = now};

    pki_issue(scene.scratch, "other", &scene.pki.intermediate, &request, &other);
    trip.identity = &other;
    scene_pin(scene.pki.genuine.pin);
    session_full_handshake(trip, "session_not_verified", now != &scene.pki.genuine);
    identity_free(&other);
}

#define FROM_OTHER(row, arguments)                                                                 \
    Test(sessions, row##_to_pinned_peer)                                                           \
    {                                                                                              \
        from_other_name("--sni " OTHER " --sni2 " HOST " --times 2 --resume " arguments,           \
                        &scene.pki.genuine);                                                       \
    }                                                                                              \
    Test(sessions, row##_to_wrong_peer)                                                            \
    {                                                                                              \
        from_other_name("--sni " OTHER " --sni2 " HOST " --times 2 --resume " arguments,           \
                        &scene.pki.mis_issued);                                                    \
    }

FROM_OTHER(other_name_1_3, "--tls 1.3")
FROM_OTHER(other_name_1_2, "--tls 1.2")
FROM_OTHER(other_name_by_write, "--road write")
FROM_OTHER(other_name_session_first, "--set-session-first")
FROM_OTHER(other_name_session_first_by_write, "--set-session-first --road write")

/* Nobody resumes a connection that was refused. */
Test(sessions, refused_is_not_kept)
{
    struct trip trip = {.client = CARELESS "--times 2 --resume --ignore-failure",
                        .identity = &scene.pki.mis_issued};

    scene_pin(scene.pki.genuine.pin);
    struct result enforce = scene_run(trip, "enforce");

    expect_nothing_sent(&enforce, 0);
    cr_assert_eq(session_reused(&enforce), 0);
    expect_refused(&enforce);
    cr_assert_eq(events_count(enforce.events, "handshake", HOST), 2);
    result_free(&enforce);
}

/* Nor does a program's cache get to see its session. */
static void not_cached(const char *tls)
{
    struct trip trip = {.client = scratch_format(scene.scratch,
                                                 CARELESS "--tls %s --times 2 --resume "
                                                          "--ignore-failure --carry cache",
                                                 tls),
                        .identity = &scene.pki.mis_issued};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    cr_assert_eq(session_reused(&bare), 1);
    expect_nothing_sent(&enforce, 0);
    cr_assert_eq(session_reused(&enforce), 0);
    expect_refused(&enforce);
    result_free(&bare);
    result_free(&enforce);
}

Test(sessions, refused_is_not_cached_1_2)
{
    not_cached("1.2");
}

Test(sessions, refused_is_not_cached_1_3)
{
    not_cached("1.3");
}

/* Names nobody pinned resume as ever, whatever the session. */
Test(sessions, unpinned_from_disk)
{
    struct trip trip = {.client = CARELESS "--session-in {dir}/session",
                        .server = SHARED,
                        .identity = &scene.pki.genuine};

    scene_policy("domain \"" OTHER "\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    session_keep(&scene.pki.genuine, CARELESS, NULL);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    cr_assert_eq(session_reused(&bare), 1);
    expect_same(&bare, &enforce);
    expect_verdict(&enforce, "unpinned", "no_section", "allow", "allow");
    result_free(&bare);
    result_free(&enforce);
}
