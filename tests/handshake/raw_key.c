/* Peers that show a raw public key instead of a certificate (RFC 7250), since OpenSSL 3.2: a pin
 * of a key holds for them, too. */
#include "tests/handshake/transport.h"

#include <openssl/ssl.h>

#if OPENSSL_VERSION_NUMBER >= 0x30200000L

TestSuite(raw_key, .init = scene_open, .fini = scene_close);

/* What makes it a raw key: no names, no issuer, no path. */
static void expect_raw_key(const json_t *event)
{
    const json_t *chain = json_object_get(event, "chain");

    cr_assert_eq(json_array_size(chain), 1);
    expect_string(json_array_get(chain, 0), "subject", "raw public key");
}

static void both_pins(const char *client, const char *load)
{
    struct trip trip = {.client = client,
                        .load = load,
                        .server = "--raw-key --request-client-cert",
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), right = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_same(&bare, &right);
    const json_t *event = expect_verdict(&right, "pass", "pin_matched", "allow", "allow");
    expect_string(event, "pin", scene.pki.genuine.pin);
    expect_string(event, "pin_position", "leaf");
    expect_raw_key(event);
    result_free(&bare);
    result_free(&right);
    trip.identity = &scene.pki.mis_issued;
    bare = scene_run(trip, NULL);
    struct result wrong = scene_run(trip, "enforce"), audit = scene_run(trip, "audit");
    expect_works(&bare);
    expect_refused(&wrong);
    expect_nothing_sent(&wrong, 0);
    expect_raw_key(expect_verdict(&wrong, "fail", "no_pin_matched", "block", "block"));
    expect_same(&bare, &audit);
    expect_raw_key(expect_verdict(&audit, "fail", "no_pin_matched", "allow", "block"));
    result_free(&bare);
    result_free(&wrong);
    result_free(&audit);
}

#    define CLIENT "--raw-key --show-raw-key --sni " HOST CLIENT_CERT

/* No client that takes any key knows one from the other; the last kind expects both. */
#    define ROW(row, loaded, arguments)                                                            \
        Test(raw_key, row##_careless)                                                              \
        {                                                                                          \
            both_pins(CLIENT "--verify none " arguments, loaded);                                  \
        }                                                                                          \
        Test(raw_key, row##_accepting)                                                             \
        {                                                                                          \
            both_pins(CLIENT "--verify peer --verify-callback accept " arguments, loaded);         \
        }                                                                                          \
        Test(raw_key, row##_cert_callback)                                                         \
        {                                                                                          \
            both_pins(CLIENT "--verify peer --cert-verify-callback accept " arguments, loaded);    \
        }

ROW(connect, NULL, "--road connect")
ROW(write, NULL, "--road write")
ROW(bio_chain, NULL, "--road bio_chain")
ROW(memory, NULL, "--road memory")
ROW(nonblocking, NULL, "--road nonblocking")
ROW(tls_1_2, NULL, "--tls 1.2")
ROW(dlsym, "dlsym", "--road connect")
ROW(dlvsym, "dlvsym", "--road write")
ROW(deepbind, "deepbind", "--road write --info ctx")

/* Sessions remember raw keys as well. */
Test(raw_key, resumes)
{
    transport_resumes(CLIENT "--verify none --times 2 --resume", "--raw-key --request-client-cert");
}

/* A program that expects a key refuses another one by itself, and pins that agree change nothing;
 * where both refuse, the pins have the word. */
static void expecting(const struct identity *pinned, bool refused)
{
    struct trip trip = {.client = CLIENT "--verify peer --expect-key {dir}/genuine.pem",
                        .server = "--raw-key --request-client-cert",
                        .identity = &scene.pki.genuine};

    scene_pin(pinned->pin);
    if (refused)
        expect_refusal(trip, "no_pin_matched");
    else
        expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
}

Test(raw_key, expected_and_pinned)
{
    expecting(&scene.pki.genuine, false);
}

Test(raw_key, expected_and_not_pinned)
{
    expecting(&scene.pki.mis_issued, true);
}

static void unexpected(const struct identity *pinned)
{
    struct trip trip = {.client = CLIENT "--verify peer --expect-key {dir}/genuine.pem",
                        .server = "--raw-key --request-client-cert",
                        .identity = &scene.pki.mis_issued};

    scene_pin(pinned->pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    cr_assert_leq(result_number(&bare, "handshake.return"), 0);
    expect_nothing_sent(&enforce, 0);
    if (pinned == &scene.pki.mis_issued)
        expect_same(&bare, &enforce);
    else
        expect_refused(&enforce);
    expect_same(&bare, &audit);
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

Test(raw_key, unexpected_but_pinned)
{
    unexpected(&scene.pki.mis_issued);
}

Test(raw_key, unexpected_and_not_pinned)
{
    unexpected(&scene.pki.genuine);
}

/* A pin of a whole certificate, or of a CA, is met by no raw key. */
Test(raw_key, certificate_pin)
{
    struct trip trip = {.client = CLIENT "--verify none",
                        .server = "--raw-key --request-client-cert",
                        .identity = &scene.pki.genuine};

    scene_policy("domain \"" HOST "\" { pins = {\"%s\", \"%s\"} }\n", scene.pki.genuine.cert_pin,
                 scene.pki.intermediate.pin);
    expect_refusal(trip, "no_pin_matched");
}

#endif
