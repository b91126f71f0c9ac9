/* Section titles: what they stand for, and what is said about those that stand for nothing. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "config/name.h"
#include "config/punycode.h"

TestSuite(pattern);

static const struct {
    const char *title, *name; /* for a network: as text */
    enum pattern_kind kind;
    unsigned prefix;
} good[] = {
    {"example.com", "example.com", PATTERN_EXACT, 0},
    {"EXAMPLE.Com.", "example.com", PATTERN_EXACT, 0},
    {"localhost", "localhost", PATTERN_EXACT, 0},
    {"*.example.com", "example.com", PATTERN_ONE_LABEL, 0},
    {"*.EXAMPLE.com..", "example.com", PATTERN_ONE_LABEL, 0},
    {"**.example.com", "example.com", PATTERN_ANY_DEPTH, 0},
    {"**.com", "com", PATTERN_ANY_DEPTH, 0},
    {"192.0.2.7", "192.0.2.7", PATTERN_NETWORK, 32},
    {"192.0.2.7.", "192.0.2.7", PATTERN_NETWORK, 32},
    {"192.0.2.0/24", "192.0.2.0", PATTERN_NETWORK, 24},
    {"10.0.0.0/8", "10.0.0.0", PATTERN_NETWORK, 8},
    {"0.0.0.0/0", "0.0.0.0", PATTERN_NETWORK, 0},
    {"192.0.2.7/32", "192.0.2.7", PATTERN_NETWORK, 32},
    {"2001:db8::/32", "2001:db8::", PATTERN_NETWORK, 32},
    {"2001:db8::1", "2001:db8::1", PATTERN_NETWORK, 128},
    {"[2001:db8::1]", "2001:db8::1", PATTERN_NETWORK, 128},
    {"::/0", "::", PATTERN_NETWORK, 0},
    {"::ffff:192.0.2.7", "192.0.2.7", PATTERN_NETWORK, 32},
    {"::ffff:10.0.0.0/104", "10.0.0.0", PATTERN_NETWORK, 8},
};

Test(pattern, good)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct pattern pattern;
        char why[256], network[ADDRESS_SIZE];
        bool parsed = pattern_parse(good[i].title, &pattern, why, sizeof why);

        cr_expect(parsed, "\"%s\": %s", good[i].title, why);
        if (!parsed)
            continue;
        address_format(&pattern.network, network);
        cr_expect_eq(pattern.kind, good[i].kind, "\"%s\"", good[i].title);
        cr_expect_str_eq(pattern.kind == PATTERN_NETWORK ? network : pattern.name, good[i].name,
                         "\"%s\"", good[i].title);
        if (pattern.kind == PATTERN_NETWORK)
            cr_expect_eq(pattern.prefix, good[i].prefix, "\"%s\"", good[i].title);
    }
}

static const struct {
    const char *title, *says;
} bad[] = {
    {"", "it names nothing"},
    {".", "it names nothing"},
    {"..", "it names nothing"},
    {"*.", "it names nothing"},
    {"**.", "it names nothing"},
    {"*", "names nothing"},
    {"**", "names nothing"},
    {"*.*", "*.name"},
    {"**.**", "*.name"},
    {"*.**.example.com", "*.name (one label)"},
    {"https://www.domain.com/", "it is a URL; write the host alone: \"www.domain.com\""},
    {"https://www.domain.com:8443/x?y", "\"www.domain.com\""},
    {"HTTP://a.test", "\"a.test\""},
    {"172.18.10.10:8090", "write \"172.18.10.10\" and ports = {8090}"},
    {"example.com:443", "write \"example.com\" and ports = {443}"},
    {"*.example.com:443", "write \"*.example.com\" and ports = {443}"},
    {"[::1]:443", "write \"[::1]\" and ports = {443}"},
    {"example.com:", "it has a colon"},
    {"example.com:https", "it has a colon"},
    {"1:2:3", "ports = {3}"},
    {"example.com/path", "it has a slash and is no CIDR block"},
    {"example.com/24", "it has a slash"},
    {"example.*", "a wildcard is the whole first label"},
    {"api.*.example.com", "*.name (one label) or **.name (any number)"},
    {"*example.com", "a wildcard is the whole first label"},
    {"**.0.2.7", "it looks like an IPv4 address and is none"},
    {"*.0.2.7", "it looks like an IPv4 address and is none"},
    {"127.1", "it looks like an IPv4 address and is none"},
    {"010.0.0.1", "it looks like an IPv4 address and is none"},
    {"0x7f.1", "it looks like an IPv4 address and is none"},
    {"192.0.2.256", "it looks like an IPv4 address and is none"},
    {"a*.example.com", "a wildcard is the whole first label"},
    {"***.example.com", "a wildcard is the whole first label"},
    {".com", "it begins with a dot; write \"**.com\""},
    {".example.com", "write \"**.example.com\""},
    {"a..example.com", "two dots in a row"},
    {"*..example.com", "dot"},
    {"sub..example.com", "it has an empty label"},
    {"exa mple.com", "white space"},
    {" example.com", "white space"},
    {"example.com\t", "white space or a control character"},
    {"*.192.0.2.7", "a wildcard never stands for an address; write a CIDR block"},
    {"**.192.0.2.7", "a wildcard never stands for an address"},
    {"192.0.2.7/24", "it has bits behind the prefix; write \"192.0.2.0/24\""},
    {"10.1.0.0/8", "write \"10.0.0.0/8\""},
    {"2001:db8::1/32", "write \"2001:db8::/32\""},
    {"::ffff:10.1.0.0/104", "write \"10.0.0.0/8\""},
    {"192.0.2.0/33", "a number from 0 to 32"},
    {"2001:db8::/129", "a number from 0 to 128"},
    {"192.0.2.0/", "the prefix length must be a number"},
    {"192.0.2.0/-1", "the prefix length must be a number"},
    {"192.0.2.0/ 8", "the prefix length must be a number"},
    {"192.0.2.0/+8", "the prefix length must be a number"},
    {"192.0.2.0/8x", "the prefix length must be a number"},
    {"192.0.2.0/24/24", "the prefix length must be a number"},
    {"192.0.2.0/18446744073709551640", "the prefix length must be a number"},
    {"::ffff:10.0.0.0/8", "the prefix length must be a number from 0 to 32"},
    {"b\xc3\xbc"
     "cher.example",
     "write the A-label: \"xn--bcher-kva.example\""},
    {"*.b\xc3\xbc"
     "cher.example",
     "\"*.xn--bcher-kva.example\""},
    {"B\xc3\x9c"
     "CHER.example",
     "\"xn--bcher-kva.example\""},
    {"b\xfc"
     "cher.example",
     "write the A-label (xn--...)"},
};

Test(pattern, bad)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pattern pattern = {.prefix = 77}, before = pattern;
        char why[256] = "";
        bool parsed = pattern_parse(bad[i].title, &pattern, why, sizeof why);

        cr_expect_not(parsed, "\"%s\" was accepted", bad[i].title);
        cr_expect(strstr(why, bad[i].says), "\"%s\": %s", bad[i].title, why);
        if (!parsed)
            cr_expect_arr_eq(&pattern, &before, sizeof pattern, "\"%s\"", bad[i].title);
    }
}

Test(pattern, too_long)
{
    struct pattern pattern;
    char title[NAME_SIZE + 8], why[256];

    for (size_t length = NAME_SIZE - 2; length < NAME_SIZE + 4; length++) {
        for (size_t i = 0; i < length; i++)
            title[i] = i % 50 == 49 ? '.' : 'a';
        title[length] = 0;
        bool parsed = pattern_parse(title, &pattern, why, sizeof why);
        cr_expect_eq(parsed, length < NAME_SIZE, "%zu octets", length);
        cr_expect(parsed || strstr(why, "253"), "%zu octets: %s", length, why);
    }
}

/* RFC 3492 section 7.1, those that fit into a label; upper case folded as names are. */
static const struct {
    const char *label, *ascii;
} samples[] = {
    {"ليهمابتكلموشعربي؟", "xn--egbpdaj6bu4bxfgehfvwxn"},              /* A, Egyptian Arabic */
    {"他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"},           /* B, Chinese (simplified) */
    {"他們爲什麽不說中文", "xn--ihqwctvzc91f659drss3x8bo0yb"},        /* C, Chinese (traditional) */
    {"pročprostěnemluvíčesky", "xn--proprostnemluvesky-uyb24dma41a"}, /* D, Czech */
    {"למההםפשוטלאמדבריםעברית", "xn--4dbcagdahymbxekheh6e0a7fei0b"},   /* E, Hebrew */
    {"यहलोगहिन्दीक्योंनहींबोलसकतेहैं", "xn--i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd"}, /* F, Hindi */
    {"なぜみんな日本語を話してくれないのか",
     "xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"},                           /* G, Japanese */
    {"почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"}, /* I, Russian */
    {"porquénopuedensimplementehablarenespañol",
     "xn--porqunopuedensimplementehablarenespaol-fmd56a"}, /* J, Spanish */
    {"tạisaohọkhôngthểchỉnóitiếngviệt",
     "xn--tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g"}, /* K, Vietnamese */
    {"3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"},   /* L */
    {"安室奈美恵-with-super-monkeys", "xn---with-super-monkeys-pc58ag80a8qai00g7n9n"},    /* M */
    {"hello-another-way-それぞれの場所", "xn--hello-another-way--fc4qua05auwb3674vfr0b"}, /* N */
    {"ひとつ屋根の下2", "xn--2-u9tlzr9756bt3uc0v"},                                       /* O */
    {"majiでkoiする5秒前", "xn--majikoi5-783gue6qz075azm5e"},                             /* P */
    {"パフィーdeルンバ", "xn--de-jg4avhby1noc0d"},                                        /* Q */
    {"そのスピードで", "xn--d9juau41awczczp"},                                            /* R */
    /* of several labels, and with nothing to do */
    {"b\xc3\xbc"
     "cher.m\xc3\xbc"
     "nchen.example",
     "xn--bcher-kva.xn--mnchen-3ya.example"},
    {"example.com", "example.com"},
    {"EXAMPLE.com", "example.com"},
};

Test(pattern, punycode)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char out[2 * NAME_SIZE] = "";

        cr_expect(punycode_name(samples[i].label, out, sizeof out), "%s", samples[i].ascii);
        cr_expect_str_eq(out, samples[i].ascii);
    }
}

Test(pattern, punycode_refuses)
{
    static const char *const not_utf8[] = {"\x80", "\xc3",     "\xc3.",
                                           "\xff", "\xe2\x82", "a\xc0\x80"};
    char out[2 * NAME_SIZE], small[12];

    for (size_t i = 0; i < sizeof not_utf8 / sizeof *not_utf8; i++)
        cr_expect_not(punycode_name(not_utf8[i], out, sizeof out), "row %zu", i);
    cr_expect_not(punycode_name("b\xc3\xbc"
                                "cher.example",
                                small, sizeof small));
}
