/* pinshim import and export: the examples of the other systems' own documentation, and back. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/formats.h"
#include "tests/support/events.h"

TestSuite(import, .init = formats_open, .fini = close_scratch, .timeout = 60);

/* Of RFC 7469 section 2.1.5, Android's and OkHttp's documentation. */
#define RFC_1 "d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM="
#define RFC_2 "E9CZ9INDbd+2eRQozYqqbQ2yXLVKB9+xcprMF+44U1g="
#define RFC_3 "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
#define ANDROID_1 "7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y="
#define ANDROID_2 "fwza0LRMXouZHRC8Ei+4PyuldPDcf3UKgO/04cDM1oE="
#define OKHTTP_1 "afwiKY3RxoMmLkuRW1l7QsPZTJPwDS2pdDROQjXw8ig="
#define OKHTTP_2 "klO23nT2ehFDXCfx3eHTDRESMz3asj1muO+4aIdjiuY="
#define CURL_1 "YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE="
#define CURL_2 "t62CeU2tQiqkexU74Gxa2eg7fRbEgoChTociMee9wno="

static const char android[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                              "<network-security-config>\n"
                              "    <domain-config>\n"
                              "        <domain includeSubdomains=\"true\">example.com</domain>\n"
                              "        <pin-set expiration=\"2048-01-01\">\n"
                              "            <pin digest=\"SHA-256\">" ANDROID_1 "</pin>\n"
                              "            <pin digest=\"SHA-256\">" ANDROID_2 "</pin>\n"
                              "        </pin-set>\n"
                              "    </domain-config>\n"
                              "</network-security-config>\n";

Test(import, android)
{
    json_t *json;

    expect_round_trip("android", android, NULL, "which pins are backups is not said");
    expect_section("__.example.com", "include_subdomains = true");
    expect_section("__.example.com", "expires = \"2048-01-01\"");
    /* No certificate was met. */
    json = expect_json(PINSHIM("list", "--json", "-c", formats_config), 0);
    const json_t *pins = json_object_get(json, "pins");
    cr_assert_eq(json_array_size(pins), 2);
    expect_string(json_array_get(pins, 0), "status", "unknown");
    json_decref(json);
}

/* Inner domains inherit, and one without pins is out of the outer one's. */
Test(import, android_nested)
{
    struct outcome outcome = import_text(
        "android",
        "<network-security-config>\n<base-config cleartextTrafficPermitted=\"false\"/>\n"
        "<debug-overrides><trust-anchors><certificates src=\"@raw/debug\"/></trust-anchors>"
        "</debug-overrides>\n<domain-config cleartextTrafficPermitted=\"false\">\n"
        "<domain includeSubdomains=\"1\"> example.com </domain>\n<domain>other.test</domain>"
        "<pin-set expiration=\"2048-01-01\"><!-- x --><pin digest=\"SHA-256\"><![CDATA[" ANDROID_1
        "]]></pin><pin digest=\"SHA-1\">AAAA</pin></pin-set>\n"
        "<domain-config><domain>inner.example.com</domain></domain-config></domain-config>\n"
        "<domain-config><domain>free.example.com</domain><domain>lone.test</domain>"
        "<domain>exa mple.com</domain></domain-config></network-security-config>",
        NULL);

    cr_expect(strstr(outcome.err, "line 2: <base-config> is left out"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "<debug-overrides> is left out"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "cleartextTrafficPermitted is left out"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "digest SHA-1 is left out"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "lone.test has no pins"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "exa mple.com is left out"), "%s", outcome.err);
    expect_outcome(outcome, 0, NULL, NULL);
    expect_section("inner.example.com", ANDROID_1);
    expect_section("inner.example.com", "expires = \"2048-01-01\"");
    expect_section("other.test", ANDROID_1);
    expect_section("free.example.com", "mode = \"off\"");
}

#define PLIST_HEAD                                                                                 \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST "    \
    "1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n"

static const char trustkit[] = PLIST_HEAD
    "<dict>\n  <key>TSKPinnedDomains</key>\n  <dict>\n    <key>yahoo.test</key>\n    <dict>\n"
    "      <key>TSKIncludeSubdomains</key>\n      <true/>\n"
    "      <key>TSKEnforcePinning</key>\n      <true/>\n"
    "      <key>TSKExpirationDate</key>\n      <string>2047-12-01</string>\n"
    "      <key>TSKPublicKeyHashes</key>\n      <array>\n        <string>" ANDROID_1 "</string>\n"
    "        <string>" ANDROID_2 "</string>\n      </array>\n    </dict>\n  </dict>\n</dict>\n"
    "</plist>\n";

Test(import, trustkit)
{
    expect_round_trip("trustkit", trustkit, NULL, "which pins are backups is not said");
    expect_section("__.yahoo.test", "expires = \"2047-12-01\"");
}

Test(import, trustkit_json)
{
    struct outcome outcome = import_text(
        "trustkit",
        "{\"TSKConfiguration\": {\"TSKSwizzleNetworkDelegates\": false, \"kTSKPinnedDomains\": {\n"
        "\"a.test\": {\"kTSKEnforcePinning\": false, \"kTSKIncludeSubdomains\": true,\n"
        "\"kTSKReportUris\": [\"https://r.test\"], \"kTSKPublicKeyHashes\": [\"" ANDROID_1 "\"]},\n"
        "\"free.a.test\": {\"TSKExcludeSubdomainFromParentPolicy\": true}}}}",
        NULL);
    json_t *json;

    cr_expect(strstr(outcome.err, "a.test: kTSKReportUris is left out"), "%s", outcome.err);
    expect_outcome(outcome, 0, NULL, NULL);
    expect_section("__.a.test", "mode = \"audit\"");
    expect_section("free.a.test", "mode = \"off\"");
    json = expect_json(
        PINSHIM("export", "--json", "-c", formats_config, "--format", "trustkit", "a.test"), 0);
    const json_t *values = json_object_get(json_object_get(json, "TSKPinnedDomains"), "a.test");
    cr_expect(json_is_false(json_object_get(values, "TSKEnforcePinning")));
    cr_expect(json_is_true(json_object_get(values, "TSKIncludeSubdomains")));
    json_decref(json);
}

Test(import, hpkp)
{
    struct outcome outcome =
        import_text("hpkp",
                    "HTTP/1.1 200 OK\r\nServer: x\r\nPublic-Key-Pins: max-age=3000;\t"
                    "pin-sha256=\"" RFC_1 "\"; pin-sha256=\"" RFC_2 "\"; pin-sha1=\"abc\"; "
                    "includeSubdomains; report-uri=\"https://other.test/?a;b=\\\"c\"\r\n\r\n",
                    "example.com");

    cr_expect(strstr(outcome.err, "max-age=3000 is left out"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, "report-uri https://other.test/?a;b=\"c is left out"), "%s",
              outcome.err);
    cr_expect(strstr(outcome.err, "the directive pin-sha1 is not known"), "%s", outcome.err);
    expect_outcome(outcome, 0, "**.example.com: 2 added", NULL);
    expect_outcome(export_pins("hpkp", "example.com"), 0,
                   "Public-Key-Pins: pin-sha256=\"" RFC_1 "\"; pin-sha256=\"" RFC_2
                   "\"; max-age=5184000; includeSubDomains\n",
                   "");
}

Test(import, hpkp_report_only)
{
    expect_round_trip("hpkp",
                      "Public-Key-Pins-Report-Only: pin-sha256=\"" RFC_1 "\"; pin-sha256=\"" RFC_3
                      "\"; max-age=5184000\n",
                      "a.test", "max-age=5184000 is left out");
    expect_section("a.test", "mode = \"audit\"");
    expect_outcome(import_text("hpkp", "pin-sha256=\"" RFC_1 "\"; max-age=0", "b.test"), 2, "",
                   "forget the pins");
    expect_outcome(import_text("hpkp", "Public-Key-Pins: pin-sha256=\"" RFC_1 "\"", "b.test"), 2,
                   "", "max-age is missing");
    expect_outcome(import_text("hpkp", "Server: x\n", "b.test"), 2, "", "no header");
}

/* The examples of RFC 7469 as they stand there: a line that begins with a blank continues the one
 * before (RFC 7230 section 3.2.4). */
Test(import, hpkp_folded)
{
    struct outcome outcome =
        import_text("hpkp",
                    "   Public-Key-Pins: max-age=3000;\n       pin-sha256=\"" RFC_1
                    "\";\n       pin-sha256=\"" RFC_2 "\"\n\n"
                    "   Public-Key-Pins: max-age=2592000;\n       pin-sha256=\"" RFC_3 "\"\n",
                    "rfc.test");

    cr_expect(strstr(outcome.err, "line 5: only the first header counts"), "%s", outcome.err);
    expect_outcome(outcome, 0, "rfc.test: 2 added", NULL);
    expect_section("rfc.test", RFC_2);
    expect_outcome(
        import_text("hpkp",
                    "HTTP/1.1 200 OK\r\npublic-key-pins:\r\n\tmax-age=3000; pin-sha256=\"" RFC_1
                    "\";\r\n  pin-sha256\r\n = \r\n \"" RFC_2
                    "\"; includeSubDomains\r\n ; report-uri=\"https://r.test\r\n /\"\r\n"
                    "Server: x\r\n  Public-Key-Pins: max-age=0\r\n\r\n",
                    "wide.test"),
        0, "**.wide.test: 2 added", "report-uri https://r.test");
    expect_outcome(import_text("hpkp", "pin-sha256=\"" RFC_1 "\";\n max-age=1", "bare.test"), 0,
                   "bare.test: 1 added", NULL);
}

Test(import, hpkp_lines)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"Server: x\n a\nPublic-Key-Pins: pin-sha256=\"" RFC_1 "\";\n max-age=0",
         "line 4: max-age=0"},
        {"\nPublic-Key-Pins:\n max-age=1;\n max-age=1", "line 4: max-age is wrong, or there twice"},
        {"\nPublic-Key-Pins:\n pin-sha256=\"" RFC_1 "\"", "line 2: max-age is missing"},
        {"Public-Key-Pins: max-age=1\n\t; = 3", "line 2: it is no list of directives"},
        {"Public-Key-Pins: max-age=1;\n pin-sha256=\"" RFC_1, "line 2: a quotation mark"},
        {"Public-Key-Pins: max-age=1;\n Public-Key-Pins: max-age=1", "line 2: it is no list"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_outcome(import_text("hpkp", cases[i].text, "a.test"), 2, "", cases[i].why);
    expect_no_section();
}

Test(import, okhttp)
{
    static const char text[] = "*.publicobject.com sha256/" OKHTTP_2 "\n"
                               "**.square.test sha256/" ANDROID_1 "\n"
                               "publicobject.com sha256/" OKHTTP_1 "\n"
                               "publicobject.com sha256/" OKHTTP_2 "\n";
    struct outcome outcome;

    expect_outcome(import_text("okhttp", text, NULL), 0, NULL, NULL);
    outcome = export_pins("okhttp", NULL);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        cr_expect(strstr(outcome.out,
                         scratch_format(scratch, "%.*s", (int)strcspn(line, "\n") + 1, line)));
    cr_expect_eq(strlen(outcome.out), strlen(text), "%s", outcome.out);
    expect_outcome(outcome, 0, NULL, "");
}

/* As it stands in a program; pins of wildcards add up there and not here. */
Test(import, okhttp_code)
{
    struct outcome outcome = import_text(
        "okhttp",
        "CertificatePinner certificatePinner = new CertificatePinner.Builder()\n"
        "    .add(\"publicobject.com\", \"sha256/" OKHTTP_1
        "\", \"sha1/DmxUShsZuNiqPQsX2Oi9uv2sCnw=\")\n"
        "    .add(\"**.publicobject.com\", \"sha256/" OKHTTP_2 "\") // all\n    .build();\n\n"
        "# words\n",
        NULL);

    cr_expect(strstr(outcome.err, "sha1/DmxUShsZuNiqPQsX2Oi9uv2sCnw= is left out"), "%s",
              outcome.err);
    cr_expect(strstr(outcome.err, "the pins of **.publicobject.com count for it in OkHttp"), "%s",
              outcome.err);
    expect_outcome(outcome, 0, NULL, NULL);
    expect_section("publicobject.com", OKHTTP_1);
    expect_outcome(import_text("okhttp", "\nsha256/" OKHTTP_1 "\n", NULL), 2, "",
                   "line 2: write a host and its pins");
    expect_outcome(import_text("okhttp", "a.test\n", NULL), 2, "", "line 1: write a host");
}

Test(import, curl)
{
    expect_round_trip("curl", "sha256//" CURL_1 ";sha256//" CURL_2 "\n", "www.example.com", NULL);
    expect_outcome(import_text("curl", "publickey.der", "a.test"), 2, "",
                   "pinshim add a.test --cert FILE");
    /* A digest that begins with a slash. */
    expect_round_trip("curl", "sha256///AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "b.test",
                      "");
}

/* What the config has and curl has not. */
Test(import, export_tells)
{
    struct outcome outcome;

    write_config("mode = audit\ndomain \"a.test\" { ports = {443} owner = me expires = "
                 "\"2047-01-01\" match = leaf verify = {chain} pins = {\"sha256/" CURL_1
                 "\", \"cert-sha256/%064d\"} backup_pins = {\"sha256/" CURL_2 "\"} }\n"
                 "domain \"10.0.0.0/8\" { pins = {\"sha256/" CURL_1 "\"} }\n"
                 "domain \"off.a.test\" { mode = off }\n"
                 "program \"x\" { domain \"b.test\" { pins = {\"sha256/" CURL_1 "\"} } }\n",
                 7);
    outcome = export_pins("okhttp", NULL);
    static const char *const told[] = {
        "a.test: its ports are lost",
        "a.test: match is lost",
        "a.test: verify is lost",
        "a.test: owner is lost",
        "a.test: expires = \"2047-01-01\" is lost",
        "a.test: mode audit is lost",
        "only keys can be pinned there",
        "backup pins are pins like the others",
        "10.0.0.0/8 is left out: addresses",
        "off.a.test is left out: there is no word for mode off",
        "sections of programs are left out: 1",
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        cr_expect(strstr(outcome.err, told[i]), "no \"%s\" in %s", told[i], outcome.err);
    cr_expect_str_eq(outcome.out, "a.test sha256/" CURL_1 "\na.test sha256/" CURL_2 "\n");
    expect_outcome(outcome, 0, NULL, NULL);
    expect_outcome(export_pins("hpkp", "10.0.0.0/8"), 1, "", "no section left");
    expect_outcome(export_pins("curl", "no.test"), 1, "", "no section is for \"no.test\"");
}

#define SHA_1 "77aab346ef7338409bf7451ecf6ef15a5b4db23d1ed4c77b1a4618915a195a63"

Test(import, tyk)
{
    struct pki pki;

    pki_make(&pki, scratch, PKI_P256);
    expect_outcome(
        import_text("tyk",
                    scratch_format(scratch,
                                   "{\"name\": \"api\", \"pinned_public_keys\": {"
                                   "\"example.com\": \"5e9d9544a1dcd60001d0ed20" SHA_1 "\", "
                                   "\"foo.com\": \"%s\", \"*.wild.com\": \"" SHA_1 ", %s\", "
                                   "\"none.com\": \"abc\", \"*\": \"" SHA_1 "\"}}",
                                   pki.genuine.leaf_file, pki.intermediate.leaf_file),
                    NULL),
        0, NULL, "none.com: 'abc' is an ID in Tyk's store");
    expect_section("example.com", RFC_1);
    expect_section("foo.com", scratch_format(scratch, "file:%s", pki.genuine.leaf_file));
    expect_section("_.wild.com", RFC_1);
    expect_outcome(export_pins("tyk", "example.com"), 0, "\"example.com\": \"" SHA_1 "\"", "");
    expect_outcome(
        import_text("tyk", "{\"security\": {\"pinned_public_keys\": {\"b.test\": \"" SHA_1 "\"}}}",
                    NULL),
        0, "b.test: 1 added", NULL);
    expect_outcome(import_text("tyk", "{\"c.test\": \"" SHA_1 "\"}", NULL), 0, "c.test: 1 added",
                   NULL);
    pki_free(&pki);
}

/* What an editor puts in front of a text. */
Test(import, byte_order_mark)
{
    static const struct {
        const char *format, *text;
    } cases[] = {
        {"tyk", "{\"a.test\": \"" SHA_1 "\"}"},
        {"hpkp", "Public-Key-Pins: max-age=1; pin-sha256=\"" RFC_1 "\""},
        {"android", android},
        {"trustkit", trustkit},
        {"trustkit",
         "{\"TSKPinnedDomains\": {\"a.test\": {\"TSKPublicKeyHashes\": [\"" RFC_1 "\"]}}}"},
        {"okhttp", "a.test sha256/" RFC_1},
        {"curl", "sha256//" RFC_1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool one = strcmp(cases[i].format, "hpkp") == 0 || strcmp(cases[i].format, "curl") == 0;

        expect_outcome(import_text(cases[i].format,
                                   scratch_format(scratch, "\xef\xbb\xbf%s", cases[i].text),
                                   one ? "a.test" : NULL),
                       0, "/pins.d/", NULL);
    }
    expect_outcome(import_text("okhttp", "\xef\xbb\xbf", NULL), 2, "", "is empty");
    expect_outcome(import_text("curl", "\xef\xbb\xbf\xef\xbb\xbfsha256//" RFC_1, "a.test"), 2, "",
                   "it is no list");
}

/* A section that is there keeps what it has. */
Test(import, existing_section)
{
    scratch_text(
        scratch, "pins.d/a.conf", 0644,
        "# ours\ndomain \"a.test\" {\n    mode = \"enforce\" # yes\n    pins = {\"sha256/" CURL_1
        "\"}\n}\n");
    expect_outcome(import_text("hpkp",
                               "Public-Key-Pins-Report-Only: max-age=1; pin-sha256=\"" CURL_2 "\"",
                               "a.test"),
                   0, "1 added", "only pins were added");
    expect_section("a", "# ours");
    expect_section("a", "mode = \"enforce\" # yes");
    expect_section("a", CURL_2);
}
