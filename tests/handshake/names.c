/* Where a peer's name comes from, and which section it means: names, ports, programs. */
#include "tests/handshake/naming.h"

#include <stdlib.h>
#include <string.h>

TestSuite(names, .init = scene_open, .fini = scene_close);

#define NAME(row, client, policy, host, source, title)                                             \
    Test(names, row)                                                                               \
    {                                                                                              \
        naming((struct naming){client, NULL, NULL, policy, host, source, title, "127.0.0.1"});     \
    }

NAME(sni, "--sni " HOST, SECTION(HOST), HOST, "sni", HOST)
NAME(sni_upper_case, "--sni API.Example.TEST", SECTION(HOST), HOST, "sni", HOST)
NAME(sni_trailing_dot, "--sni api.example.test.", SECTION(HOST), HOST, "sni", HOST)
NAME(sni_trailing_dots, "--sni API.example.test..", SECTION(HOST), HOST, "sni", HOST)
NAME(sni_empty_label, "--sni api..example.test", SECTION("**.example.test"), NULL, "none", NULL)
NAME(sni_begins_with_a_dot, "--sni .example.test", SECTION("**.example.test"), NULL, "none", NULL)
NAME(section_upper_case, "--sni " HOST, SECTION("API.EXAMPLE.test."), HOST, "sni",
     "API.EXAMPLE.test.")
/* OpenSSL 1.1.1 does not tell the name that a program has it verify. */
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
NAME(verify_host, "--verify-host " HOST, SECTION(HOST), HOST, "verify_host", HOST)
NAME(verify_host_upper_case, "--verify-host API.Example.TEST", SECTION(HOST), HOST, "verify_host",
     HOST)
NAME(verify_host_trailing_dot, "--verify-host " HOST ".", SECTION(HOST), HOST, "verify_host", HOST)
NAME(verify_host_when_sni_has_no_section, "--sni other.example.test --verify-host " HOST,
     SECTION(HOST), HOST, "verify_host", HOST)
NAME(verify_host_when_sni_is_no_name, "--sni other..example.test --verify-host " HOST,
     SECTION(HOST), HOST, "verify_host", HOST)
NAME(verify_host_by_memory_bio, "--verify-host " HOST " --road memory", SECTION(HOST), HOST,
     "verify_host", HOST)
NAME(verify_host_before_address, "--sni other.example.test --verify-host " HOST,
     SECTION("127.0.0.1") SECTION(HOST), HOST, "verify_host", HOST)
#endif

/* Both are named: the server name decides, in whatever order they stand and however well each
 * matches. */
NAME(sni_before_verify_host, "--sni " HOST " --verify-host localhost",
     SECTION(HOST) SECTION("localhost"), HOST, "sni", HOST)
NAME(sni_before_verify_host_named_first, "--sni " HOST " --verify-host localhost",
     SECTION("localhost") SECTION(HOST), HOST, "sni", HOST)
NAME(other_sni_before_verify_host, "--sni localhost --verify-host " HOST,
     SECTION(HOST) SECTION("localhost"), "localhost", "sni", "localhost")
NAME(sni_by_wildcard_before_verify_host, "--sni a.example.test --verify-host localhost",
     SECTION("localhost") SECTION("**.example.test"), "a.example.test", "sni", "**.example.test")
NAME(sni_before_verify_host_without_section, "--sni " HOST " --verify-host localhost",
     SECTION(HOST), HOST, "sni", HOST)

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
PORT(by_memory, "--road memory")
PORT(by_memory_beside_another, "--road memory --beside 127.0.0.1")

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
