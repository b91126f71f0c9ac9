/* One object, one context, and more than one peer: what was decided for a connection holds for no
 * other. */
#include "tests/handshake/scene.h"

#include <string.h>

TestSuite(reuse, .init = scene_open, .fini = scene_close);

/* The first connection goes to the pinned peer, the second, with the same SSL, to `second`. */
static void cleared(const char *client, const char *load)
{
    struct trip trip = {.client = client,
                        .load = load,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine,
                        .second = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    trip.second = &scene.pki.mis_issued;
    struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
    expect_works(&bare);
    cr_assert_eq(json_array_size(refused.records), 2);
    expect_refused(&refused);
    expect_nothing_sent(&refused, 1);
    expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
    cr_assert_eq(events_count(refused.events, "handshake", HOST), 2);
    expect_string(json_array_get(refused.events, 1), "verdict", "pass");
    result_free(&bare);
    result_free(&refused);
    expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
}

#define CLEARED(row, loaded, arguments)                                                            \
    Test(reuse, row)                                                                               \
    {                                                                                              \
        cleared(VERIFYING arguments, loaded);                                                      \
    }                                                                                              \
    Test(reuse, row##_careless)                                                                    \
    {                                                                                              \
        cleared(CARELESS arguments, loaded);                                                       \
    }

CLEARED(clear, NULL, "--road clear")
CLEARED(clear_write, NULL, "--road clear_write")
CLEARED(clear_1_2, NULL, "--road clear --tls 1.2")
CLEARED(clear_ignoring_failure, NULL, "--road clear --ignore-failure")
CLEARED(clear_own_info_callbacks, NULL, "--road clear_write --info both")
CLEARED(clear_no_info_callbacks, NULL, "--road clear --info none")
CLEARED(clear_in_a_crowd, NULL, "--road clear --info none --crowd")
CLEARED(clear_in_a_crowd_own_info_callbacks, NULL, "--road clear_write --info both --crowd")
CLEARED(clear_dlsym, "dlsym", "--road clear")
CLEARED(clear_deepbind, "deepbind", "--road clear_write --info ctx")

/* The other way about: a refusal does not stick to the object. */
static void cleared_of_a_refusal(const char *client)
{
    struct trip trip = {.client = client,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.mis_issued,
                        .second = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result enforce = scene_run(trip, "enforce");
    const json_t *first = json_array_get(enforce.records, 0);

    expect_works(&enforce);
    cr_assert_not(field_true(first, "client_cert"));
    expect_number(first, "app_bytes", 0);
    expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow");
    expect_string(json_array_get(enforce.events, 1), "verdict", "fail");
    expect_number(json_object_get(result_report(&enforce), "state"), "verify_result", 0);
    result_free(&enforce);
}

Test(reuse, clear_after_refusal)
{
    cleared_of_a_refusal(VERIFYING "--road clear");
}

Test(reuse, clear_after_refusal_by_write)
{
    cleared_of_a_refusal(VERIFYING "--road clear_write");
}

/* One peer, and roads on which the object, or its context, is exchanged. */
static void exchanged(const char *client, const char *load)
{
    struct trip trip = {.client = client, .load = load, .server = "--request-client-cert"};

    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    trip.identity = &scene.pki.mis_issued;
    expect_refusal(trip, "no_pin_matched");
    struct result refused = scene_run(trip, "enforce");
    expect_nothing_sent(&refused, 0);
    result_free(&refused);
    expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
}

#define EXCHANGED(row, loaded, arguments)                                                          \
    Test(reuse, row)                                                                               \
    {                                                                                              \
        exchanged(VERIFYING arguments, loaded);                                                    \
    }                                                                                              \
    Test(reuse, row##_careless)                                                                    \
    {                                                                                              \
        exchanged(CARELESS arguments, loaded);                                                     \
    }

#define EXCHANGED_EVERYWHERE(row, arguments)                                                       \
    EXCHANGED(row, NULL, arguments)                                                                \
    EXCHANGED(row##_dlsym, "dlsym", arguments)                                                     \
    EXCHANGED(row##_deepbind, "deepbind", arguments " --info ctx")

EXCHANGED_EVERYWHERE(dup_after, "--road dup_after")
EXCHANGED(dup_after_ignoring_failure, NULL, "--road dup_after --ignore-failure")
/* The first handshake of an SSL is with a peer that nothing pins; the second, with another context
 * that was not there before, shows no certificate. */
static void switched_between(const char *client)
{
    struct trip trip = {.client =
                            scratch_format(scene.scratch,
                                           "--sni other.example.test --sni2 " HOST
                                           " --psk 00112233445566778899aabbccddeeff --tls 1.3 "
                                           "--switch-ctx-between %s",
                                           client),
                        .server = "--psk 00112233445566778899aabbccddeeff"};

    scene_pin(scene.pki.genuine.pin);
    expect_refusal(trip, "no_certificate");
}

Test(reuse, clear_and_another_context)
{
    switched_between("--road clear --info none");
}

Test(reuse, clear_and_another_context_by_write)
{
    switched_between("--road clear_write --info none");
}

EXCHANGED_EVERYWHERE(switched_context, "--switch-ctx")
EXCHANGED_EVERYWHERE(switched_context_by_write, "--switch-ctx --road write")
EXCHANGED_EVERYWHERE(switched_context_callback,
                     "--switch-ctx --cert-verify-callback accept --verify-callback accept")

/* Threads that share a context; every other one goes to a peer with the wrong key. */
static void expect_halves(const struct result *result, size_t threads)
{
    cr_assert_eq(json_array_size(result->reports), threads);
    for (size_t i = 0; i < threads; i++) {
        const json_t *report = json_array_get(result->reports, i);
        long handshake = field_number(json_object_get(report, "handshake"), "return");
        cr_assert_eq(handshake > 0, i % 2 == 0, "thread %zu\n%s", i, result->outcome.out);
        cr_assert_eq(json_object_get(report, "read") != NULL, i % 2 == 0, "thread %zu", i);
    }
    cr_assert_eq(json_array_size(result->records), threads);
    for (size_t i = 0; i < threads / 2; i++) {
        const json_t *record = json_array_get(result->records, i);
        cr_assert(field_true(record, "client_cert"));
        cr_assert_gt(field_number(record, "app_bytes"), 0);
    }
    expect_nothing_sent(result, threads / 2);
}

static size_t verdicts(const struct result *result, const char *verdict)
{
    size_t count = 0, i;
    json_t *one;

    json_array_foreach(result->events, i, one)
    {
        const char *said = json_string_value(json_object_get(one, "verdict"));
        count += said && strcmp(said, verdict) == 0;
    }
    return count;
}

static void in_threads(const char *client, const char *load)
{
    const size_t threads = 16;
    struct trip trip = {.client =
                            scratch_format(scene.scratch, "%s --threads %zu", client, threads),
                        .load = load,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine,
                        .second = &scene.pki.mis_issued};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    expect_halves(&enforce, threads);
    cr_assert_eq(verdicts(&enforce, "pass"), threads / 2);
    cr_assert_eq(verdicts(&enforce, "fail"), threads / 2);
    expect_same(&bare, &audit);
    cr_assert_eq(verdicts(&audit, "fail"), threads / 2);
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

#define IN_THREADS(row, loaded, arguments)                                                         \
    Test(reuse, row)                                                                               \
    {                                                                                              \
        in_threads(VERIFYING arguments, loaded);                                                   \
    }                                                                                              \
    Test(reuse, row##_careless)                                                                    \
    {                                                                                              \
        in_threads(CARELESS arguments, loaded);                                                    \
    }

IN_THREADS(threads, NULL, "--road connect")
IN_THREADS(threads_write, NULL, "--road write")
IN_THREADS(threads_nonblocking, NULL, "--road nonblocking")
IN_THREADS(threads_cert_callback, NULL, "--cert-verify-callback accept --verify-callback accept")
IN_THREADS(threads_cert_callback_late, NULL,
           "--cert-verify-callback accept --cert-verify-when late")
IN_THREADS(threads_dlsym, "dlsym", "--road connect")
IN_THREADS(threads_deepbind, "deepbind", "--road write --info ctx")
