/* Where a peer's name comes from, and which section it means: names, ports, programs. */
#include "tests/handshake/scene.h"

#include <stdlib.h>
#include <string.h>

TestSuite(names, .init = scene_open, .fini = scene_close);

#define WRONG_PIN "pins = {\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}"

static void name(const char *client, const char *policy, const char *host, const char *source,
                 const char *title)
{
    struct trip trip = {.client = client, .identity = &scene.pki.mis_issued};

    scene_policy("%s", policy);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    const json_t *event = events_last(enforce.events, "handshake", NULL);

    expect_works(&bare);
    expect_string(event, "host", host);
    expect_string(event, "host_source", source);
    expect_string(event, "domain", title);
    expect_string(event, "address", "127.0.0.1");
    if (title) {
        expect_refused(&enforce);
        expect_string(event, "reason", "no_pin_matched");
    } else {
        expect_same(&bare, &enforce);
        expect_string(event, "verdict", "unpinned");
    }
    result_free(&bare);
    result_free(&enforce);
}

#define SECTION(title) "domain \"" title "\" { " WRONG_PIN " }\n"

#define NAME(row, client, policy, host, source, title)                                             \
    Test(names, row)                                                                               \
    {                                                                                              \
        name(client, policy, host, source, title);                                                 \
    }

NAME(sni, "--sni " HOST, SECTION(HOST), HOST, "sni", HOST)
NAME(sni_upper_case, "--sni API.Example.TEST", SECTION(HOST), HOST, "sni", HOST)
NAME(sni_trailing_dot, "--sni api.example.test.", SECTION(HOST), HOST, "sni", HOST)
NAME(section_upper_case, "--sni " HOST, SECTION("API.EXAMPLE.test."), HOST, "sni",
     "API.EXAMPLE.test.")
NAME(verify_host, "--verify-host " HOST, SECTION(HOST), HOST, "verify_host", HOST)
NAME(sni_before_verify_host, "--sni " HOST " --verify-host localhost",
     SECTION(HOST) SECTION("localhost"), HOST, "sni", HOST)
NAME(verify_host_when_sni_has_no_section, "--sni other.example.test --verify-host " HOST,
     SECTION(HOST), HOST, "verify_host", HOST)
NAME(getaddrinfo, "--resolve localhost", SECTION("localhost"), "localhost", "resolver", "localhost")
NAME(gethostbyname, "--resolve localhost --resolver gethostbyname", SECTION("localhost"),
     "localhost", "resolver", "localhost")
NAME(gethostbyname_r, "--resolve localhost --resolver gethostbyname_r", SECTION("localhost"),
     "localhost", "resolver", "localhost")
NAME(resolved_by_memory_bio, "--resolve localhost --road memory", SECTION("localhost"), "localhost",
     "resolver", "localhost")
NAME(resolved_before_fork, "--resolve localhost --fork before", SECTION("localhost"), "localhost",
     "resolver", "localhost")
NAME(sni_before_resolver, "--sni " HOST " --resolve localhost", SECTION("localhost") SECTION(HOST),
     HOST, "sni", HOST)
NAME(address, "--sni none", SECTION("127.0.0.1"), "127.0.0.1", "none", "127.0.0.1")
NAME(address_as_sni, "--sni 127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1", "sni", "127.0.0.1")
NAME(address_behind_a_name_without_section, "--sni " HOST, SECTION("127.0.0.1"), "127.0.0.1",
     "none", "127.0.0.1")
NAME(network, "--sni none", SECTION("127.0.0.0/8"), "127.0.0.1", "none", "127.0.0.0/8")
NAME(longest_network, "--sni none", SECTION("127.0.0.0/8") SECTION("127.0.0.0/24"), "127.0.0.1",
     "none", "127.0.0.0/24")
NAME(wildcard, "--sni " HOST, SECTION("*.example.test"), HOST, "sni", "*.example.test")
NAME(wildcard_is_one_label, "--sni a.b.example.test", SECTION("*.example.test"), "a.b.example.test",
     "sni", NULL)
NAME(wildcard_is_not_the_name, "--sni example.test", SECTION("*.example.test"), "example.test",
     "sni", NULL)
NAME(double_wildcard, "--sni a.b.example.test", SECTION("**.example.test"), "a.b.example.test",
     "sni", "**.example.test")
NAME(double_wildcard_is_the_name, "--sni example.test", SECTION("**.example.test"), "example.test",
     "sni", "**.example.test")
NAME(no_suffix_inside_a_label, "--sni notexample.test", SECTION("**.example.test"),
     "notexample.test", "sni", NULL)
NAME(exact_before_wildcard, "--sni " HOST, SECTION(HOST) SECTION("*.example.test"), HOST, "sni",
     HOST)
NAME(wildcard_before_double, "--sni " HOST, SECTION("**.example.test") SECTION("*.example.test"),
     HOST, "sni", "*.example.test")
NAME(subdomains, "--sni " HOST,
     "domain \"example.test\" { include_subdomains = true " WRONG_PIN "}", HOST, "sni",
     "example.test")

/* An address that listens on IPv6. */
Test(names, address_v6)
{
    struct trip trip = {.client = "--sni none --address ::1",
                        .server = "--address ::1",
                        .identity = &scene.pki.mis_issued};

    scene_policy(SECTION("::1"));
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_refused(&enforce);
    expect_string(events_last(enforce.events, "handshake", "::1"), "domain", "::1");
    result_free(&bare);
    result_free(&enforce);
}

/* An IPv4 peer in the clothes of IPv6 (RFC 4291 section 2.5.5.2). */
Test(names, address_v4_mapped)
{
    struct trip trip = {.client = "--sni none --address ::ffff:127.0.0.1",
                        .identity = &scene.pki.mis_issued};

    scene_policy(SECTION("127.0.0.1"));
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_refused(&enforce);
    expect_string(events_last(enforce.events, "handshake", "127.0.0.1"), "address", "127.0.0.1");
    result_free(&bare);
    result_free(&enforce);
}

/* A section that is off needs no pins, and takes its name out of a wider one. */
Test(names, off_takes_out)
{
    struct trip trip = {.client = "--sni " HOST, .identity = &scene.pki.mis_issued};

    scene_policy("domain \"" HOST "\" { mode = \"off\" }\n" SECTION("*.example.test"));
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_same(&bare, &enforce);
    result_free(&bare);
    result_free(&enforce);
}

/* ports */

static void on_this_port(unsigned port)
{
    scene_policy("domain \"" HOST "\" { ports = {1, %u} " WRONG_PIN " }\n", port);
}

static void on_another_port(unsigned port)
{
    scene_policy("domain \"" HOST "\" { ports = {1, %u} " WRONG_PIN " }\n",
                 port == 65535 ? 2 : port + 1);
}

/* Beside a narrower section by port, the wider one is for the rest. */
static void on_two_ports(unsigned port)
{
    scene_policy("domain \"" HOST "\" { ports = {%u} pins = {\"%s\"} }\n"
                 "domain \"" HOST "\" { ports = {1} " WRONG_PIN " }\n",
                 port, scene.pki.mis_issued.pin);
}

static void port(const char *client, void (*policy)(unsigned), const char *verdict,
                 const char *reason)
{
    struct trip trip = {.client = client, .policy = policy, .identity = &scene.pki.mis_issued};

    if (strcmp(verdict, "fail") == 0)
        expect_refusal(trip, reason);
    else
        expect_invisible(trip, "enforce", verdict, reason, "allow");
}

#define PORT(row, arguments)                                                                       \
    Test(names, this_port_##row)                                                                   \
    {                                                                                              \
        port("--sni " HOST " " arguments, on_this_port, "fail", "no_pin_matched");                 \
    }                                                                                              \
    Test(names, another_port_##row)                                                                \
    {                                                                                              \
        port("--sni " HOST " " arguments, on_another_port, "unpinned", "no_section");              \
    }                                                                                              \
    Test(names, two_ports_##row)                                                                   \
    {                                                                                              \
        port("--sni " HOST " " arguments, on_two_ports, "pass", "pin_matched");                    \
    }

PORT(by_connect, "")
PORT(by_bio_connect, "--road bio_connect")
PORT(by_nonblocking, "--road nonblocking")

/* No socket under the SSL and the name never resolved: what cannot be known matches any ports. */
Test(names, unknown_port_matches_any)
{
    port("--sni " HOST " --road memory", on_another_port, "fail", "no_pin_matched");
}

/* Resolved, the name leads to the connection, and so to the port. */

static void localhost_on_this_port(unsigned port)
{
    scene_policy("domain \"localhost\" { ports = {1, %u} " WRONG_PIN " }\n", port);
}

static void localhost_on_another_port(unsigned port)
{
    scene_policy("domain \"localhost\" { ports = {1, %u} " WRONG_PIN " }\n",
                 port == 65535 ? 2 : port + 1);
}

#define RESOLVED "--sni localhost --resolve localhost --road memory"

Test(names, this_port_by_resolver)
{
    port(RESOLVED, localhost_on_this_port, "fail", "no_pin_matched");
}

Test(names, another_port_by_resolver)
{
    port(RESOLVED, localhost_on_another_port, "unpinned", "no_section");
}

/* program sections */

static void program(const char *called, const char *title, const char *section_then)
{
    struct trip trip = {.client = "--sni " HOST, .identity = &scene.pki.mis_issued};

    trip.program = called;
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n"
                 "program \"%s\" { " SECTION(HOST) "}\n",
                 scene.pki.mis_issued.pin, title);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    const json_t *event = events_last(enforce.events, "handshake", HOST);

    expect_works(&bare);
    expect_string(event, "program", called ? called : "tls-client");
    expect_string(events_last(enforce.events, "policy", NULL), "program_section", section_then);
    if (section_then) {
        expect_refused(&enforce);
    } else {
        expect_same(&bare, &enforce);
        expect_string(event, "verdict", "pass");
    }
    result_free(&bare);
    result_free(&enforce);
}

Test(names, program_by_base_name)
{
    program(NULL, "tls-client", "tls-client");
}

Test(names, program_by_path)
{
    char *path = build_path("tests/tls-client");

    program(NULL, path, path);
    free(path);
}

Test(names, program_by_environment)
{
    program("legacyd", "legacyd", "legacyd");
}

Test(names, program_renamed_by_environment)
{
    program("legacyd", "tls-client", NULL);
}

Test(names, other_program)
{
    program(NULL, "legacyd", NULL);
}
