/* The name that the program resolved to the peer's address, where it says none itself. The names
 * here are resolved by a preload of the tests' own (tests/probes/hosts.c), behind ours. */
#include <stdlib.h>

#include "tests/handshake/naming.h"

TestSuite(resolvers, .init = scene_open, .fini = scene_close);

#define OTHER "other.example.test"

/* Both families, for the rows on IPv6. */
static void resolved(const char *client, const char *server, const char *policy, const char *host,
                     const char *source, const char *title, const char *address)
{
    char *hosts = build_path("tests/hosts.so");

    naming((struct naming){
        .client = client,
        .server = server,
        .shell = scratch_format(scene.scratch, "export LD_PRELOAD=%s", hosts),
        .policy = policy,
        .host = host,
        .source = source,
        .title = title,
        .address = address,
    });
    free(hosts);
}

#define RESOLVED(row, client, policy, host, source, title)                                         \
    Test(resolvers, row)                                                                           \
    {                                                                                              \
        resolved(client, NULL, policy, host, source, title, "127.0.0.1");                          \
    }

/* Rows about one name for one address. */
#define TO_V4(row, arguments)                                                                      \
    RESOLVED(row, "--resolve " HOST " " arguments, SECTION(HOST), HOST, "resolver", HOST)

#define TO_V6(row, arguments)                                                                      \
    Test(resolvers, v6_##row)                                                                      \
    {                                                                                              \
        naming_needs_ipv6();                                                                       \
        resolved("--address ::1 --resolve " HOST " " arguments, "--address ::1", SECTION(HOST),    \
                 HOST, "resolver", HOST, "::1");                                                   \
    }

#define TO_BOTH(row, arguments) TO_V4(row, arguments) TO_V6(row, arguments)

TO_BOTH(getaddrinfo, "")
TO_V4(gethostbyname, "--resolver gethostbyname")
TO_V4(gethostbyname_r, "--resolver gethostbyname_r")
TO_BOTH(gethostbyname2, "--resolver gethostbyname2")
TO_BOTH(gethostbyname2_r, "--resolver gethostbyname2_r")
TO_BOTH(in_another_thread, "--resolver thread")
TO_V4(in_another_thread_by_memory_bio, "--resolver thread --road memory")
TO_BOTH(by_memory_bio, "--road memory")
TO_V4(by_gethostbyname2_and_memory_bio, "--resolver gethostbyname2 --road memory")
TO_BOTH(by_bio_connect, "--road bio_connect")
TO_BOTH(before_fork, "--fork before")
TO_V4(before_late_fork, "--fork after")
TO_V4(before_fork_by_gethostbyname, "--resolver gethostbyname --fork before")
TO_BOTH(before_fork_by_memory_bio, "--fork before --road memory")

/* An address resolved on the one side of the mapping, connected to on the other. */
TO_V4(mapped, "--address ::ffff:127.0.0.1")
TO_V4(mapped_by_memory_bio, "--address ::ffff:127.0.0.1 --road memory")

RESOLVED(upper_case, "--resolve API.Example.TEST", SECTION(HOST), HOST, "resolver", HOST)
RESOLVED(upper_case_by_gethostbyname, "--resolve API.Example.TEST --resolver gethostbyname",
         SECTION(HOST), HOST, "resolver", HOST)
RESOLVED(by_wildcard, "--resolve " HOST, SECTION("*.example.test"), HOST, "resolver",
         "*.example.test")
RESOLVED(empty_label_is_no_name, "--resolve api..example.test", SECTION("**.example.test"), NULL,
         "none", NULL)

/* Two names for one address. */
RESOLVED(last_wins, "--resolve " OTHER "," HOST, SECTION(OTHER) SECTION(HOST), HOST, "resolver",
         HOST)
RESOLVED(last_wins_turned, "--resolve " HOST "," OTHER, SECTION(OTHER) SECTION(HOST), OTHER,
         "resolver", OTHER)
RESOLVED(last_wins_again, "--resolve " HOST "," OTHER "," HOST, SECTION(OTHER) SECTION(HOST), HOST,
         "resolver", HOST)
RESOLVED(last_wins_by_gethostbyname, "--resolver gethostbyname --resolve " OTHER "," HOST "," OTHER,
         SECTION(OTHER) SECTION(HOST), OTHER, "resolver", OTHER)
RESOLVED(last_wins_by_memory_bio, "--resolve " OTHER "," HOST " --road memory",
         SECTION(OTHER) SECTION(HOST), HOST, "resolver", HOST)
RESOLVED(last_without_section, "--resolve " HOST "," OTHER, SECTION(HOST), OTHER, "resolver", NULL)

/* An address in a name's place hides no name, however it is written. */
RESOLVED(address_hides_no_name, "--resolve " HOST ",127.0.0.1,127.1", SECTION(HOST), HOST,
         "resolver", HOST)
RESOLVED(address_hides_no_name_by_gethostbyname,
         "--resolver gethostbyname --resolve " HOST ",127.0.0.1", SECTION(HOST), HOST, "resolver",
         HOST)
RESOLVED(address_alone, "--resolve 127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1", "none",
         "127.0.0.1")

/* What the program says itself counts alone, even without a section. */
RESOLVED(sni_goes_before, "--sni " HOST " --resolve " OTHER, SECTION(OTHER) SECTION(HOST), HOST,
         "sni", HOST)
RESOLVED(sni_without_section_goes_before, "--sni " HOST " --resolve " OTHER, SECTION(OTHER), HOST,
         "sni", NULL)
RESOLVED(goes_before_the_address, "--resolve " HOST, SECTION("127.0.0.1") SECTION(HOST), HOST,
         "resolver", HOST)
RESOLVED(without_section_goes_before_nothing, "--resolve " HOST, SECTION("127.0.0.1"), "127.0.0.1",
         "none", "127.0.0.1")

/* What every machine resolves. */
RESOLVED(localhost, "--resolve localhost", SECTION("localhost"), "localhost", "resolver",
         "localhost")
