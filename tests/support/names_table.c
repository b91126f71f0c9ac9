#include "tests/support/names_table.h"

#define PINS "pins = {\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} "
#define D_WITH(title, options) "domain \"" title "\" { " PINS options " }\n"
#define D(title) D_WITH(title, "")
#define OFF(title) "domain \"" title "\" { mode = \"off\" }\n"
#define PROGRAM(title, inside) "program \"" title "\" {\n" inside "}\n"

/* The longest label, and the longest name (RFC 1035 section 2.3.4). */
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define N189 L63 "." L61 "." L63
#define N253 L63 "." N189

static const char EXACT[] = D("example.com");
static const char ONE[] = D("*.example.com");
static const char ANY[] = D("**.example.com");
static const char SUBDOMAINS[] = D_WITH("example.com", "include_subdomains = true");
static const char NO_SUBDOMAINS[] = D_WITH("example.com", "include_subdomains = false");
static const char SPELT[] = D("EXAMPLE.Com.") D("*.Example.ORG") D("**.example.NET..");
static const char SINGLE[] = D("localhost") D("**.internal") D("*.lan");
static const char A_LABELS[] = D("xn--bcher-kva.example") D("*.xn--mnchen-3ya.example");
static const char UNDERSCORES[] = D("_dmarc.example.com") D("*._tcp.example.com") D("a_b.test");
static const char LONG[] = D(N253) D("*." N189);

/* Which of several wins. */
static const char NEST[] = D("**.com") D("**.example.com") D("*.example.com") D("api.example.com")
    D("*.b.example.com") D("**.b.example.com") D("**.d.example.com") D("*.com");
static const char HIDES[] =
    D_WITH("example.test", "include_subdomains = true") D("foo.example.test");
static const char TAKEN[] = D("**.example.com") OFF("free.example.com") OFF("**.lab.example.com")
    D("pinned.lab.example.com") D("10.0.0.0/8") OFF("10.1.0.0/16");

/* Addresses. */
static const char NETS[] = D("10.0.0.0/8") D("10.1.0.0/16") D("10.1.2.0/24") D("10.1.2.3")
    D("172.16.0.0/12") D("192.0.2.1/32") D("2001:db8::/32") D("2001:db8::/64") D("2001:db8::1")
        D("::ffff:198.51.100.0/120") D("named.test") D("**.wide.test");
static const char ALL4[] = D("0.0.0.0/0") D("**.test");
static const char ALL6[] = D("::/0") D("**.test");
static const char NO_NETS[] = D("**.com") D("*.test") D("**.arpa") D("a.test");

/* Ports. Titles of one name are told apart by their case. */
static const char PORTS[] =
    D_WITH("a.test", "ports = {443, 8443}") D_WITH("A.test", "ports = {636}") D("**.test")
        D_WITH("b.test", "ports = {443}") D_WITH("c.example", "ports = {443}") D("d.example")
            D_WITH("10.0.0.1", "ports = {443}") D("10.0.0.0/8");
static const char OFF_OR_ON[] =
    "domain \"a.test\" { ports = {1} mode = \"off\" }\n" D_WITH("A.test", "ports = {2}");
static const char ON_OR_OFF[] =
    D_WITH("A.test", "ports = {1}") "domain \"a.test\" { ports = {2} mode = \"off\" }\n";
static const char AUDIT_OR_UNSAID[] =
    D_WITH("a.test", "ports = {1} mode = \"audit\"") D_WITH("A.test", "ports = {2}");
static const char UNSAID_OR_ENFORCE[] = "mode = \"audit\"\n" D_WITH("a.test", "ports = {1}")
    D_WITH("A.test", "ports = {2} mode = \"enforce\"");
static const char ENFORCE_OR_UNSAID[] =
    "mode = \"audit\"\n" D_WITH("A.test", "ports = {1} mode = \"enforce\"")
        D_WITH("a.test", "ports = {2}");

/* Where the name comes from. */
static const char HOSTS[] = D("a.test") D("b.test") D("c.test") D("192.0.2.1") D("198.51.100.7");

/* Programs. */
static const char PROGRAMS[] = D("a.test") D("b.test") D("only.example") D("10.1.0.0/16")
    PROGRAM("curl", D("**.test") D("10.0.0.0/8") OFF("B.test"))
        PROGRAM("/opt/legacy/bin/curl", D("A.test")) PROGRAM("legacyd", D("db.internal"))
            PROGRAM("quiet", "mode = \"audit\"\n");
static const char PORTS_OF_CURL[] =
    D("D.test") PROGRAM("curl", D("**.test") D_WITH("d.test", "ports = {443}"));

const struct names_row NAMES_TABLE[] = {
    /* an exact name */
    {EXACT, "sni=example.com", "example.com", "example.com", "sni"},
    {EXACT, "sni=EXAMPLE.com", "example.com", "example.com", "sni"},
    {EXACT, "sni=eXaMpLe.CoM", "example.com", "example.com", "sni"},
    {EXACT, "sni=example.com.", "example.com", "example.com", "sni"},
    {EXACT, "sni=example.com..", "example.com", "example.com", "sni"},
    {EXACT, "sni=EXAMPLE.COM...", "example.com", "example.com", "sni"},
    {EXACT, "verify=EXAMPLE.com.", "example.com", "example.com", "verify_host"},
    {EXACT, "resolved=EXAMPLE.com.", "example.com", "example.com", "resolver"},
    {EXACT, "sni=www.example.com", NULL, "www.example.com", "sni"},
    {EXACT, "sni=example.co", NULL, "example.co", "sni"},
    {EXACT, "sni=example.comm", NULL, "example.comm", "sni"},
    {EXACT, "sni=example.com.test", NULL, "example.com.test", "sni"},
    {EXACT, "sni=xexample.com", NULL, "xexample.com", "sni"},
    {EXACT, "sni=xample.com", NULL, "xample.com", "sni"},
    {EXACT, "sni=examplexcom", NULL, "examplexcom", "sni"},
    {EXACT, "sni=example-com", NULL, "example-com", "sni"},
    {EXACT, "sni=example", NULL, "example", "sni"},
    {EXACT, "sni=com", NULL, "com", "sni"},
    {EXACT, "sni=.example.com", NULL, "", "none"},
    {EXACT, "sni=sub..example.com", NULL, "", "none"},
    {EXACT, "sni=example..com", NULL, "", "none"},
    {EXACT, "sni=.", NULL, "", "none"},
    {EXACT, "sni=...", NULL, "", "none"},
    {EXACT, "sni=", NULL, "", "none"},
    {EXACT, "", NULL, "", "none"},
    {EXACT, "sni=192.0.2.7", NULL, "192.0.2.7", "sni"},
    {"", "sni=example.com", NULL, "example.com", "sni"},
    /* one label more */
    {ONE, "sni=a.example.com", "*.example.com", "a.example.com", "sni"},
    {ONE, "sni=A.Example.COM.", "*.example.com", "a.example.com", "sni"},
    {ONE, "verify=a.example.com", "*.example.com", "a.example.com", "verify_host"},
    {ONE, "resolved=a.example.com", "*.example.com", "a.example.com", "resolver"},
    {ONE, "sni=xn--bcher-kva.example.com", "*.example.com", "xn--bcher-kva.example.com", "sni"},
    {ONE, "sni=_sip.example.com", "*.example.com", "_sip.example.com", "sni"},
    {ONE, "sni=1.example.com", "*.example.com", "1.example.com", "sni"},
    {ONE, "sni=example.com", NULL, "example.com", "sni"},
    {ONE, "sni=..example.com", NULL, "", "none"},
    {ONE, "sni=.example.com", NULL, "", "none"},
    {ONE, "sni=a..example.com", NULL, "", "none"},
    {ONE, "sni=a.b.example.com", NULL, "a.b.example.com", "sni"},
    {ONE, "sni=a.example.com.notexample.com", NULL, "a.example.com.notexample.com", "sni"},
    {ONE, "sni=notexample.com", NULL, "notexample.com", "sni"},
    {ONE, "sni=a.notexample.com", NULL, "a.notexample.com", "sni"},
    {ONE, "sni=a-example.com", NULL, "a-example.com", "sni"},
    {ONE, "sni=ple.com", NULL, "ple.com", "sni"},
    {ONE, "sni=com", NULL, "com", "sni"},
    {ONE, "sni=m", NULL, "m", "sni"},
    {ONE, "sni=192.0.2.7", NULL, "192.0.2.7", "sni"},
    {ONE, "address=192.0.2.7", NULL, "", "none"},
    /* any number of labels more */
    {ANY, "sni=example.com", "**.example.com", "example.com", "sni"},
    {ANY, "sni=EXAMPLE.com.", "**.example.com", "example.com", "sni"},
    {ANY, "sni=a.example.com", "**.example.com", "a.example.com", "sni"},
    {ANY, "sni=a.b.example.com", "**.example.com", "a.b.example.com", "sni"},
    {ANY, "sni=a.b.c.d.e.f.g.example.com", "**.example.com", "a.b.c.d.e.f.g.example.com", "sni"},
    {ANY, "verify=a.b.example.com", "**.example.com", "a.b.example.com", "verify_host"},
    {ANY, "resolved=A.b.example.com.", "**.example.com", "a.b.example.com", "resolver"},
    {ANY, "sni=xample.com", NULL, "xample.com", "sni"},
    {ANY, "sni=dexample.com", NULL, "dexample.com", "sni"},
    {ANY, "sni=barnexample.com", NULL, "barnexample.com", "sni"},
    {ANY, "sni=a.barnexample.com", NULL, "a.barnexample.com", "sni"},
    {ANY, "sni=example.com.test", NULL, "example.com.test", "sni"},
    {ANY, "sni=com", NULL, "com", "sni"},
    {ANY, "sni=m", NULL, "m", "sni"},
    {ANY, "sni=.example.com", NULL, "", "none"},
    {ANY, "sni=a..example.com", NULL, "", "none"},
    {ANY, "sni=192.0.2.7", NULL, "192.0.2.7", "sni"},
    {ANY, "sni=2001:db8::1", NULL, "2001:db8::1", "sni"},
    /* include_subdomains */
    {SUBDOMAINS, "sni=example.com", "example.com", "example.com", "sni"},
    {SUBDOMAINS, "sni=a.example.com", "example.com", "a.example.com", "sni"},
    {SUBDOMAINS, "sni=A.B.example.com.", "example.com", "a.b.example.com", "sni"},
    {SUBDOMAINS, "sni=dexample.com", NULL, "dexample.com", "sni"},
    {SUBDOMAINS, "sni=com", NULL, "com", "sni"},
    {SUBDOMAINS, "sni=a..example.com", NULL, "", "none"},
    {NO_SUBDOMAINS, "sni=example.com", "example.com", "example.com", "sni"},
    {NO_SUBDOMAINS, "sni=a.example.com", NULL, "a.example.com", "sni"},
    /* titles in other spellings */
    {SPELT, "sni=example.com", "EXAMPLE.Com.", "example.com", "sni"},
    {SPELT, "sni=Example.com.", "EXAMPLE.Com.", "example.com", "sni"},
    {SPELT, "sni=a.example.org", "*.Example.ORG", "a.example.org", "sni"},
    {SPELT, "sni=example.net", "**.example.NET..", "example.net", "sni"},
    {SPELT, "sni=a.b.example.net", "**.example.NET..", "a.b.example.net", "sni"},
    {SPELT, "sni=a.example.com", NULL, "a.example.com", "sni"},
    /* single labels */
    {SINGLE, "sni=localhost", "localhost", "localhost", "sni"},
    {SINGLE, "sni=LOCALHOST.", "localhost", "localhost", "sni"},
    {SINGLE, "sni=a.localhost", NULL, "a.localhost", "sni"},
    {SINGLE, "sni=internal", "**.internal", "internal", "sni"},
    {SINGLE, "sni=a.internal", "**.internal", "a.internal", "sni"},
    {SINGLE, "sni=a.b.internal", "**.internal", "a.b.internal", "sni"},
    {SINGLE, "sni=xinternal", NULL, "xinternal", "sni"},
    {SINGLE, "sni=box.lan", "*.lan", "box.lan", "sni"},
    {SINGLE, "sni=lan", NULL, "lan", "sni"},
    {SINGLE, "sni=a.box.lan", NULL, "a.box.lan", "sni"},
    /* A-labels; U-labels are no names on the wire */
    {A_LABELS, "sni=xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example",
     "sni"},
    {A_LABELS, "sni=XN--BCHER-KVA.example.", "xn--bcher-kva.example", "xn--bcher-kva.example",
     "sni"},
    {A_LABELS, "sni=www.xn--mnchen-3ya.example", "*.xn--mnchen-3ya.example",
     "www.xn--mnchen-3ya.example", "sni"},
    {A_LABELS, "sni=b\xc3\xbc\x63her.example", NULL, "", "none"},
    {A_LABELS, "sni=bucher.example", NULL, "bucher.example", "sni"},
    {A_LABELS, "sni=bcher-kva.example", NULL, "bcher-kva.example", "sni"},
    /* underscores */
    {UNDERSCORES, "sni=_dmarc.example.com", "_dmarc.example.com", "_dmarc.example.com", "sni"},
    {UNDERSCORES, "sni=_DMARC.Example.com", "_dmarc.example.com", "_dmarc.example.com", "sni"},
    {UNDERSCORES, "sni=_443._tcp.example.com", "*._tcp.example.com", "_443._tcp.example.com",
     "sni"},
    {UNDERSCORES, "sni=_tcp.example.com", NULL, "_tcp.example.com", "sni"},
    {UNDERSCORES, "sni=a_b.test", "a_b.test", "a_b.test", "sni"},
    {UNDERSCORES, "sni=a-b.test", NULL, "a-b.test", "sni"},
    /* as long as a name can be, and longer */
    {LONG, "sni=" N253, N253, N253, "sni"},
    {LONG, "sni=" N253 ".", N253, N253, "sni"},
    {LONG, "sni=" N253 "..", N253, N253, "sni"},
    {LONG, "sni=a." N189, "*." N189, "a." N189, "sni"},
    {LONG, "sni=" N189, NULL, N189, "sni"},
    {LONG, "sni=" N253 "a", NULL, "", "none"},
    {LONG, "sni=a" N253, NULL, "", "none"},
    {LONG, "sni=a." N253, NULL, "", "none"},
    /* the most specific */
    {NEST, "sni=api.example.com", "api.example.com", "api.example.com", "sni"},
    {NEST, "sni=www.example.com", "*.example.com", "www.example.com", "sni"},
    {NEST, "sni=example.com", "**.example.com", "example.com", "sni"},
    {NEST, "sni=x.api.example.com", "**.example.com", "x.api.example.com", "sni"},
    {NEST, "sni=b.example.com", "**.b.example.com", "b.example.com", "sni"},
    {NEST, "sni=x.b.example.com", "*.b.example.com", "x.b.example.com", "sni"},
    {NEST, "sni=y.x.b.example.com", "**.b.example.com", "y.x.b.example.com", "sni"},
    {NEST, "sni=d.example.com", "**.d.example.com", "d.example.com", "sni"},
    {NEST, "sni=x.d.example.com", "**.d.example.com", "x.d.example.com", "sni"},
    {NEST, "sni=other.com", "*.com", "other.com", "sni"},
    {NEST, "sni=a.other.com", "**.com", "a.other.com", "sni"},
    {NEST, "sni=com", "**.com", "com", "sni"},
    {NEST, "sni=example.org", NULL, "example.org", "sni"},
    {HIDES, "sni=example.test", "example.test", "example.test", "sni"},
    {HIDES, "sni=bar.example.test", "example.test", "bar.example.test", "sni"},
    {HIDES, "sni=foo.example.test", "foo.example.test", "foo.example.test", "sni"},
    {HIDES, "sni=a.foo.example.test", "example.test", "a.foo.example.test", "sni"},
    {HIDES, "sni=xfoo.example.test", "example.test", "xfoo.example.test", "sni"},
    {HIDES, "sni=xexample.test", NULL, "xexample.test", "sni"},
    /* taken out of a wider one */
    {TAKEN, "sni=www.example.com", "**.example.com", "www.example.com", "sni"},
    {TAKEN, "sni=free.example.com", "free.example.com", "free.example.com", "sni"},
    {TAKEN, "sni=x.free.example.com", "**.example.com", "x.free.example.com", "sni"},
    {TAKEN, "sni=lab.example.com", "**.lab.example.com", "lab.example.com", "sni"},
    {TAKEN, "sni=x.y.lab.example.com", "**.lab.example.com", "x.y.lab.example.com", "sni"},
    {TAKEN, "sni=pinned.lab.example.com", "pinned.lab.example.com", "pinned.lab.example.com",
     "sni"},
    {TAKEN, "address=10.1.2.3", "10.1.0.0/16", "10.1.2.3", "none"},
    {TAKEN, "address=10.2.2.3", "10.0.0.0/8", "10.2.2.3", "none"},
    {TAKEN, "sni=free.example.com address=10.2.2.3", "free.example.com", "free.example.com", "sni"},
    {TAKEN, "sni=free.example.com verify=www.example.com", "free.example.com", "free.example.com",
     "sni"},
    /* addresses: the longest prefix */
    {NETS, "address=10.1.2.3", "10.1.2.3", "10.1.2.3", "none"},
    {NETS, "address=10.1.2.4", "10.1.2.0/24", "10.1.2.4", "none"},
    {NETS, "address=10.1.2.255", "10.1.2.0/24", "10.1.2.255", "none"},
    {NETS, "address=10.1.3.0", "10.1.0.0/16", "10.1.3.0", "none"},
    {NETS, "address=10.1.255.255", "10.1.0.0/16", "10.1.255.255", "none"},
    {NETS, "address=10.2.0.0", "10.0.0.0/8", "10.2.0.0", "none"},
    {NETS, "address=10.255.255.255", "10.0.0.0/8", "10.255.255.255", "none"},
    {NETS, "address=9.255.255.255", NULL, "", "none"},
    {NETS, "address=11.0.0.0", NULL, "", "none"},
    {NETS, "address=172.16.0.1", "172.16.0.0/12", "172.16.0.1", "none"},
    {NETS, "address=172.31.255.255", "172.16.0.0/12", "172.31.255.255", "none"},
    {NETS, "address=172.32.0.0", NULL, "", "none"},
    {NETS, "address=172.15.255.255", NULL, "", "none"},
    {NETS, "address=192.0.2.1", "192.0.2.1/32", "192.0.2.1", "none"},
    {NETS, "address=192.0.2.2", NULL, "", "none"},
    {NETS, "address=2001:db8::1", "2001:db8::1", "2001:db8::1", "none"},
    {NETS, "address=2001:db8::2", "2001:db8::/64", "2001:db8::2", "none"},
    {NETS, "address=2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64",
     "2001:db8::ffff:ffff:ffff:ffff", "none"},
    {NETS, "address=2001:db8:0:1::", "2001:db8::/32", "2001:db8:0:1::", "none"},
    {NETS, "address=2001:db9::", NULL, "", "none"},
    {ALL4, "address=203.0.113.9", "0.0.0.0/0", "203.0.113.9", "none"},
    {ALL4, "address=::ffff:203.0.113.9", "0.0.0.0/0", "203.0.113.9", "none"},
    {ALL4, "address=2001:db8::1", NULL, "", "none"},
    {ALL4, "sni=a.test address=203.0.113.9", "**.test", "a.test", "sni"},
    {ALL4, "sni=a.example address=203.0.113.9", "0.0.0.0/0", "203.0.113.9", "none"},
    {ALL4, "sni=a.example", NULL, "a.example", "sni"},
    {ALL6, "address=2001:db8::1", "::/0", "2001:db8::1", "none"},
    {ALL6, "address=203.0.113.9", NULL, "", "none"},
    {ALL6, "address=::ffff:203.0.113.9", NULL, "", "none"},
    {ALL6, "address=::203.0.113.9", "::/0", "::203.0.113.9", "none"},
    /* addresses: spellings */
    {NETS, "address=::ffff:10.1.2.3", "10.1.2.3", "10.1.2.3", "none"},
    {NETS, "sni=::ffff:10.1.2.3", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=::FFFF:10.1.2.3", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=::ffff:a01:203", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=0:0:0:0:0:ffff:a01:203", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=0000:0000:0000:0000:0000:ffff:0a01:0203", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=[::ffff:10.1.2.3]", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "verify=::ffff:10.1.2.9", "10.1.2.0/24", "10.1.2.9", "verify_host"},
    {NETS, "address=198.51.100.77", "::ffff:198.51.100.0/120", "198.51.100.77", "none"},
    {NETS, "address=::ffff:198.51.100.77", "::ffff:198.51.100.0/120", "198.51.100.77", "none"},
    {NETS, "address=198.51.101.1", NULL, "", "none"},
    {NETS, "sni=10.1.2.3", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=10.1.2.3.", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "verify=10.1.2.3", "10.1.2.3", "10.1.2.3", "verify_host"},
    {NETS, "sni=2001:DB8::1", "2001:db8::1", "2001:db8::1", "sni"},
    {NETS, "sni=2001:db8:0:0:0:0:0:1", "2001:db8::1", "2001:db8::1", "sni"},
    {NETS, "sni=2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1", "2001:db8::1", "sni"},
    {NETS, "sni=2001:db8::0.0.0.1", "2001:db8::1", "2001:db8::1", "sni"},
    {NETS, "sni=[2001:db8::1]", "2001:db8::1", "2001:db8::1", "sni"},
    {NETS, "verify=2001:DB8::0:2", "2001:db8::/64", "2001:db8::2", "verify_host"},
    {NETS, "sni=10.1.2", NULL, "10.1.2", "sni"},
    {NETS, "sni=010.1.2.3", NULL, "010.1.2.3", "sni"},
    {NETS, "sni=0x0a010203", NULL, "0x0a010203", "sni"},
    {NETS, "sni=167838211", NULL, "167838211", "sni"},
    {NETS, "sni=10.1.2.3.example", NULL, "10.1.2.3.example", "sni"},
    /* addresses: beside names, and no wildcard is for one */
    {NETS, "sni=other.test address=10.1.2.3", "10.1.2.3", "10.1.2.3", "none"},
    {NETS, "verify=other.test address=10.1.2.3", "10.1.2.3", "10.1.2.3", "none"},
    {NETS, "resolved=other.test address=10.1.2.3", "10.1.2.3", "10.1.2.3", "none"},
    {NETS, "sni=a..test address=10.1.2.3", "10.1.2.3", "10.1.2.3", "none"},
    {NETS, "sni=other.test address=192.0.2.9", NULL, "other.test", "sni"},
    {NETS, "sni=named.test address=10.1.2.3", "named.test", "named.test", "sni"},
    {NETS, "verify=named.test address=10.1.2.3", "named.test", "named.test", "verify_host"},
    {NETS, "resolved=named.test address=10.1.2.3", "named.test", "named.test", "resolver"},
    {NETS, "sni=a.wide.test address=10.1.2.3", "**.wide.test", "a.wide.test", "sni"},
    {NETS, "sni=10.1.2.3 address=192.0.2.1", "10.1.2.3", "10.1.2.3", "sni"},
    {NETS, "sni=192.0.2.9 address=192.0.2.1", "192.0.2.1/32", "192.0.2.1", "none"},
    {NO_NETS, "address=192.0.2.1", NULL, "", "none"},
    {NO_NETS, "sni=192.0.2.1", NULL, "192.0.2.1", "sni"},
    {NO_NETS, "verify=2001:db8::1", NULL, "2001:db8::1", "verify_host"},
    {NO_NETS, "sni=1.2.0.192.in-addr.arpa address=192.0.2.1", "**.arpa", "1.2.0.192.in-addr.arpa",
     "sni"},
    /* ports that are known */
    {PORTS, "sni=a.test port=443", "a.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=8443", "a.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=636", "A.test", "a.test", "sni"},
    {PORTS, "sni=A.TEST. port=636", "A.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=636 likely=443", "A.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=25", "**.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=25 likely=443", "**.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=44", "**.test", "a.test", "sni"},
    {PORTS, "sni=a.test port=65535", "**.test", "a.test", "sni"},
    {PORTS, "sni=b.test port=443", "b.test", "b.test", "sni"},
    {PORTS, "sni=b.test port=444", "**.test", "b.test", "sni"},
    {PORTS, "sni=c.example port=443", "c.example", "c.example", "sni"},
    {PORTS, "sni=c.example port=444", NULL, "c.example", "sni"},
    {PORTS, "sni=c.example verify=d.example port=444", "d.example", "d.example", "verify_host"},
    {PORTS, "sni=c.example verify=d.example port=443", "c.example", "c.example", "sni"},
    {PORTS, "sni=c.example address=10.0.0.1 port=443", "c.example", "c.example", "sni"},
    {PORTS, "sni=c.example address=10.0.0.1 port=444", "10.0.0.0/8", "10.0.0.1", "none"},
    {PORTS, "address=10.0.0.1 port=443", "10.0.0.1", "10.0.0.1", "none"},
    {PORTS, "address=10.0.0.1 port=444", "10.0.0.0/8", "10.0.0.1", "none"},
    {PORTS, "sni=10.0.0.1 port=444", "10.0.0.0/8", "10.0.0.1", "sni"},
    {OFF_OR_ON, "sni=a.test port=1", "a.test", "a.test", "sni"},
    {OFF_OR_ON, "sni=a.test port=2", "A.test", "a.test", "sni"},
    {OFF_OR_ON, "sni=a.test port=3", NULL, "a.test", "sni"},
    /* ports that cannot be known: any; of several the strictest, then the likely one */
    {PORTS, "sni=b.test", "b.test", "b.test", "sni"},
    {PORTS, "sni=b.test likely=25", "b.test", "b.test", "sni"},
    {PORTS, "sni=c.example", "c.example", "c.example", "sni"},
    {PORTS, "address=10.0.0.1", "10.0.0.1", "10.0.0.1", "none"},
    {PORTS, "sni=a.test likely=443", "a.test", "a.test", "sni"},
    {PORTS, "sni=a.test likely=636", "A.test", "a.test", "sni"},
    {OFF_OR_ON, "sni=a.test", "A.test", "a.test", "sni"},
    {OFF_OR_ON, "sni=a.test likely=1", "A.test", "a.test", "sni"},
    {ON_OR_OFF, "sni=a.test", "A.test", "a.test", "sni"},
    {ON_OR_OFF, "sni=a.test likely=2", "A.test", "a.test", "sni"},
    {AUDIT_OR_UNSAID, "sni=a.test likely=1", "A.test", "a.test", "sni"},
    {UNSAID_OR_ENFORCE, "sni=a.test", "A.test", "a.test", "sni"},
    {UNSAID_OR_ENFORCE, "sni=a.test likely=1", "A.test", "a.test", "sni"},
    {ENFORCE_OR_UNSAID, "sni=a.test likely=2", "A.test", "a.test", "sni"},
    /* where the name comes from */
    {HOSTS, "sni=a.test verify=a.test", "a.test", "a.test", "sni"},
    {HOSTS, "sni=a.test verify=b.test", "a.test", "a.test", "sni"},
    {HOSTS, "sni=x.test verify=b.test", "b.test", "b.test", "verify_host"},
    {HOSTS, "sni=x.test verify=y.test", NULL, "x.test", "sni"},
    {HOSTS, "sni=a..test verify=b.test", "b.test", "b.test", "verify_host"},
    {HOSTS, "sni=a..test verify=y.test", NULL, "y.test", "verify_host"},
    {HOSTS, "sni=a.test verify=b..test", "a.test", "a.test", "sni"},
    {HOSTS, "verify=b.test", "b.test", "b.test", "verify_host"},
    {HOSTS, "sni= verify=B.test.", "b.test", "b.test", "verify_host"},
    {HOSTS, "sni=x.test verify=192.0.2.1", "192.0.2.1", "192.0.2.1", "verify_host"},
    {HOSTS, "sni=a.test verify=192.0.2.1", "a.test", "a.test", "sni"},
    {HOSTS, "resolved=c.test", "c.test", "c.test", "resolver"},
    {HOSTS, "resolved=z.test", NULL, "z.test", "resolver"},
    {HOSTS, "resolved=c..test", NULL, "", "none"},
    {HOSTS, "sni=x.test resolved=c.test", NULL, "x.test", "sni"},
    {HOSTS, "verify=y.test resolved=c.test", NULL, "y.test", "verify_host"},
    {HOSTS, "sni=a.test resolved=c.test", "a.test", "a.test", "sni"},
    {HOSTS, "sni=a..test resolved=c.test", NULL, "", "none"},
    {HOSTS, "sni=. resolved=c.test", NULL, "", "none"},
    {HOSTS, "sni= resolved=c.test", "c.test", "c.test", "resolver"},
    {HOSTS, "resolved=c.test address=192.0.2.1", "c.test", "c.test", "resolver"},
    {HOSTS, "resolved=z.test address=192.0.2.1", "192.0.2.1", "192.0.2.1", "none"},
    {HOSTS, "sni=x.test verify=y.test resolved=c.test address=192.0.2.1", "192.0.2.1", "192.0.2.1",
     "none"},
    {HOSTS, "sni=198.51.100.7 address=192.0.2.1", "198.51.100.7", "198.51.100.7", "sni"},
    {HOSTS, "address=192.0.2.2", NULL, "", "none"},
    {HOSTS, "sni=a..test address=192.0.2.2", NULL, "", "none"},
    {HOSTS, "", NULL, "", "none"},
    /* programs */
    {PROGRAMS, "sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=wget sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=curl sni=a.test", "**.test", "a.test", "sni"},
    {PROGRAMS, "program=/usr/bin/curl sni=a.test", "**.test", "a.test", "sni"},
    {PROGRAMS, "program=CURL sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=curl2 sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=xcurl sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=/opt/curl/wget sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=/opt/legacy/bin/curl sni=a.test", "A.test", "a.test", "sni"},
    {PROGRAMS, "program=/opt/legacy/bin/curl sni=b.test", "b.test", "b.test", "sni"},
    {PROGRAMS, "program=/opt/legacy/bin/wget sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=curl sni=b.test", "B.test", "b.test", "sni"},
    {PROGRAMS, "program=curl sni=x.y.test", "**.test", "x.y.test", "sni"},
    {PROGRAMS, "program=wget sni=x.y.test", NULL, "x.y.test", "sni"},
    {PROGRAMS, "program=curl sni=only.example", "only.example", "only.example", "sni"},
    {PROGRAMS, "program=curl sni=none.example", NULL, "none.example", "sni"},
    {PORTS_OF_CURL, "program=curl sni=d.test port=443", "d.test", "d.test", "sni"},
    {PORTS_OF_CURL, "program=curl sni=d.test port=444", "**.test", "d.test", "sni"},
    {PORTS_OF_CURL, "program=wget sni=d.test port=444", "D.test", "d.test", "sni"},
    {PROGRAMS, "program=legacyd sni=db.internal", "db.internal", "db.internal", "sni"},
    {PROGRAMS, "program=legacyd sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=curl sni=db.internal", NULL, "db.internal", "sni"},
    {PROGRAMS, "program=quiet sni=a.test", "a.test", "a.test", "sni"},
    {PROGRAMS, "program=curl address=10.1.2.3", "10.0.0.0/8", "10.1.2.3", "none"},
    {PROGRAMS, "program=wget address=10.1.2.3", "10.1.0.0/16", "10.1.2.3", "none"},
    {PROGRAMS, "program=wget address=10.2.2.3", NULL, "", "none"},
    {PROGRAMS, "program=legacyd address=10.1.2.3", "10.1.0.0/16", "10.1.2.3", "none"},
    {PROGRAMS, "program=curl sni=only.example verify=a.test", "only.example", "only.example",
     "sni"},
    {PROGRAMS, "program=curl sni=only.example address=10.1.2.3", "only.example", "only.example",
     "sni"},
    {PROGRAMS, "program=curl sni=none.example address=10.1.2.3", "10.0.0.0/8", "10.1.2.3", "none"},
    {PROGRAMS, "program=curl resolved=A.test.", "**.test", "a.test", "resolver"},
};

const size_t NAMES_TABLE_SIZE = sizeof NAMES_TABLE / sizeof *NAMES_TABLE;
