/* QUIC: TLS inside, which libssl drives by itself under locks of its own. OpenSSL has a client
 * since 3.2, and a server to test it with since 3.5. */
#include "tests/handshake/transport.h"

#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#if OPENSSL_VERSION_NUMBER >= 0x30500000L && !defined OPENSSL_NO_QUIC

TestSuite(quic, .init = scene_open, .fini = scene_close);

#    define SERVER "--quic --request-client-cert "

static void look_beside(const struct result *refused, const json_t *event)
{
    expect_string(event, "tls", "TLSv1.3");
    cr_assert_eq(events_count(refused->events, "handshake", NULL), 1);
}

static void look(const struct result *refused, const json_t *event)
{
    expect_string(event, "tls", "QUICv1");
    cr_assert_eq(events_count(refused->events, "handshake", NULL), 1);
}

static void both_pins(const char *client, const char *load)
{
    transport_both_pins((struct trip){.client = client, .load = load, .server = SERVER}, look);
}

static void both_pins_beside(const char *client, const char *load)
{
    struct trip trip = {.client = client, .load = load, .server = "--request-client-cert"};

    transport_both_pins(trip, look_beside);
}

#    define ROW(row, loaded, arguments)                                                            \
        Test(quic, row)                                                                            \
        {                                                                                          \
            both_pins(VERIFYING arguments, loaded);                                                \
        }                                                                                          \
        Test(quic, row##_careless)                                                                 \
        {                                                                                          \
            both_pins(CARELESS arguments, loaded);                                                 \
        }

ROW(connect, NULL, "--road quic")
ROW(do_handshake, NULL, "--road quic_do_handshake")
ROW(write, NULL, "--road quic_write")
ROW(nonblocking, NULL, "--road quic_nonblocking")
ROW(mem_functions, NULL, "--road quic --mem-functions")
ROW(nonblocking_write, NULL, "--road quic_nonblocking_write")
ROW(unconnected, NULL, "--road quic_unconnected")
ROW(thread, NULL, "--road quic_thread")
ROW(ignoring_failure, NULL, "--road quic --ignore-failure")
ROW(ignoring_failure_nonblocking, NULL, "--road quic_nonblocking_write --ignore-failure")
ROW(cert_verify_callback, NULL, "--road quic --cert-verify-callback check")
ROW(callbacks_accept_all, NULL,
    "--road quic --cert-verify-callback accept --verify-callback accept")
ROW(own_info_callbacks, NULL, "--road quic_nonblocking --info both")
ROW(dlsym, "dlsym", "--road quic")
ROW(dlsym_local, "dlsym-local", "--road quic_nonblocking")
ROW(deepbind, "deepbind", "--road quic_write --info ctx")

/* TLS in a process that does QUIC as well: the shim watches its connections in
 * another way. */
#    define BESIDE(row, loaded, arguments)                                                         \
        Test(quic, beside_##row)                                                                   \
        {                                                                                          \
            both_pins_beside(VERIFYING "--quic-too " arguments, loaded);                           \
        }                                                                                          \
        Test(quic, beside_##row##_careless)                                                        \
        {                                                                                          \
            both_pins_beside(CARELESS "--quic-too " arguments, loaded);                            \
        }

BESIDE(connect, NULL, "--road connect")
BESIDE(write, NULL, "--road write")
BESIDE(bio_connect, NULL, "--road bio_connect")
BESIDE(bio_chain, NULL, "--road bio_chain")
BESIDE(memory, NULL, "--road memory --info both")
BESIDE(dlsym, "dlsym", "--road write")
BESIDE(deepbind, "deepbind", "--road write")

/* The address of a connected socket. */
Test(quic, address)
{
    struct trip trip = {.client = "--sni none --road quic" CLIENT_CERT,
                        .server = SERVER,
                        .identity = &scene.pki.mis_issued};

    scene_policy("domain \"127.0.0.1\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    expect_refusal(trip, "no_pin_matched");
    expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
}

/* Of a socket that is not connected, with the peer told to QUIC alone, the shim
 * knows no address: docs/limits.md. */
Test(quic, address_unconnected)
{
    struct trip trip = {.client = "--sni none --road quic_unconnected" CLIENT_CERT,
                        .server = SERVER,
                        .identity = &scene.pki.mis_issued};

    scene_policy("domain \"127.0.0.1\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    expect_invisible(trip, "enforce", "unpinned", "no_name", "allow");
    scene_policy("unnamed = \"block\"\ndomain \"127.0.0.1\" { pins = {\"%s\"} }\n",
                 scene.pki.genuine.pin);
    struct result blocked = scene_run(trip, "enforce");
    expect_nothing_sent(&blocked, 0);
    expect_verdict(&blocked, "fail", "no_name", "block", "block");
    result_free(&blocked);
}

/* A program that answers "later" is judged each time: docs/limits.md. */
Test(quic, retry)
{
    struct trip trip = {.client = CARELESS "--road quic_nonblocking "
                                           "--cert-verify-callback later-accept",
                        .server = SERVER,
                        .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), right = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_same(&bare, &right);
    cr_assert_eq((long)events_count(right.events, "handshake", NULL),
                 result_number(&right, "verify_calls"));
    result_free(&bare);
    result_free(&right);
    trip.identity = &scene.pki.mis_issued;
    struct result wrong = scene_run(trip, "enforce");
    expect_refused(&wrong);
    expect_nothing_sent(&wrong, 0);
    result_free(&wrong);
}

/* Sessions. */

static size_t reused(const struct result *result)
{
    return (size_t)result_number(result, "state.reused");
}

Test(quic, resumes)
{
    transport_resumes(VERIFYING "--road quic --times 2 --resume", SERVER);
}

Test(quic, resumes_by_write)
{
    transport_resumes(CARELESS "--road quic_nonblocking_write --times 2 --resume", SERVER);
}

static void from_disk(const char *client, const struct identity *now, const char *server)
{
    struct trip trip = {.client =
                            scratch_format(scene.scratch, "%s --session-out {dir}/session", client),
                        .server = server,
                        .identity = &scene.pki.genuine};
    struct result kept = scene_run(trip, NULL);

    expect_works(&kept);
    result_free(&kept);
    trip.client = scratch_format(scene.scratch, "%s --session-in {dir}/session", client);
    trip.identity = now;
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    cr_assert_eq(reused(&bare), 1);
    cr_assert_eq(reused(&enforce), 0);
    if (now == &scene.pki.genuine) {
        expect_works(&enforce);
        expect_verdict(&enforce, "pass", "pin_matched", "allow", "allow");
    } else {
        expect_refused(&enforce);
        expect_nothing_sent(&enforce, 0);
        expect_verdict(&enforce, "fail", "no_pin_matched", "block", "block");
    }
    expect_same(&bare, &audit);
    expect_string(events_last(audit.events, "handshake", NULL), "reason", "session_not_verified");
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

#    define FROM_DISK(row, arguments, server)                                                      \
        Test(quic, row##_pinned_peer)                                                              \
        {                                                                                          \
            from_disk(CARELESS arguments, &scene.pki.genuine, server);                             \
        }                                                                                          \
        Test(quic, row##_wrong_peer)                                                               \
        {                                                                                          \
            from_disk(CARELESS arguments, &scene.pki.mis_issued, server);                          \
        }

#    define SHARED "--ticket-key shared"
FROM_DISK(disk, "--road quic", SERVER SHARED)
FROM_DISK(disk_by_write, "--road quic_write", SERVER SHARED)
FROM_DISK(disk_session_before_name, "--road quic --set-session-first", SERVER SHARED)
FROM_DISK(disk_session_before_name_by_write, "--road quic_nonblocking_write --set-session-first",
          SERVER SHARED)
FROM_DISK(beside_disk_by_write, "--quic-too --road write", SHARED)
FROM_DISK(beside_disk_by_bio_connect, "--quic-too --road bio_connect", SHARED)
FROM_DISK(beside_disk_session_before_name, "--quic-too --road write --set-session-first", SHARED)

/* No certificate: nothing of the stream leaves. QUIC finds its network gone, and
 * SSL_get_error says so (docs/limits.md); the error queue begins with the refusal.
 */
static void expect_cut_off(const struct result *result)
{
    const json_t *call = json_object_get(result_report(result), "handshake");
    const json_t *first = json_array_get(json_object_get(call, "queue"), 0);

    expect_nothing_sent(result, 0);
    cr_assert_leq(field_number(call, "return"), 0);
    expect_number(call, "error", SSL_ERROR_SYSCALL);
    expect_string(first, "reason", "certificate verify failed");
    cr_assert(strstr(field_string(first, "data"), "pinshim: blocked "));
    cr_assert_eq(result_number(result, "state.verify_result"), X509_V_ERR_APPLICATION_VERIFICATION);
    cr_assert(strstr(result->outcome.err, "pinshim: blocked "), "stderr: %s", result->outcome.err);
}

#    define KEY "00112233445566778899aabbccddeeff"

static void psk(const char *road)
{
    struct trip trip = {
        .client = scratch_format(scene.scratch, "--sni " HOST " --psk " KEY " --road %s", road),
        .server = "--quic --psk " KEY};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_cut_off(&enforce);
    expect_verdict(&enforce, "fail", "no_certificate", "block", "block");
    result_free(&bare);
    result_free(&enforce);
    expect_invisible(trip, "audit", "fail", "no_certificate", "block");
}

#    define PSK(row, road)                                                                         \
        Test(quic, psk_##row)                                                                      \
        {                                                                                          \
            psk(road);                                                                             \
        }

PSK(connect, "quic")
PSK(do_handshake, "quic_do_handshake")
PSK(write, "quic_write")
PSK(nonblocking, "quic_nonblocking")
PSK(nonblocking_write, "quic_nonblocking_write")
PSK(ignoring_failure, "quic --ignore-failure")
PSK(ignoring_failure_by_write, "quic_nonblocking_write --ignore-failure")

#endif
