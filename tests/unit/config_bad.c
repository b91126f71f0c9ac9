/* Configs that are refused: on which line, and with which words. */
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

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

TestSuite(config_bad, .init = setup, .fini = cleanup);

#define P "\"" PIN_A "\""
#define IN(option) "domain \"a.test\" {\n    pins = {" P "}\n    " option "\n}\n" /* line 3 */
#define URL " redirect = \"https://x.test/\" "
#define PROGRAM(inside) "program \"curl\" {\n" inside "\n}\n" /* line 2 */

static const struct {
    const char *text;
    unsigned line;
    const char *says;
} rows[] = {
    /* what libconfuse or the scanner sees */
    {"nonsense\n", 1, "nonsense"},
    {"mode\n", 2, "premature end of file"},
    {"mode =\n", 2, "premature end of file"},
    {"mode = \"audit\n", 1, "this string has no closing quote"},
    {"mode = 'audit\n\n", 1, "this string has no closing quote"},
    {"mode = audit }\n", 1, "this brace closes nothing"},
    {"\n\nmode = audit\n}\n", 4, "this brace closes nothing"},
    {"mode = (audit)\n", 1, "unexpected '('"},
    {"mode = audit*\n", 1, "unexpected '*'"},
    {"include(\"other.conf\")\n", 1, "unexpected '('"},
    {"/* mode = audit\n\n", 1, "this comment has no end"},
    {"mode = audit\n/*", 2, "this comment has no end"},
    {"\n/*/ mode = audit\n", 2, "this comment has no end"},
    {"events = {\"${HOME}/x\"}\n", 1, "does not take values from the environment"},
    {"mode = ${MODE}\n", 1, "does not take values from the environment"},
    {"domain \"a.test\" {\n    pins = {" P "}\n", 1, "the file ends inside this section"},
    {"mode = audit\n\ndomain \"a.test\" {", 3, "the file ends inside this section"},
    {"program \"curl\" {\n domain \"a.test\" {\n", 2, "the file ends inside this section"},
    {"program \"curl\" {\n domain \"a.test\" {\n pins = {" P "} }\n", 1,
     "the file ends inside this section"},
    {"domain \"a.test\" {\n    pins = {" P ",\n", 2, "the file ends inside this list"},
    {"events = {", 1, "the file ends inside this list"},
    {"domain \"a.test\" {\n    pins = {}\n}\n", 2, "pins is an empty list"},
    {"events = {\n}\n", 1, "events is an empty list"},
    {"events = {}", 1, "events is an empty list"},
    {IN("ports = { }"), 3, "ports is an empty list"},
    {"events = { # nothing\n}\n", 1, "events is an empty list"},
    {"events = {\"none\", {\"stderr\"}}\n", 1, "there is a brace inside a list"},
    {"program \"a\" {\ndomain \"b\" {\ndomain \"c\" {\n}}}\n", 3, "sections do not nest this deep"},
    {"domain {\n    pins = {" P "}\n}\n", 1, ""},
    {"domain \"a.test\"\n", 2, "premature end of file"},
    /* options */
    {"mod = audit\n", 1, "unknown option mod; did you mean mode?"},
    {"\nunpined = block\n", 2, "did you mean unpinned?"},
    {"frobnicate = 1\n", 1, "unknown option frobnicate"},
    {IN("pin = " P), 3, "did you mean pins?"},
    {IN("backup_pin = {" P "}"), 3, "did you mean backup_pins?"},
    {IN("unpinned = block"), 3, "unpinned does not belong into a domain section"},
    {IN("events = {none}"), 3, "events does not belong into a domain section"},
    {IN("frobnicate = 1"), 3, "unknown option frobnicate"},
    {PROGRAM("store = x"), 2, "store does not belong into a program section"},
    {"pins = {" P "}\n", 1, "pins belongs into a domain section"},
    {"mode = audit\nmode = audit\n", 2, "mode is given twice; keep one of the two"},
    {IN("pins = {" P "}"), 3, "pins is given twice; put all values into one list"},
    {"events = {none}\n\nevents = {stderr}\n", 3, "events is given twice"},
    {IN("expires = 2027-01-01\n    expires = 2028-01-01"), 4, "expires is given twice"},
    {PROGRAM("mode = audit\nmode = off"), 3, "mode is given twice"},
    /* values */
    {"mode = strict\n", 1, "mode \"strict\": write off, audit or enforce"},
    {"mode = Enforce\n", 1, "write off, audit or enforce"},
    {"mode = \"\"\n", 1, "write off, audit or enforce"},
    {"mode = {audit}\n", 1, ""},
    {"mode = \"audit\\0x\"\n", 1, "write the character itself"},
    {IN("owner = \"a\\x00b\""), 3, "write the character itself"},
    {IN("mode = none"), 3, "mode \"none\": write off"},
    {PROGRAM("mode = x"), 2, "mode \"x\""},
    {"unpinned = deny\n", 1, "unpinned \"deny\": write allow, audit or block"},
    {"unnamed = x\n", 1, "unnamed \"x\": write allow, audit or block"},
    {"expired = audit\n", 1, "expired \"audit\": write allow or block"},
    {"lock_mode = maybe\n", 1, "lock_mode \"maybe\": write true or false"},
    {"lock_mode = 1\n", 1, "write true or false"},
    {IN("include_subdomains = sometimes"), 3, "write true or false"},
    {"events = {stdout}\n", 1, "events \"stdout\": there is no such sink"},
    {"events = {stderr, \"file:\"}\n", 1, "the path is missing; write file:/path"},
    {"events = {\"file:/1\", \"file:/2\", \"file:/3\", \"file:/4\", \"file:/5\", \"file:/6\",\n"
     "\"file:/7\", \"file:/8\",\n\"file:/9\"}\n",
     3, "events \"file:/9\": there may be 8 sinks, and this is one more"},
    {"events = {\"file:events.jsonl\"}\n", 1, "write the whole path"},
    {"events = {\"unix:\"}\n", 1, "the path is missing; write unix:/path"},
    {"events = {\"unix:run/x\"}\n", 1, "write the whole path, from the root on: unix:/path"},
    {"events = {\"syslog:/dev/log\"}\n", 1,
     "there is no such sink; use stderr, file:/path, syslog"},
    {"events = {\n    stderr,\n    bogus\n}\n", 3, "events \"bogus\""},
    {"on_failure = {terminate, block, page}\n", 1,
     "on_failure \"page\": there is no such response"},
    {IN("on_failure = {Terminate}"), 3, "write block, message, redirect or terminate"},
    {IN("on_failure = {redirect}"), 3, "on_failure has redirect, and nothing says where to"},
    {"mode = audit\non_failure = {block, redirect}\n", 2, "give it redirect = \"URL\""},
    {"mode = audit\nprogram \"x\" {\n on_failure = {redirect}\n" DOMAIN("a.test", "") "}\n", 3,
     "on_failure has redirect, and nothing"},
    {"program \"x\" {\n on_failure = {redirect}\n}\nprogram \"y\" {\n" DOMAIN("a.test", URL) "}\n",
     2, "on_failure has redirect"},
    {IN("on_failure = {\"\"}"), 3, "there is no such response; write block, message"},
    {IN("on_failure = {explode}"), 3, "there is no such response; write block, message"},
    {"verify = {chian}\n", 1, "write chain or hostname"},
    {IN("verify = {\"chain\", \"host\"}"), 3, "write chain or hostname"},
    {"verify = {\"chain\", \"\"}\n", 1, "verify \"\": write chain or hostname"},
    {"verify = {Chain}\n", 1, "write chain or hostname"},
    {"\nverify = {\n    chain,\n    names\n}\n", 4, "verify \"names\""},
    {PROGRAM("verify = {none}"), 2, "write chain or hostname"},
    {"verify = {chain}\nverify = {hostname}\n", 2, "put all values into one list"},
    {"verify = {}\nverify = {chain}\n", 2, "verify is given twice"},
    {"trust_anchors = \"/x\"\n", 1, "it cannot be read: No such file"},
    {"\ntrust_anchors = missing.pem\n", 2, "trust_anchors \"missing.pem\": it cannot be read"},
    {"trust_anchors = \"\"\n", 1, "name a PEM file, or a directory"},
    {"trust_anchors = \"/dev/null\"\n", 1, "it is no file and no directory"},
    {"trust_anchors = {}\n", 1, ""},
    {PROGRAM("trust_anchors = missing.pem"), 2, "it cannot be read"},
    {IN("trust_anchors = missing.pem"), 3, "does not belong into a domain section"},
    {IN("inspection_cas = {}"), 3, "does not belong into a domain section"},
    {"inspection_cas = {\"file:x.pem\"}\n", 1, "it cannot be read"},
    {"inspection_cas = {\"x.pem\"}\n", 1, "write file:PATH"},
    {"inspection_cas = {\"\"}\n", 1, "inspection_cas \"\": write file:PATH"},
    {"inspection_cas = {\"file:policy.conf\"}\n", 1, "something that is no certificate"},
    {"inspection_cas = {\"file:.\"}\n", 1, "it is not a regular file"},
    {PROGRAM("inspection_cas = {\"file:x.pem\"}"), 2, "it cannot be read"},
    {"store = ''\n", 1, "path of a directory"},
    {"include_dir = pins.d\n", 1, "No such file"},
    {"reload_interval = 5s\n", 1, "write a number of seconds"},
    {"reload_interval = -1\n", 1, "write a number of seconds"},
    {"reload_interval = often\n", 1, "write a number of seconds"},
    {IN("message = \"\""), 3, "write a text, or leave it out"},
    {IN("message = {a}"), 3, ""},
    {IN("redirect = \"\""), 3, "write a whole URL, such as https://"},
    {IN("redirect = \"status.example.com\""), 3, "write a whole URL"},
    {IN("redirect = \"--help:x\""), 3, "write a whole URL"},
    {IN("redirect = \"%h://x\""), 3, "write a whole URL"},
    {IN("redirect = \"https://a.test/?%x\""), 3, "%h, %p and %r are host, port and reason"},
    {IN("redirect = \"https://a.test/%20\""), 3, "write %% for a percent"},
    {IN("redirect = \"https://a.test/%\""), 3, "write %% for a percent"},
    {IN("redirect = \"https://a.test/%H\""), 3, "%h, %p and %r"},
    {IN("redirect = \"https://a.test/a b\""), 3, "no such character as \" \""},
    {IN("redirect = 'https://a.test/`id`'"), 3, "no such character as \"`\""},
    {IN("redirect = \"https://a.test/\\\"\""), 3, "no such character"},
    {IN("redirect = \"https://a.test/ü\""), 3, "no such character"},
    {IN("signal = SIGNAL"), 3, "signal \"SIGNAL\": there is no such signal; write its name"},
    {IN("signal = 9"), 3, "there is no such signal"},
    {IN("signal = \"\""), 3, "there is no such signal"},
    {IN("signal = SIG"), 3, "there is no such signal"},
    {IN("signal = SIGSIGTERM"), 3, "there is no such signal"},
    {"signal = TERMINATE\n", 1, "there is no such signal"},
    {IN("ports = {0}"), 3, "ports \"0\": a port is a number from 1 to 65535"},
    {IN("ports = {65536}"), 3, "a port is a number"},
    {IN("ports = {443, https}"), 3, "ports \"https\""},
    {IN("ports = {-1}"), 3, "a port is a number"},
    {IN("ports = {443-445}"), 3, "a port is a number"},
    {IN("ports = {\"\"}"), 3, "a port is a number"},
    {IN("ports = {\n443,\n8443,\n999999\n}"), 6, "ports \"999999\""},
    {IN("match = first"), 3, "write leaf, intermediate, root, ca or any"},
    {IN("expires = 2027-6-30"), 3, "write a date as YYYY-MM-DD (UTC)"},
    {IN("expires = \"30.06.2027\""), 3, "write a date as YYYY-MM-DD"},
    {IN("expires = \"2027-06-30T00:00:00Z\""), 3, "write a date"},
    {IN("expires = \"2027--6-30\""), 3, "expires \"2027--6-30\""},
    {IN("expires = 2027-02-29"), 3, "there is no such day"},
    {IN("expires = 2100-02-29"), 3, "there is no such day"},
    {IN("expires = 2027-04-31"), 3, "there is no such day"},
    {IN("expires = 2027-00-10"), 3, "there is no such day"},
    {IN("expires = 2027-13-01"), 3, "there is no such day"},
    {IN("expires = 2027-01-00"), 3, "there is no such day"},
    {IN("expires = 1969-12-31"), 3, "there is no such day"},
    {IN("expires = never"), 3, "write a date"},
    /* pins */
    {IN("backup_pins = {\"md5/1B2M2Y8AsgTpgAmY7PhCfg==\"}"), 3, "a pin begins with sha256/"},
    {IN("backup_pins = {\"sha256/a\"}"), 3, "backup_pins \"sha256/a\": it is not the base64"},
    {IN("backup_pins = {\"\"}"), 3, "a pin begins with sha256/"},
    {IN("backup_pins = {\"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}"), 3,
     "the SHA-256 of nothing"},
    {IN("backup_pins = {\"store:9c56cc51b374c3ba\"}"), 3, "No such file"},
    {IN("backup_pins = {\"store:9c56cc51b374c3b\"}"), 3, "16 to 64 hex digits"},
    {IN("backup_pins = {\"store:9c56cc51b374c3bx\"}"), 3, "16 to 64 hex digits"},
    {IN("backup_pins = {\"file:missing.pem\"}"), 3, "it cannot be read: No such file"},
    {IN("backup_pins = {\"file:.\"}"), 3, "it is not a regular file"},
    {IN("backup_pins = {\"file:policy.conf\"}"), 3, "it holds no certificate and no public key"},
    {IN("backup_pins = {\n        " P ",\n        \"sha256/x\"\n    }"), 5, "sha256/x"},
    /* sections */
    {"domain \"a.test\" {\n}\n", 1, "domain \"a.test\" has no pins"},
    {"domain \"a.test\" {\n    mode = audit\n}\n", 1, "domain \"a.test\" has no pins"},
    {"\ndomain \"\" { pins = {" P "} }\n", 2, "it names nothing"},
    {"domain \"*\" { pins = {" P "} }\n", 1, "it names nothing"},
    {"domain \"example.*\" { pins = {" P "} }\n", 1, "a wildcard is the whole first label"},
    {"domain \"https://www.domain.com/\" { pins = {" P "} }\n", 1, "it is a URL"},
    {"domain \"172.18.10.10:8090\" { pins = {" P "} }\n", 1, "ports = {8090}"},
    {"domain \".com\" {\n pins = {" P "}\n}\n", 1, "it begins with a dot"},
    {"domain \"10.1.0.0/8\" { pins = {" P "} }\n", 1, "it has bits behind the prefix"},
    {"domain \"*.a.test\" {\n pins = {" P "}\n include_subdomains = true\n}\n", 1,
     "include_subdomains goes with a plain name"},
    {"domain \"10.0.0.0/8\" {\n pins = {" P "}\n include_subdomains = true\n}\n", 1,
     "include_subdomains goes with a plain name"},
    {DOMAIN("a.test", "") "\n" DOMAIN("a.test", ""), 3, "means the same as domain \"a.test\""},
    {DOMAIN("a.test", "") DOMAIN("A.TEST.", ""), 2, "on line 1; join them"},
    {DOMAIN("a.test", "") DOMAIN("a.test", "ports = {443}"), 2, "give them different ports"},
    {DOMAIN("a.test", "ports = {1, 2}") DOMAIN("b.test", "") DOMAIN("a.test", "ports = {2, 3}"), 3,
     "on line 1"},
    {DOMAIN("**.a.test", "") DOMAIN("a.test", "include_subdomains = true"), 2,
     "domain \"a.test\" means the same as domain \"**.a.test\""},
    {DOMAIN("10.0.0.1", "") DOMAIN("10.0.0.1/32", ""), 2, "means the same as"},
    {DOMAIN("10.0.0.1", "") DOMAIN("::ffff:10.0.0.1", ""), 2, "means the same as"},
    {DOMAIN("2001:db8::1", "") DOMAIN("2001:DB8:0::1", ""), 2, "means the same as"},
    {PROGRAM(DOMAIN("a.test", "") DOMAIN("a.test", "")), 3, "on line 2"},
    {"program \"curl\" { mode = audit }\nprogram \"curl\" { mode = off }\n", 2,
     "program \"curl\" stands on line 1 already; join the two"},
    {"program \"\" { mode = audit }\n", 1, "write a base name (\"curl\") or an absolute path"},
    {"program \"bin/curl\" { mode = audit }\n", 1, "write a base name"},
    {"program \"./curl\" { mode = audit }\n", 1, "write a base name"},
    {PROGRAM("domain \"a.test\" {\n}"), 2, "domain \"a.test\" has no pins"},
};

static void expect(size_t row, const char *text, unsigned line, const char *variant)
{
    struct config config;
    struct config_error error;

    if (load(scratch, text, &config, &error)) {
        cr_expect_fail("row %zu%s was accepted:\n%s", row, variant, text);
    } else {
        cr_expect_eq(error.line, line, "row %zu%s: line %u: %s", row, variant, error.line,
                     error.text);
        cr_expect(error.text[0] && strstr(error.text, rows[row].says), "row %zu%s: %s", row,
                  variant, error.text);
        cr_expect_not(error.unreadable, "row %zu%s", row, variant);
        cr_expect_null(config.policy, "row %zu%s", row, variant);
    }
    config_free(&config);
}

Test(config_bad, rows, .timeout = 60)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(i, rows[i].text, rows[i].line, "");
}

/* Comments, with braces and quotes in them, and options over several lines move every line. */
Test(config_bad, lines_behind_comments, .timeout = 60)
{
    static const char front[] = "# it's a comment {\n/* } two\n \" lines */ // {\n\n"
                                "domain \"first.test\" { # }\n  pins = {\n    " P
                                ", // the first\n    /* \n */ \"" PIN_E "\"\n  }\n}\n";
    unsigned lines = 0;

    for (const char *c = front; *c; c++)
        lines += *c == '\n';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = scratch_format(scratch, "%s%s", front, rows[i].text);
        char *line_1 = strstr(rows[i].says, "on line"); /* names the other section's line */
        if (!line_1 && !strstr(rows[i].says, "stands on line"))
            expect(i, text, rows[i].line + lines, " behind comments");
    }
}

Test(config_bad, crlf, .timeout = 60)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *dos = scratch_format(scratch, "%s%s", rows[i].text, rows[i].text), *out = dos;

        for (const char *c = rows[i].text; *c; c++) {
            if (*c == '\n')
                *out++ = '\r';
            *out++ = *c;
        }
        *out = 0;
        expect(i, dos, rows[i].line, " with CRLF");
    }
}

/* Minus 27 is no year, least of all one behind the year 4,000,000,000. */
Test(config_bad, year_with_a_sign)
{
    static const char *const days[] = {IN("expires = \"-027-06-30\""),
                                       IN("expires = \"-001-01-01\"")};

    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct config config;
        struct config_error error;
        bool loaded = load(scratch, days[i], &config, &error);

        cr_expect_not(loaded, "was accepted:\n%s", days[i]);
        cr_expect(loaded || error.line == 3, "line %u", error.line);
        config_free(&config);
    }
}

Test(config_bad, nul)
{
    static const char text[] = "mode = audit\n# a NUL\n\0unpinned = block\n";
    const char *path = scratch_write(scratch, "nul.conf", 0600, text, sizeof text - 1);
    struct config config;
    struct config_error error;

    cr_expect_not(config_load(path, geteuid(), &config, &error));
    cr_expect_eq(error.line, 3);
    cr_expect(strstr(error.text, "NUL"), "%s", error.text);
    config_free(&config);
}

/* What `events` said is kept, so that the error can be reported where its reader looks. */
Test(config_bad, keeps_events)
{
    struct config config;
    struct config_error error;

    cr_assert_not(load(scratch, "events = {\"file:/a\", stderr}\nmode = x\n", &config, &error));
    cr_assert_not_null(config.events);
    cr_expect_str_eq(config.events[0], "file:/a");
    cr_expect_str_eq(config.events[1], "stderr");
    cr_expect_null(config.events[2]);
    config_free(&config);
    cr_assert_not(load(scratch, "mode = x\n", &config, &error));
    cr_expect_null(config.events);
    config_free(&config);
}

static const char whole[] = "# a policy\nmode = \"enforce\"\nevents = {\"none\"}\n"
                            "domain \"a.test\" {\n    pins = {" P ", \"" PIN_E "\"}\n"
                            "    expires = \"2027-06-30\" /* then */\n}\n"
                            "program \"curl\" {\n    mode = audit\n"
                            "    domain \"**.b.test\" { pins = {" P "} ports = {443, 8443} }\n}\n";

/* Is a section, a list, a string or a comment open behind the first `length` octets? */
static bool is_open(size_t length)
{
    const char *const end = whole + length;
    int depth = 0;

    for (const char *c = whole; c < end; c++) {
        const char *stop = *c == '#'                  ? strchr(c, '\n')
                           : *c == '"'                ? strchr(c + 1, '"')
                           : strncmp(c, "/*", 2) == 0 ? strstr(c, "*/") + 1
                                                      : c;
        if (stop >= end) /* inside; a line comment needs no end */
            return *c != '#' || depth > 0;
        depth += (*c == '{') - (*c == '}');
        c = stop;
    }
    return depth > 0;
}

Test(config_bad, cut_everywhere, .timeout = 60)
{
    size_t accepted = 0;

    for (size_t n = 0; n < sizeof whole; n++) {
        const char *path = scratch_write(scratch, "cut.conf", 0600, whole, n);
        struct config config;
        struct config_error error;

        if (config_load(path, geteuid(), &config, &error)) {
            accepted++;
            cr_expect_not(is_open(n), "%zu octets accepted:\n%.*s", n, (int)n, whole);
        } else {
            cr_expect_neq(error.text[0], 0, "%zu octets: no reason", n);
        }
        config_free(&config);
    }
    cr_expect_gt(accepted, 2, "the whole is refused");
}

/* With any octet replaced by one that means something: refused or read, but no crash. */
Test(config_bad, damaged_everywhere, .timeout = 120)
{
    static const char octets[] = "\"'{}=,#/*\\\n$( \x01\xff~";

    for (size_t i = 0; i + 1 < sizeof whole; i++)
        for (size_t k = 0; k + 1 < sizeof octets; k++) {
            char text[sizeof whole];
            struct config config;
            struct config_error error;

            memcpy(text, whole, sizeof whole);
            text[i] = octets[k];
            bool loaded = load(scratch, text, &config, &error);
            cr_expect(loaded ? policy_valid(config.policy, config.policy->size)
                             : error.text[0] != 0,
                      "octet %zu is %02x", i, octets[k]);
            config_free(&config);
        }
}
