/* A program that verifies somewhere else, and answers "later" (SSL_set_retry_verify) until it
 * knows. Since OpenSSL 3.0. */
#include "tests/handshake/scene.h"

#include <openssl/ssl.h>

#ifdef SSL_CTRL_SET_RETRY_VERIFY

TestSuite(retry, .init = scene_open, .fini = scene_close);

#    define LATER_YES "--cert-verify-callback later-accept "
#    define LATER_NO "--cert-verify-callback later-refuse "
#    define CALLS 4 /* three times "later", and the answer */

/* Each handshake is judged once, when the program has its answer. */
static void expect_one_event(const struct result *result)
{
    cr_assert_eq(events_count(result->events, "handshake", NULL), 1);
}

static void yes(const char *client, const char *load)
{
    struct trip trip = {.client = client,
                        .load = load,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), right = scene_run(trip, "enforce");
    expect_works(&bare);
    cr_assert_eq(result_number(&bare, "verify_calls"), CALLS);
    expect_same(&bare, &right);
    expect_verdict(&right, "pass", "pin_matched", "allow", "allow");
    expect_one_event(&right);
    result_free(&bare);
    result_free(&right);
    trip.identity = &scene.pki.mis_issued;
    struct result wrong = scene_run(trip, "enforce"), audit = scene_run(trip, "audit");
    bare = scene_run(trip, NULL);
    expect_refused(&wrong);
    expect_verdict(&wrong, "fail", "no_pin_matched", "block", "block");
    expect_one_event(&wrong);
    cr_assert_eq(result_number(&wrong, "verify_calls"), CALLS);
    expect_same(&bare, &audit);
    expect_verdict(&audit, "fail", "no_pin_matched", "allow", "block");
    expect_one_event(&audit);
    result_free(&bare);
    result_free(&wrong);
    result_free(&audit);
}

/* With the right pin the program's own refusal stands; a wrong one has the word. */
static void no(const char *client, const char *load)
{
    struct trip trip = {.client = client,
                        .load = load,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), right = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    cr_assert_leq(result_number(&bare, "handshake.return"), 0);
    cr_assert_eq(result_number(&bare, "verify_calls"), CALLS);
    expect_same(&bare, &right);
    expect_same(&bare, &audit);
    expect_nothing_sent(&right, 0);
    expect_string(expect_verdict(&right, "pass", "pin_matched", "allow", "allow"),
                  "program_verification", "failed");
    expect_one_event(&right);
    result_free(&bare);
    result_free(&right);
    result_free(&audit);
    trip.identity = &scene.pki.mis_issued;
    struct result wrong = scene_run(trip, "enforce");
    expect_refused(&wrong);
    expect_verdict(&wrong, "fail", "no_pin_matched", "block", "block");
    expect_one_event(&wrong);
    result_free(&wrong);
}

#    define CLIENT "--sni " HOST CLIENT_CERT

#    define YES(row, loaded, arguments)                                                            \
        Test(retry, yes_##row)                                                                     \
        {                                                                                          \
            yes(CLIENT "--verify peer " LATER_YES arguments, loaded);                              \
        }                                                                                          \
        Test(retry, yes_##row##_careless)                                                          \
        {                                                                                          \
            yes(CLIENT "--verify none " LATER_YES arguments, loaded);                              \
        }

#    define NO(row, loaded, arguments)                                                             \
        Test(retry, no_##row)                                                                      \
        {                                                                                          \
            no(CLIENT "--verify peer " LATER_NO arguments, loaded);                                \
        }

#    define BOTH(row, loaded, arguments)                                                           \
        YES(row, loaded, arguments)                                                                \
        NO(row, loaded, arguments)

BOTH(patient, NULL, "--road patient")
BOTH(nonblocking, NULL, "--road nonblocking")
BOTH(nonblocking_write, NULL, "--road nonblocking_write")
BOTH(memory, NULL, "--road memory")
BOTH(memory_write, NULL, "--road memory_write")
BOTH(tls_1_2, NULL, "--road patient --tls 1.2")
BOTH(set_late, NULL, "--road patient --cert-verify-when late")
BOTH(dlsym, "dlsym", "--road patient")
BOTH(dlsym_local, "dlsym-local", "--road nonblocking_write")
BOTH(dlvsym, "dlvsym", "--road patient")
BOTH(deepbind, "deepbind", "--road patient")

/* A callback that asks for more time and says no in one breath: to libssl that is a no, which it
 * passes over where nothing is to be verified. It must not pass over the pins. */
static void no_at_once(const struct identity *identity, const char *load)
{
    struct trip trip = {.client = CLIENT "--verify none --cert-verify-callback later-and-no "
                                         "--road patient",
                        .load = load,
                        .server = "--request-client-cert",
                        .identity = identity};

    scene_pin(scene.pki.genuine.pin);
    if (identity == &scene.pki.genuine) {
        expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    } else {
        expect_refusal(trip, "no_pin_matched");
        expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
    }
}

Test(retry, later_and_no_right_pin)
{
    no_at_once(&scene.pki.genuine, NULL);
}

Test(retry, later_and_no_wrong_pin)
{
    no_at_once(&scene.pki.mis_issued, NULL);
}

Test(retry, later_and_no_wrong_pin_dlsym)
{
    no_at_once(&scene.pki.mis_issued, "dlsym");
}

#endif
