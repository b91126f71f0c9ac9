/* QUIC: TLS inside, which libssl drives by itself under locks of its own. OpenSSL has a client
 * since 3.2, and a server to test it with since 3.5. */
#include "tests/handshake/scene.h"

#include <openssl/ssl.h>

#if OPENSSL_VERSION_NUMBER >= 0x30500000L && !defined OPENSSL_NO_QUIC

TestSuite(quic, .init = scene_open, .fini = scene_close);

#    define SERVER "--quic --request-client-cert "

static void both_pins(const char *client, const char *load)
{
    struct trip trip = {.client = client, .load = load, .server = SERVER};

    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    trip.identity = &scene.pki.mis_issued;
    struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    expect_works(&bare);
    expect_refused(&refused);
    expect_nothing_sent(&refused, 0);
    const json_t *event = expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
    expect_string(event, "tls", "QUICv1");
    cr_assert_eq(events_count(refused.events, "handshake", NULL), 1);
    expect_same(&bare, &audit);
    expect_verdict(&audit, "fail", "no_pin_matched", "allow", "block");
    result_free(&bare);
    result_free(&refused);
    result_free(&audit);
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

#endif
