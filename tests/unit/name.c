/* Names and addresses as they come off the wire. */
#include "config/name.h"

#include <arpa/inet.h>
#include <string.h>

#include <criterion/criterion.h>

TestSuite(name);

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NAME_253 L63 "." L63 "." L63 "." L61 /* the longest (RFC 1035 section 2.3.4) */

static const struct {
    const char *text, *want; /* NULL: no peer has that name */
} names[] = {
    {"example.com", "example.com"},
    {"EXAMPLE.com", "example.com"},
    {"ExAmPlE.CoM", "example.com"},
    {"example.com.", "example.com"},
    {"example.com..", "example.com"},
    {"EXAMPLE.COM...", "example.com"},
    {"localhost", "localhost"},
    {"a", "a"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"_dmarc.example.com", "_dmarc.example.com"},
    {"@[`{", "@[`{"}, /* the neighbours of A to Z and a to z are no letters */
    {NAME_253, NAME_253},
    {NAME_253 ".", NAME_253},
    {NAME_253 "b", NULL},
    {"", NULL},
    {".", NULL},
    {"...", NULL},
    {".example.com", NULL},
    {"sub..example.com", NULL},
    {"..example.com", NULL},
    {"a..example.com", NULL},
    {"exa mple.com", NULL},
    {" example.com", NULL},
    {"example.com ", NULL},
    {"example.com\n", NULL},
    {"example\t.com", NULL},
    {"example\x7f.com", NULL},
    {"b\xc3\xbc"
     "cher.example",
     NULL},
    {"example.com\xe3\x80\x82", NULL}, /* the ideographic full stop is no dot here */
};

Test(name, normalise)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char out[NAME_SIZE] = "untouched";
        bool good = name_normalise(names[i].text, strlen(names[i].text), out);

        cr_expect_eq(good, names[i].want != NULL, "\"%s\"", names[i].text);
        cr_expect_str_eq(out, names[i].want ? names[i].want : "untouched", "\"%s\"", names[i].text);
    }
}

Test(name, nul_inside)
{
    char out[NAME_SIZE] = "untouched";

    cr_expect_not(name_normalise("example.com\0.evil.test", 22, out));
    cr_expect_str_eq(out, "untouched");
}

Test(name, only_the_given_octets)
{
    char out[NAME_SIZE];

    cr_expect(name_normalise("example.com:443", 11, out));
    cr_expect_str_eq(out, "example.com");
}

static const struct {
    const char *text, *want; /* NULL: none */
    int bits;
} addresses[] = {
    {"192.0.2.7", "192.0.2.7", 32},
    {"0.0.0.0", "0.0.0.0", 32},
    {"255.255.255.255", "255.255.255.255", 32},
    {"[192.0.2.7]", "192.0.2.7", 32},
    {"2001:db8::1", "2001:db8::1", 128},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", 128},
    {"[2001:db8::1]", "2001:db8::1", 128},
    {"::", "::", 128},
    {"::1", "::1", 128},
    {"fe80::1%eth0", "fe80::1", 128},
    {"[fe80::1%25eth0]", "fe80::1", 128},
    {"::ffff:192.0.2.7", "192.0.2.7", 32},
    {"::FFFF:c000:207", "192.0.2.7", 32},
    {"[::ffff:192.0.2.7]", "192.0.2.7", 32},
    {"64:ff9b::192.0.2.7", "64:ff9b::c000:207", 128}, /* translated, not mapped (RFC 6052) */
    {"::fffe:192.0.2.7", "::fffe:c000:207", 128},
    {"", NULL, 0},
    {"[]", NULL, 0},
    {"[", NULL, 0},
    {"example.com", NULL, 0},
    {"192.0.2", NULL, 0},
    {"192.0.2.7.", NULL, 0},
    {"192.0.2.256", NULL, 0},
    {"192.0.2.07", NULL, 0}, /* octal to some (RFC 6943 section 3.1.1) */
    {"0xc0000207", NULL, 0},
    {"3221225991", NULL, 0},
    {"192.0.2.7%eth0", NULL, 0},
    {"192.0.2.7:443", NULL, 0},
    {"[::1]:443", NULL, 0},
    {"[::1", NULL, 0},
    {"::1]", NULL, 0},
    {":::1", NULL, 0},
    {"1:2:3:4:5:6:7:8:9", NULL, 0},
    {" ::1", NULL, 0},
    {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL, 0},
};

Test(name, address)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct address address = {.bits = 77};
        char text[ADDRESS_SIZE] = "";
        bool good = address_parse(addresses[i].text, &address);

        cr_expect_eq(good, addresses[i].want != NULL, "\"%s\"", addresses[i].text);
        cr_expect_eq(address.bits, addresses[i].want ? addresses[i].bits : 77, "\"%s\"",
                     addresses[i].text);
        if (!addresses[i].want || !good)
            continue;
        address_format(&address, text);
        cr_expect_str_eq(text, addresses[i].want, "\"%s\"", addresses[i].text);
    }
}

Test(name, address_of_a_socket)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(8443)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(443)};
    struct sockaddr local = {.sa_family = AF_UNIX};
    struct address address, want;
    uint16_t port = 0;

    inet_pton(AF_INET, "192.0.2.7", &four.sin_addr);
    inet_pton(AF_INET6, "::ffff:192.0.2.7", &six.sin6_addr);
    cr_assert(address_parse("192.0.2.7", &want));
    cr_expect(address_from_sockaddr((void *)&four, sizeof four, &address, &port));
    cr_expect(address_equal(&address, &want) && port == 443);
    cr_expect(address_from_sockaddr((void *)&six, sizeof six, &address, &port));
    cr_expect(address_equal(&address, &want) && port == 8443);
    inet_pton(AF_INET6, "2001:db8::7", &six.sin6_addr);
    cr_assert(address_parse("2001:db8::7", &want));
    cr_expect(address_from_sockaddr((void *)&six, sizeof six, &address, NULL));
    cr_expect(address_equal(&address, &want));
    cr_expect_not(address_from_sockaddr(&local, sizeof local, &address, &port));
    cr_expect_not(address_from_sockaddr((void *)&four, sizeof four - 1, &address, &port));
    cr_expect_not(address_from_sockaddr((void *)&six, sizeof six - 1, &address, &port));
}

Test(name, address_families_differ)
{
    struct address four, six, none = {0};
    char text[ADDRESS_SIZE] = "?";

    cr_assert(address_parse("1.2.3.4", &four) && address_parse("102:304::", &six));
    cr_expect_not(address_equal(&four, &six));
    address_format(&none, text);
    cr_expect_str_eq(text, "");
}

static const struct {
    const char *address;
    unsigned prefix;
    const char *want;
} masks[] = {
    {"255.255.255.255", 32, "255.255.255.255"},
    {"255.255.255.255", 31, "255.255.255.254"},
    {"255.255.255.255", 25, "255.255.255.128"},
    {"255.255.255.255", 24, "255.255.255.0"},
    {"255.255.255.255", 9, "255.128.0.0"},
    {"255.255.255.255", 1, "128.0.0.0"},
    {"255.255.255.255", 0, "0.0.0.0"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 127, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65, "ffff:ffff:ffff:ffff:8000::"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, "::"},
};

Test(name, mask)
{
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct address address;
        char text[ADDRESS_SIZE];

        cr_assert(address_parse(masks[i].address, &address));
        address_mask(&address, masks[i].prefix);
        address_format(&address, text);
        cr_expect_str_eq(text, masks[i].want, "%s/%u", masks[i].address, masks[i].prefix);
    }
}
