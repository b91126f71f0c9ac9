/* Peers whose section is named by their address, however it is written. */
#include "tests/handshake/naming.h"

TestSuite(addresses, .init = scene_open, .fini = scene_close);

#define V4(row, client, policy, host, source, title)                                               \
    Test(addresses, row)                                                                           \
    {                                                                                              \
        naming((struct naming){client, NULL, NULL, policy, host, source, title, "127.0.0.1"});     \
    }

#define V6(row, client, policy, host, source, title)                                               \
    Test(addresses, row)                                                                           \
    {                                                                                              \
        naming_needs_ipv6();                                                                       \
        naming((struct naming){"--address ::1 " client, "--address ::1", NULL, policy, host,       \
                               source, title, "::1"});                                             \
    }

V4(alone, "--sni none", SECTION("127.0.0.1"), "127.0.0.1", "none", "127.0.0.1")
V4(alone_by_memory_bio, "--sni none --road memory", SECTION("127.0.0.1"), "127.0.0.1", "none",
   "127.0.0.1")
V4(behind_a_name_without_section, "--sni " HOST, SECTION("127.0.0.1"), "127.0.0.1", "none",
   "127.0.0.1")
V4(other, "--sni none", SECTION("127.0.0.2"), NULL, "none", NULL)
V4(network, "--sni none", SECTION("127.0.0.0/8"), "127.0.0.1", "none", "127.0.0.0/8")
V4(longest_network, "--sni none", SECTION("127.0.0.0/8") SECTION("127.0.0.0/24"), "127.0.0.1",
   "none", "127.0.0.0/24")

V6(v6_alone, "--sni none", SECTION("::1"), "::1", "none", "::1")
V6(v6_alone_by_memory_bio, "--sni none --road memory", SECTION("::1"), "::1", "none", "::1")
V6(v6_in_full, "--sni none", SECTION("0:0:0:0:0:0:0:1"), "::1", "none", "0:0:0:0:0:0:0:1")
V6(v6_in_part, "--sni none", SECTION("0::0:0001"), "::1", "none", "0::0:0001")
V6(v6_network, "--sni none", SECTION("::/64"), "::1", "none", "::/64")
V6(v6_is_not_v4, "--sni none", SECTION("0.0.0.1") SECTION("127.0.0.1"), NULL, "none", NULL)

/* IPv4 in the clothes of IPv6 (RFC 4291 section 2.5.5.2): the socket, the section, or a name. */
V4(mapped_socket, "--sni none --address ::ffff:127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1",
   "none", "127.0.0.1")
V4(mapped_socket_by_memory_bio, "--sni none --road memory --address ::ffff:127.0.0.1",
   SECTION("127.0.0.1"), "127.0.0.1", "none", "127.0.0.1")
V4(mapped_socket_in_a_network, "--sni none --address ::ffff:127.0.0.1", SECTION("127.0.0.0/8"),
   "127.0.0.1", "none", "127.0.0.0/8")
V4(mapped_section, "--sni none", SECTION("::ffff:127.0.0.1"), "127.0.0.1", "none",
   "::ffff:127.0.0.1")
V4(mapped_sni, "--sni ::ffff:127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1", "sni", "127.0.0.1")

/* Addresses that stand where a name should. */
V4(as_sni, "--sni 127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1", "sni", "127.0.0.1")
V4(as_sni_by_memory_bio, "--sni 127.0.0.1 --road memory", SECTION("127.0.0.1"), "127.0.0.1", "sni",
   "127.0.0.1")
V4(as_sni_before_the_peers, "--sni 192.0.2.7", SECTION("127.0.0.1") SECTION("192.0.2.7"),
   "192.0.2.7", "sni", "192.0.2.7")
V6(v6_as_sni, "--sni 0:0::1", SECTION("::1"), "::1", "sni", "::1")
V4(link_local_as_sni, "--sni fe80::1%lo", SECTION("fe80::1"), "fe80::1", "sni", "fe80::1")
V4(link_local_network, "--sni fe80::1%lo", SECTION("fe80::/10"), "fe80::1", "sni", "fe80::/10")
V4(brackets_as_sni, "--sni [2001:DB8::7]", SECTION("2001:db8:0::7"), "2001:db8::7", "sni",
   "2001:db8:0::7")

/* X509_VERIFY_PARAM_set1_ip_asc, which 1.1.1 does not tell. */
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
V4(verify_ip, "--verify-ip 127.0.0.1", SECTION("127.0.0.1"), "127.0.0.1", "verify_host",
   "127.0.0.1")
V4(verify_ip_of_another, "--verify-ip 192.0.2.7", SECTION("192.0.2.0/24"), "192.0.2.7",
   "verify_host", "192.0.2.0/24")
V4(verify_ip_when_sni_has_no_section, "--sni " HOST " --verify-ip 192.0.2.7", SECTION("192.0.2.7"),
   "192.0.2.7", "verify_host", "192.0.2.7")
V4(sni_before_verify_ip, "--sni " HOST " --verify-ip 192.0.2.7", SECTION("192.0.2.7") SECTION(HOST),
   HOST, "sni", HOST)
V4(verify_host_before_verify_ip, "--verify-host " HOST " --verify-ip 192.0.2.7",
   SECTION("192.0.2.7") SECTION(HOST), HOST, "verify_host", HOST)
V6(verify_ip_v6, "--verify-ip 0:0:0:0:0:0:0:1", SECTION("::1"), "::1", "verify_host", "::1")
#endif

/* ports, where the socket is the program's own: by what it connected to */

static void address_on_this_port(unsigned port)
{
    scene_policy("domain \"127.0.0.1\" { ports = {1, %u} " WRONG_PIN " }\n", port);
}

static void address_on_another_port(unsigned port)
{
    scene_policy("domain \"127.0.0.1\" { ports = {1, %u} " WRONG_PIN " }\n",
                 port == 65535 ? 2 : port + 1);
}

Test(addresses, this_port_by_memory_bio)
{
    struct trip trip = {.client = "--sni 127.0.0.1 --road memory",
                        .policy = address_on_this_port,
                        .identity = &scene.pki.mis_issued};

    expect_refusal(trip, "no_pin_matched");
}

Test(addresses, another_port_by_memory_bio)
{
    struct trip trip = {.client = "--sni 127.0.0.1 --road memory",
                        .policy = address_on_another_port,
                        .identity = &scene.pki.mis_issued};

    expect_invisible(trip, "enforce", "unpinned", "no_section", "allow");
}
