/* DTLS: the pins hold over datagrams as they do over streams. */
#include "tests/handshake/transport.h"

TestSuite(datagram, .init = scene_open, .fini = scene_close);

#define SERVER "--dtls --request-client-cert "

/* The address is known, of a connected socket or not. */
static void look(const struct result *refused, const json_t *event)
{
    expect_string(event, "address", "127.0.0.1");
    expect_number(event, "port", refused->port);
}

static void both_pins(const char *client, const char *load, const char *server)
{
    transport_both_pins((struct trip){.client = client, .load = load, .server = server}, look);
}

#define ROW(row, loaded, arguments, options)                                                       \
    Test(datagram, row)                                                                            \
    {                                                                                              \
        both_pins(VERIFYING arguments, loaded, SERVER options);                                    \
    }                                                                                              \
    Test(datagram, row##_careless)                                                                 \
    {                                                                                              \
        both_pins(CARELESS arguments, loaded, SERVER options);                                     \
    }

#define EVERY_ROAD(row, arguments, options)                                                        \
    ROW(row##_connect, NULL, arguments "--road dtls", options)                                     \
    ROW(row##_do_handshake, NULL, arguments "--road dtls_do_handshake", options)                   \
    ROW(row##_write, NULL, arguments "--road dtls_write", options)                                 \
    ROW(row##_nonblocking, NULL, arguments "--road dtls_nonblocking", options)                     \
    ROW(row##_unconnected, NULL, arguments "--road dtls_unconnected", options)                     \
    ROW(row##_unconnected_write, NULL, arguments "--road dtls_unconnected_write", options)

EVERY_ROAD(dtls_1_2, "--tls dtls1.2 ", "")
EVERY_ROAD(dtls_1_0, "--tls dtls1.0 ", "--weak")
ROW(cookie, NULL, "--road dtls", "--cookie")
ROW(cookie_nonblocking, NULL, "--road dtls_nonblocking", "--cookie")
ROW(cookie_unconnected, NULL, "--road dtls_unconnected", "--cookie")
ROW(dlsym, "dlsym", "--road dtls", "")
ROW(dlsym_local, "dlsym-local", "--road dtls_unconnected_write", "--cookie")
ROW(deepbind, "deepbind", "--road dtls_write --info ctx", "")
ROW(cert_verify_callback, NULL, "--road dtls --cert-verify-callback accept", "")
ROW(ignoring_failure, NULL, "--road dtls --ignore-failure", "")
ROW(ignoring_failure_unconnected, NULL, "--road dtls_unconnected_write --ignore-failure", "")

/* The first datagram is lost: DTLSv1_handle_timeout sends it again. */
#define LOST "--road dtls_nonblocking --quick-timer"
ROW(lost, NULL, LOST, "--lossy")
ROW(lost_with_cookie, NULL, LOST, "--lossy --cookie")

Test(datagram, loss_is_timed_out)
{
    struct trip trip = {
        .client = CARELESS LOST, .server = SERVER "--lossy", .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result enforce = scene_run(trip, "enforce");
    expect_works(&enforce);
    cr_assert(field_true(result_report(&enforce), "timed_out"));
    result_free(&enforce);
}

/* The peer's address alone says who it is, of sockets that are connected and of others.
 */
static void by_address(const char *client, const char *address)
{
    struct trip trip = {.client = scratch_format(scene.scratch, "--sni none --address %s%s %s",
                                                 address, CLIENT_CERT, client),
                        .server = scratch_format(scene.scratch, SERVER "--address %s", address),
                        .identity = &scene.pki.mis_issued};

    scene_policy("domain \"%s\" { pins = {\"%s\"} }\n", address, scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    const json_t *event = events_last(enforce.events, "handshake", NULL);
    expect_works(&bare);
    expect_refused(&enforce);
    expect_nothing_sent(&enforce, 0);
    expect_string(event, "host", address);
    expect_string(event, "domain", address);
    expect_string(event, "address", address);
    expect_number(event, "port", enforce.port);
    result_free(&bare);
    result_free(&enforce);
    expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
}

#define BY_ADDRESS(row, road, address)                                                             \
    Test(datagram, row)                                                                            \
    {                                                                                              \
        by_address("--road " road, address);                                                       \
    }

BY_ADDRESS(address, "dtls", "127.0.0.1")
BY_ADDRESS(address_v6, "dtls", "::1")
BY_ADDRESS(address_unconnected, "dtls_unconnected", "127.0.0.1")
BY_ADDRESS(address_unconnected_v6, "dtls_unconnected", "::1")
BY_ADDRESS(address_unconnected_write, "dtls_unconnected_write", "127.0.0.1")

/* Whoever answers an unconnected socket, from wherever, is held to the pins of the one
 * that was asked. */
Test(datagram, answered_from_elsewhere)
{
    struct trip trip = {.client = "--sni none --road dtls_unconnected" CLIENT_CERT,
                        .server = SERVER "--cookie --answer-from 127.0.0.2",
                        .identity = &scene.pki.mis_issued};

    scene_policy("domain \"127.0.0.1\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_refused(&enforce);
    expect_nothing_sent(&enforce, 0);
    expect_verdict(&enforce, "fail", "no_pin_matched", "block", "block");
    result_free(&bare);
    result_free(&enforce);
    expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
}

/* And the name that was resolved to it. */
Test(datagram, resolved_unconnected)
{
    struct trip trip = {.client = "--sni none --resolve localhost --road dtls_unconnected",
                        .server = SERVER,
                        .identity = &scene.pki.mis_issued};

    scene_policy("domain \"localhost\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    struct result enforce = scene_run(trip, "enforce");
    expect_refused(&enforce);
    expect_string(events_last(enforce.events, "handshake", NULL), "host_source", "resolver");
    result_free(&enforce);
}

/* A section's port is the peer's. */
static void elsewhere(unsigned port)
{
    scene_policy("domain \"" HOST "\" { ports = {%u} pins = {\"%s\"} }\n", port ^ 1,
                 scene.pki.genuine.pin);
}

Test(datagram, other_port_unconnected)
{
    struct trip trip = {.client = CARELESS "--road dtls_unconnected",
                        .server = SERVER,
                        .identity = &scene.pki.mis_issued,
                        .policy = elsewhere};

    expect_invisible(trip, "enforce", "unpinned", "no_section", "allow");
}

/* Sessions. What this process verified is resumed; what comes from disk is not. */

Test(datagram, resumes)
{
    transport_resumes(VERIFYING "--road dtls --times 2 --resume", SERVER);
}

Test(datagram, resumes_unconnected_by_write)
{
    transport_resumes(CARELESS "--road dtls_unconnected_write --times 2 --resume", SERVER);
}

static void from_disk(const char *road, const struct identity *now, const char *reason)
{
    struct trip trip = {.client = scratch_format(scene.scratch,
                                                 "%s--road %s --session-out "
                                                 "{dir}/session",
                                                 CARELESS, road),
                        .server = SERVER "--ticket-key shared",
                        .identity = &scene.pki.genuine};
    struct result kept = scene_run(trip, NULL);

    expect_works(&kept);
    result_free(&kept);
    trip.client =
        scratch_format(scene.scratch, "%s--road %s --session-in {dir}/session", CARELESS, road);
    trip.identity = now;
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");
    cr_assert_neq(result_number(&bare, "state.reused"), 0);
    cr_assert_eq(result_number(&enforce, "state.reused"), 0);
    if (now == &scene.pki.genuine) {
        expect_works(&enforce);
        expect_verdict(&enforce, "pass", reason, "allow", "allow");
    } else {
        expect_refused(&enforce);
        expect_nothing_sent(&enforce, 0);
        expect_verdict(&enforce, "fail", reason, "block", "block");
    }
    expect_same(&bare, &audit);
    expect_string(events_last(audit.events, "handshake", NULL), "reason", "session_not_verified");
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

#define FROM_DISK(row, road)                                                                       \
    Test(datagram, row##_pinned_peer)                                                              \
    {                                                                                              \
        from_disk(road, &scene.pki.genuine, "pin_matched");                                        \
    }                                                                                              \
    Test(datagram, row##_wrong_peer)                                                               \
    {                                                                                              \
        from_disk(road, &scene.pki.mis_issued, "no_pin_matched");                                  \
    }

FROM_DISK(disk, "dtls")
FROM_DISK(disk_write, "dtls_write")
FROM_DISK(disk_unconnected, "dtls_unconnected")

/* No certificate, no connection. */
#define KEY "00112233445566778899aabbccddeeff"

static void no_certificate(const char *client, const char *server)
{
    struct trip trip = {.client = client, .server = server};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_refused(&enforce);
    expect_nothing_sent(&enforce, 0);
    expect_verdict(&enforce, "fail", "no_certificate", "block", "block");
    result_free(&bare);
    result_free(&enforce);
    expect_invisible(trip, "audit", "fail", "no_certificate", "block");
}

#define NO_CERTIFICATE(row, road)                                                                  \
    Test(datagram, row##_psk)                                                                      \
    {                                                                                              \
        no_certificate("--sni " HOST " --psk " KEY " --road " road, "--dtls --psk " KEY);          \
    }                                                                                              \
    Test(datagram, row##_anonymous)                                                                \
    {                                                                                              \
        no_certificate("--sni " HOST " --anonymous --road " road, "--dtls --anonymous");           \
    }

NO_CERTIFICATE(connect, "dtls")
NO_CERTIFICATE(connect_ignoring_failure, "dtls --ignore-failure")
NO_CERTIFICATE(write, "dtls_write")
NO_CERTIFICATE(nonblocking, "dtls_nonblocking")
NO_CERTIFICATE(unconnected, "dtls_unconnected")
NO_CERTIFICATE(unconnected_write, "dtls_unconnected_write")
NO_CERTIFICATE(unconnected_write_ignoring_failure, "dtls_unconnected_write --ignore-failure")
