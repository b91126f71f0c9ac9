/* Which section a peer falls under, and by which name (docs/names.md). */
#include <string.h>

#include <criterion/criterion.h>

#include "config/policy.h"
#include "tests/unit/load.h"

static struct scratch *scratch;

static void setup(void)
{
    scratch = scratch_new();
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(lookup, .init = setup, .fini = cleanup);

struct row {
    const char *config;
    const char *program; /* name or absolute path of the executable */
    const char *sni, *verify_host, *resolved, *address;
    unsigned port, likely_port;
    const char *want; /* the section's owner, without one its title; NULL: none */
    const char *host; /* NULL: as the SNI */
    enum host_source source;
};

static void find(const struct row *row, const struct config *config, struct policy_match *match)
{
    struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    struct peer peer = {.sni = row->sni,
                        .verify_host = row->verify_host,
                        .resolved = row->resolved,
                        .port = (uint16_t)row->port,
                        .likely_port = (uint16_t)row->likely_port};
    const char *program = row->program, *slash = program ? strrchr(program, '/') : NULL;

    if (program)
        view.scope =
            policy_scope_for(config->policy, slash ? program : NULL, slash ? slash + 1 : program);
    if (row->address)
        cr_assert(address_parse(row->address, &peer.address));
    policy_find(&view, &peer, match);
}

static void check(const char *table, size_t index, const struct row *row)
{
    struct config config;
    struct policy_match match;
    const char *got = NULL, *host = row->host ? row->host : row->sni;

    must_load(scratch, row->config, &config);
    find(row, &config, &match);
    if (match.section) {
        got = policy_string(config.policy, match.section->owner);
        if (!*got)
            got = policy_string(config.policy, match.section->title);
    }
    cr_expect_eq(!got, !row->want, "%s[%zu]: section %s", table, index, got ? got : "none");
    if (got && row->want)
        cr_expect_str_eq(got, row->want, "%s[%zu]: section %s", table, index, got);
    cr_expect_str_eq(match.host, host ? host : "", "%s[%zu]: host %s", table, index, match.host);
    cr_expect_eq(match.source, row->source, "%s[%zu]: source %s", table, index,
                 host_source_name(match.source));
    config_free(&config);
}

#define CHECK(table)                                                                               \
    for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++)                                   \
    check(#table, i, &(table)[i])

/* One section, one SNI. */
#define YES(title, name)                                                                           \
    {                                                                                              \
        DOMAIN(title, ""), .sni = name, .want = title, .source = HOST_SNI                          \
    }
#define YES_AS(title, name, as)                                                                    \
    {                                                                                              \
        DOMAIN(title, ""), .sni = name, .host = as, .want = title, .source = HOST_SNI              \
    }
#define NO(title, name)                                                                            \
    {                                                                                              \
        DOMAIN(title, ""), .sni = name, .source = HOST_SNI                                         \
    }
/* The name is none: nothing is known of the peer. */
#define NOT_A_NAME(title, name)                                                                    \
    {                                                                                              \
        DOMAIN(title, ""), .sni = name, .host = ""                                                 \
    }

static const struct row vectors[] = {
    YES("*.example.com", "a.example.com"),
    NO("*.example.com", "example.com"),
    NOT_A_NAME("*.example.com", "..example.com"),
    NOT_A_NAME("*.example.com", "a..example.com"),
    NO("*.example.com", "a.b.example.com"),
    NO("*.example.com", "a.example.com.notexample.com"),
    NO("*.example.com", "notexample.com"),
    NO("*.example.com", "ple.com"),
    NO("*.example.com", "com"),
    NO("*.example.com", "m"),
    NO("*.example.com", "192.0.2.7"),
    YES("**.example.com", "example.com"),
    YES("**.example.com", "a.example.com"),
    YES("**.example.com", "a.b.example.com"),
    YES("**.example.com", "a.b.c.d.e.f.example.com"),
    NO("**.example.com", "xample.com"),
    NO("**.example.com", "dexample.com"),
    NO("**.example.com", "barnexample.com"),
    NO("**.example.com", "com"),
    NO("**.example.com", "example.com.test"),
    NOT_A_NAME("**.example.com", ".example.com"),
    NOT_A_NAME("**.example.com", "sub..example.com"),
    YES("example.com", "example.com"),
    YES_AS("example.com", "EXAMPLE.com", "example.com"),
    YES_AS("example.com", "example.com.", "example.com"),
    YES_AS("example.com", "example.com..", "example.com"),
    YES_AS("*.example.com", "A.Example.COM.", "a.example.com"),
    YES("EXAMPLE.com", "example.com"),
    YES("example.com.", "example.com"),
    YES("**.EXAMPLE.com..", "a.example.com"),
    NO("example.com", "a.example.com"),
    NO("example.com", "example.co"),
    NO("example.com", "xexample.com"),
    NOT_A_NAME("example.com", ".example.com"),
    NOT_A_NAME("example.com", "example.com "),
    NOT_A_NAME("example.com", "."),
    NOT_A_NAME("example.com", ""),
    YES("**.com", "com"),
    YES("*.com", "example.com"),
    YES("xn--bcher-kva.example", "xn--bcher-kva.example"),
};

Test(lookup, vectors)
{
    CHECK(vectors);
}

#define NEST                                                                                       \
    DOMAIN("api.example.com", "")                                                                  \
    DOMAIN("*.example.com", "")                                                                    \
    DOMAIN("**.example.com", "")                                                                   \
    DOMAIN("**.b.example.com", "")                                                                 \
    DOMAIN("*.b.example.com", "")                                                                  \
    DOMAIN("**.com", "")
#define UNDER DOMAIN("example.test", "include_subdomains = true") DOMAIN("foo.example.test", "")
#define TAKEN                                                                                      \
    DOMAIN("**.example.com", "")                                                                   \
    "domain \"free.example.com\" { mode = \"off\" }\n"                                             \
    "domain \"**.lab.example.com\" { mode = \"off\" }\n"

#define RANK(text, name, title)                                                                    \
    {                                                                                              \
        text, .sni = name, .want = title, .source = HOST_SNI                                       \
    }

static const struct row ranks[] = {
    RANK(NEST, "api.example.com", "api.example.com"),
    RANK(NEST, "www.example.com", "*.example.com"), /* `*.` before `**.` */
    RANK(NEST, "example.com", "**.example.com"),
    RANK(NEST, "x.api.example.com", "**.example.com"),
    RANK(NEST, "b.example.com", "**.b.example.com"), /* the longest suffix */
    RANK(NEST, "x.b.example.com", "*.b.example.com"),
    RANK(NEST, "y.x.b.example.com", "**.b.example.com"),
    RANK(NEST, "other.com", "**.com"),
    RANK(NEST, "com", "**.com"),
    RANK(NEST, "example.org", NULL),
    RANK(UNDER, "example.test", "example.test"),
    RANK(UNDER, "bar.example.test", "example.test"),
    RANK(UNDER, "a.b.example.test", "example.test"),
    RANK(UNDER, "foo.example.test", "foo.example.test"), /* hides only what it names itself */
    RANK(UNDER, "a.foo.example.test", "example.test"),
    RANK(UNDER, "xexample.test", NULL),
    RANK(DOMAIN("**.example.test", "include_subdomains = true"), "a.b.example.test",
         "**.example.test"),
    RANK(DOMAIN("example.test", "include_subdomains = false"), "a.example.test", NULL),
    RANK(TAKEN, "www.example.com", "**.example.com"),
    RANK(TAKEN, "free.example.com", "free.example.com"),
    RANK(TAKEN, "x.free.example.com", "**.example.com"),
    RANK(TAKEN, "lab.example.com", "**.lab.example.com"),
    RANK(TAKEN, "x.y.lab.example.com", "**.lab.example.com"),
};

Test(lookup, the_most_specific_wins)
{
    CHECK(ranks);
}

#define PORTS                                                                                      \
    DOMAIN("a.test", "ports = {443, 8443} owner = \"web\"")                                        \
    DOMAIN("a.test", "ports = {636} owner = \"ldap\"")                                             \
    DOMAIN("**.test", "")                                                                          \
    DOMAIN("b.test", "ports = {443}")

#define PORT(name, number, likely, title)                                                          \
    {                                                                                              \
        PORTS, .sni = name, .port = number, .likely_port = likely, .want = title,                  \
               .source = HOST_SNI                                                                  \
    }

static const struct row ports[] = {
    PORT("a.test", 443, 0, "web"),      PORT("a.test", 8443, 0, "web"),
    PORT("a.test", 636, 0, "ldap"),     PORT("a.test", 636, 443, "ldap"),
    PORT("a.test", 25, 0, "**.test"), /* falls to the next section that matches */
    PORT("a.test", 25, 443, "**.test"), PORT("a.test", 0, 443, "web"),
    PORT("a.test", 0, 636, "ldap"),     PORT("b.test", 443, 0, "b.test"),
    PORT("b.test", 444, 0, "**.test"),  PORT("b.test", 0, 0, "b.test"), /* unknown: any */
    PORT("b.test", 0, 25, "b.test"), /* a guess rules nothing out */
};

Test(lookup, ports)
{
    CHECK(ports);
}

/* Of sections that differ by their ports, an unknown port takes the strictest, whatever their order
 * and whatever the guess: the peer may have brought the guess about. */
#define STRICT_PIN "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define LENIENT(first, second)                                                                     \
    "domain \"a.test\" { ports = {" first "} mode = off }\n"                                       \
    "domain \"a.test\" { ports = {" second "} owner = \"strict\" pins = {" STRICT_PIN "} }\n"

#define STRICTEST(config_text, number, likely, title)                                              \
    {                                                                                              \
        config_text, .sni = "a.test", .port = number, .likely_port = likely, .want = title,        \
                     .source = HOST_SNI                                                            \
    }

static const struct row strictest[] = {
    STRICTEST(LENIENT("1", "2"), 0, 0, "strict"),
    STRICTEST(LENIENT("2", "1"), 0, 0, "strict"),
    STRICTEST(LENIENT("1", "2"), 0, 1, "strict"),
    STRICTEST(LENIENT("2", "1"), 0, 2, "strict"),
    STRICTEST(LENIENT("1", "2"), 1, 0, "a.test"),
    STRICTEST(LENIENT("1", "2"), 2, 0, "strict"),
    STRICTEST(DOMAIN("a.test", "ports = {1} mode = audit")
                  DOMAIN("a.test", "ports = {2} mode = enforce owner = \"strict\""),
              0, 1, "strict"),
};

Test(lookup, unknown_port_takes_the_strictest)
{
    CHECK(strictest);
}

Test(lookup, unknown_port_without_a_guess)
{
    struct row row = {PORTS, .sni = "a.test"};
    struct config config;
    struct policy_match match;

    must_load(scratch, row.config, &config);
    find(&row, &config, &match);
    cr_assert(match.section, "a port that cannot be known matches");
    cr_expect_str_eq(policy_string(config.policy, match.section->title), "a.test");
    config_free(&config);
}

#define NETS                                                                                       \
    DOMAIN("10.0.0.0/8", "")                                                                       \
    DOMAIN("10.1.0.0/16", "")                                                                      \
    DOMAIN("10.1.2.3", "")                                                                         \
    DOMAIN("10.1.2.4/32", "ports = {443}")                                                         \
    DOMAIN("2001:db8::/32", "")                                                                    \
    DOMAIN("2001:db8::/33", "")                                                                    \
    DOMAIN("2001:db8::1", "")                                                                      \
    DOMAIN("::/0", "")                                                                             \
    DOMAIN("named.test", "")

#define NET(ip, title)                                                                             \
    {                                                                                              \
        NETS, .address = ip, .host = ip, .want = title                                             \
    }
#define NET_SNI(ip, title)                                                                         \
    {                                                                                              \
        NETS, .sni = ip, .want = title, .source = HOST_SNI                                         \
    }

static const struct row networks[] = {
    NET("10.1.2.3", "10.1.2.3"),
    NET("10.1.2.4", "10.1.2.4/32"),
    NET("10.1.2.5", "10.1.0.0/16"),
    NET("10.1.255.255", "10.1.0.0/16"),
    NET("10.2.0.0", "10.0.0.0/8"),
    {NETS, .address = "10.1.2.4", .port = 80, .host = "10.1.2.4", .want = "10.1.0.0/16"},
    {NETS, .address = "11.0.0.0", .host = ""},
    {NETS, .address = "9.255.255.255", .host = ""},
    {NETS, .address = "::ffff:10.1.2.3", .host = "10.1.2.3", .want = "10.1.2.3"},
    NET("2001:db8::1", "2001:db8::1"),
    NET("2001:db8::2", "2001:db8::/33"),
    NET("2001:db8:8000::1", "2001:db8::/32"),
    NET("2001:db9::1", "::/0"),
    NET("::10.1.2.3", "::/0"), /* IPv4-compatible (RFC 4291 section 2.5.5.1), not mapped */
    NET_SNI("10.1.2.3", "10.1.2.3"),
    NET_SNI("2001:db8::1", "2001:db8::1"),
    {NETS, .sni = "[2001:DB8::1]", .host = "2001:db8::1", .want = "2001:db8::1",
     .source = HOST_SNI},
    {NETS, .sni = "::ffff:10.9.9.9", .host = "10.9.9.9", .want = "10.0.0.0/8", .source = HOST_SNI},
    {NETS, .verify_host = "10.1.2.3", .host = "10.1.2.3", .want = "10.1.2.3",
     .source = HOST_VERIFY},
    /* a name that no section names: the address, which then is the host */
    {NETS, .sni = "other.test", .address = "10.2.3.4", .host = "10.2.3.4", .want = "10.0.0.0/8"},
    {NETS, .sni = "other.test", .address = "192.0.2.1", .host = "other.test", .source = HOST_SNI},
    {NETS, .sni = "named.test", .address = "10.1.2.3", .host = "named.test", .want = "named.test",
     .source = HOST_SNI},
};

Test(lookup, networks)
{
    CHECK(networks);
}

#define HOSTS DOMAIN("a.test", "") DOMAIN("b.test", "") DOMAIN("c.test", "") DOMAIN("192.0.2.1", "")

static const struct row sources[] = {
    {HOSTS, .sni = "a.test", .verify_host = "a.test", .want = "a.test", .source = HOST_SNI},
    {HOSTS, .sni = "a.test", .verify_host = "b.test", .want = "a.test", .source = HOST_SNI},
    {HOSTS, .sni = "x.test", .verify_host = "b.test", .host = "b.test", .want = "b.test",
     .source = HOST_VERIFY},
    {HOSTS, .sni = "x.test", .verify_host = "y.test", .host = "x.test", .source = HOST_SNI},
    {HOSTS, .verify_host = "b.test", .host = "b.test", .want = "b.test", .source = HOST_VERIFY},
    {HOSTS, .sni = "", .verify_host = "B.test.", .host = "b.test", .want = "b.test",
     .source = HOST_VERIFY},
    {HOSTS, .verify_host = "y.test", .resolved = "c.test", .host = "y.test", .source = HOST_VERIFY},
    {HOSTS, .sni = "x.test", .resolved = "c.test", .host = "x.test", .source = HOST_SNI},
    {HOSTS, .resolved = "c.test", .host = "c.test", .want = "c.test", .source = HOST_RESOLVER},
    {HOSTS, .resolved = "C.TEST.", .host = "c.test", .want = "c.test", .source = HOST_RESOLVER},
    {HOSTS, .resolved = "z.test", .host = "z.test", .source = HOST_RESOLVER},
    {HOSTS, .resolved = "z.test", .address = "192.0.2.1", .host = "192.0.2.1", .want = "192.0.2.1"},
    {HOSTS, .resolved = "c.test", .address = "192.0.2.1", .host = "c.test", .want = "c.test",
     .source = HOST_RESOLVER},
    {HOSTS, .sni = "x.test", .verify_host = "y.test", .resolved = "c.test", .address = "192.0.2.1",
     .host = "192.0.2.1", .want = "192.0.2.1"},
    {HOSTS, .address = "192.0.2.2", .host = ""},
    {HOSTS, .host = ""},
    {"", .sni = "a.test", .source = HOST_SNI},
};

Test(lookup, sources)
{
    CHECK(sources);
}

#define PROGRAMS                                                                                   \
    DOMAIN("a.test", "owner = \"global\"")                                                         \
    DOMAIN("d.test", "owner = \"global d\"")                                                       \
    "program \"curl\" {\n" DOMAIN("**.test", "owner = \"curl\"") DOMAIN(                           \
        "10.0.0.0/8",                                                                              \
        "owner = \"curl net\"") "}\n"                                                              \
                                "program \"/opt/legacy/bin/curl\" {\n" DOMAIN(                     \
                                    "a.test",                                                      \
                                    "owner = \"legacy\"") "}\n"                                    \
                                                          "program \"quiet\" { mode = \"audit\" "  \
                                                          "}\n" DOMAIN("10.1.0.0/16",              \
                                                                       "owner = \"global net\"")

#define PROGRAM(executable, name, title)                                                           \
    {                                                                                              \
        PROGRAMS, .program = executable, .sni = name, .want = title, .source = HOST_SNI            \
    }

static const struct row programs[] = {
    PROGRAM(NULL, "a.test", "global"),
    PROGRAM("wget", "a.test", "global"),
    PROGRAM("CURL", "a.test", "global"), /* file names have case */
    PROGRAM("curl", "a.test", "curl"),   /* a program's before an exact global one */
    PROGRAM("/usr/bin/curl", "a.test", "curl"),
    PROGRAM("/opt/legacy/bin/curl", "a.test", "legacy"), /* a path before a name */
    PROGRAM("/opt/legacy/bin/curl", "d.test", "global d"),
    PROGRAM("curl", "a.example", NULL),
    PROGRAM("quiet", "a.test", "global"),
    {PROGRAMS, .program = "curl", .address = "10.1.2.3", .host = "10.1.2.3", .want = "curl net"},
    {PROGRAMS, .program = "wget", .address = "10.1.2.3", .host = "10.1.2.3", .want = "global net"},
    {PROGRAMS, .program = "wget", .address = "10.2.2.3", .host = ""},
    /* the first name that any section names, the program's or a global one */
    {PROGRAMS, .program = "/opt/legacy/bin/curl", .sni = "d.test", .verify_host = "a.test",
     .want = "global d", .source = HOST_SNI},
};

Test(lookup, programs)
{
    CHECK(programs);
}
