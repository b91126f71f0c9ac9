/* What a program does to its own verification neither switches the pins off nor is undone by
 * them. */
#include "tests/handshake/scene.h"

TestSuite(verification, .init = scene_open, .fini = scene_close);

/* Linked and by handle: the hooks on SSL_CTX_set_cert_verify_callback differ. The wrong pin is
 * refused though the program accepts everything; with the right one nothing changes. */
static void both_pins(const char *client, const char *load)
{
    struct trip trip = {.client = client, .load = load, .server = "--request-client-cert"};

    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.mis_issued;
    expect_refusal(trip, "no_pin_matched");
    expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
    trip.identity = &scene.pki.genuine;
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
}

#define ACCEPTING(row, arguments)                                                                  \
    Test(verification, row)                                                                        \
    {                                                                                              \
        both_pins("--sni " HOST CLIENT_CERT arguments, NULL);                                      \
    }                                                                                              \
    Test(verification, row##_dlsym)                                                                \
    {                                                                                              \
        both_pins("--sni " HOST CLIENT_CERT arguments, "dlsym");                                   \
    }                                                                                              \
    Test(verification, row##_dlsym_local)                                                          \
    {                                                                                              \
        both_pins("--sni " HOST CLIENT_CERT arguments, "dlsym-local");                             \
    }                                                                                              \
    Test(verification, row##_dlvsym)                                                               \
    {                                                                                              \
        both_pins("--sni " HOST CLIENT_CERT arguments, "dlvsym");                                  \
    }                                                                                              \
    Test(verification, row##_plugin)                                                               \
    {                                                                                              \
        both_pins("--sni " HOST CLIENT_CERT arguments, "plugin");                                  \
    }                                                                                              \
    Test(verification, row##_deepbind)                                                             \
    {                                                                                              \
        both_pins("--sni " HOST CLIENT_CERT arguments, "deepbind");                                \
    }

/* No CA is trusted in these: only what the program overrides lets it connect. */
ACCEPTING(switched_off_before, "--verify peer --verify-switch before")
ACCEPTING(switched_off_during, "--verify peer --verify-switch during")
ACCEPTING(callback_accepts_all, "--verify peer --verify-callback accept")
ACCEPTING(callback_accepts_all_by_write, "--verify peer --verify-callback accept --road write")
ACCEPTING(cert_callback_early, "--verify peer --cert-verify-callback accept")
ACCEPTING(cert_callback_late, "--verify peer --cert-verify-callback accept --cert-verify-when late")
ACCEPTING(cert_callback_by_write, "--verify peer --cert-verify-callback accept --road write")
ACCEPTING(cert_callback_checks, "--verify peer --ca {ca} --cert-verify-callback check")
ACCEPTING(cert_callback_checks_late,
          "--verify peer --ca {ca} --cert-verify-callback check --cert-verify-when late")
ACCEPTING(cert_callback_while_under_way,
          "--verify peer --cert-verify-callback accept --cert-verify-when info")
ACCEPTING(cert_callback_while_under_way_by_write,
          "--verify peer --cert-verify-callback accept --cert-verify-when info --road write")
ACCEPTING(cert_callback_switches_off, "--verify peer --cert-verify-callback switch")
ACCEPTING(switched_off_in_info_callback, "--verify peer --verify-switch info")
ACCEPTING(switched_off_in_info_callback_by_write, "--verify peer --verify-switch info --road write")
ACCEPTING(switched_off_in_ctx_info_callback, "--verify peer --verify-switch info --info ctx")
ACCEPTING(switched_off_for_the_context, "--verify peer --verify-switch ctx-during")
ACCEPTING(switched_off_when_choosing_a_certificate, "--verify peer --ca {ca} --verify-switch cert")
ACCEPTING(switched_off_after, "--verify peer --ca {ca} --verify-switch after")
ACCEPTING(nothing_verified_and_accepted, "--verify none --verify-callback accept")

/* All switched off when the first certificate has passed, and then another one. */
Test(verification, switched_off_before_renegotiation)
{
    const struct identity *other = &scene.pki.mis_issued;
    struct trip trip = {.client = "--sni " HOST " --verify peer --ca {ca} --verify-switch after "
                                  "--renegotiate --tls 1.2 --ignore-failure",
                        .identity = &scene.pki.genuine};

    trip.server =
        scratch_format(scene.scratch, "--tls1.2 --renegotiation --second-cert %s --second-key %s",
                       other->chain_file, other->key_file);
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");

    cr_assert_eq(result_number(&bare, "second_handshake.return"), 1);
    expect_works(&refused);
    cr_assert_leq(result_number(&refused, "second_handshake.return"), 0);
    expect_number(json_array_get(refused.records, 0), "app_bytes",
                  result_number(&refused, "write.return"));
    expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
    expect_same(&bare, &audit);
    expect_verdict(&audit, "fail", "no_pin_matched", "allow", "block");
    result_free(&bare);
    result_free(&refused);
    result_free(&audit);
}

/* A program that refuses by itself goes on to, with the same words as ever. */

static void stays_failed(const char *client, const char *verification)
{
    struct trip trip = {.client = client, .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL);
    struct result enforce = scene_run(trip, "enforce"), audit = scene_run(trip, "audit");

    cr_assert_leq(result_number(&bare, "handshake.return"), 0);
    expect_same(&bare, &enforce);
    expect_same(&bare, &audit);
    expect_string(expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow"),
                  "program_verification", verification);
    expect_nothing_sent(&enforce, 0);
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

Test(verification, unknown_ca_stays_failed)
{
    stays_failed("--sni " HOST " --verify peer", "failed");
}

Test(verification, unknown_ca_stays_failed_by_write)
{
    stays_failed("--sni " HOST " --verify peer --road write", "failed");
}

Test(verification, unknown_ca_stays_failed_in_cert_callback)
{
    stays_failed("--sni " HOST " --verify peer --cert-verify-callback check", "failed");
}

Test(verification, other_name_stays_failed)
{
    stays_failed("--sni " HOST " --verify peer --ca {ca} --verify-host other.example.test",
                 "failed");
}

/* A peer that neither the CAs nor the pins know: the pins have the word. */
static void reads_as_pin_failure(const char *client)
{
    struct trip trip = {
        .client = client, .identity = &scene.pki.self_signed, .server = "--request-client-cert"};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");

    cr_assert_leq(result_number(&bare, "handshake.return"), 0);
    expect_refused(&refused);
    expect_string(expect_verdict(&refused, "fail", "no_pin_matched", "block", "block"),
                  "program_verification", "failed");
    expect_same(&bare, &audit);
    result_free(&bare);
    result_free(&refused);
    result_free(&audit);
}

Test(verification, wrong_pin_and_unknown_ca)
{
    reads_as_pin_failure("--sni " HOST " --verify peer" CLIENT_CERT);
}

Test(verification, wrong_pin_and_unknown_ca_by_write)
{
    reads_as_pin_failure("--sni " HOST " --verify peer --road write" CLIENT_CERT);
}

Test(verification, wrong_pin_and_unknown_ca_with_stale_errors)
{
    reads_as_pin_failure("--sni " HOST " --verify peer --stale-errors" CLIENT_CERT);
}

/* What the event says of the program's own check. */
static void says(const char *client, const char *verification)
{
    struct trip trip = {.client = client, .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run(trip, "audit");
    expect_string(events_last(result.events, "handshake", HOST), "program_verification",
                  verification);
    result_free(&result);
}

Test(verification, event_says_ok)
{
    says(VERIFYING, "ok");
}

Test(verification, event_says_skipped)
{
    says(CARELESS, "skipped");
}

Test(verification, event_says_failed)
{
    says("--sni " HOST " --verify peer", "failed");
}
