/* pinshim import: files that are none, or mean ill. Nothing may be written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/formats.h"

TestSuite(import_bad, .init = formats_open, .fini = close_scratch, .timeout = 120);

static const char *const formats[] = {"tyk", "hpkp", "android", "trustkit", "okhttp", "curl"};
#define FORMATS (sizeof formats / sizeof *formats)

#define PIN "sha256/7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y="
#define HEX "77aab346ef7338409bf7451ecf6ef15a5b4db23d1ed4c77b1a4618915a195a63"

static const char *domain_of(const char *format)
{
    return strcmp(format, "hpkp") == 0 || strcmp(format, "curl") == 0 ? "a.test" : NULL;
}

static struct outcome import_file(const char *format, const char *file)
{
    return PINSHIM("import", "-c", formats_config, "--format", format, file, domain_of(format));
}

/* Refused in every format. */
static void refused(const char *file, const char *why)
{
    for (size_t i = 0; i < FORMATS; i++) {
        struct outcome outcome = import_file(formats[i], file);

        cr_expect(outcome.status == 1 || outcome.status == 2, "%s: %d", formats[i], outcome.status);
        cr_expect_str_eq(outcome.out, "");
        cr_expect(strncmp(outcome.err, "pinshim import: ", 16) == 0, "%s", outcome.err);
        if (why)
            cr_expect(strstr(outcome.err, why), "%s: no \"%s\" in %s", formats[i], why,
                      outcome.err);
        outcome_free(&outcome);
    }
    expect_no_section();
}

Test(import_bad, empty)
{
    refused(scratch_text(scratch, "empty", 0644, "%s", ""), "is empty");
    refused(scratch_text(scratch, "blank", 0644, " \n\n"), NULL);
    refused(scratch_path(scratch, "missing"), "No such file");
    refused(scratch_dir(scratch), "cannot read");
}

Test(import_bad, garbage)
{
    size_t size = 10 << 20;
    char *data = malloc(size);

    cr_assert(data);
    srand(7);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)rand();
    refused(scratch_write(scratch, "garbage", 0644, data, size), NULL);
    memset(data, 'a', size);
    refused(scratch_write(scratch, "letters", 0644, data, size), NULL);
    memset(data, '<', size);
    refused(scratch_write(scratch, "brackets", 0644, data, size), NULL);
    memset(data, '[', size);
    refused(scratch_write(scratch, "nested", 0644, data, size), NULL);
    memset(data, 0, size);
    refused(scratch_write(scratch, "zeros", 0644, data, size), NULL);
    free(data);
}

Test(import_bad, private_key)
{
    struct identity identity;

    pki_issue(scratch, "leaf", NULL, &(struct request){0}, &identity);
    refused(identity.key_file, "holds a private key");
    expect_outcome(import_text("tyk",
                               scratch_format(scratch, "{\"a.test\": \"%s\"}", identity.key_file),
                               NULL),
                   1, NULL, "private key");
    expect_no_section();
    identity_free(&identity);
}

#define ROOT "network-security-config"

Test(import_bad, entities)
{
    static const char *const laughs =
        "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"lollollollollol\">"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;\">"
        "<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">]><" ROOT "><domain-config><domain "
        "includeSubdomains=\"&f;\">&f;</domain></domain-config></" ROOT ">";
    const char *outside = scratch_format(
        scratch,
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file://%s\">]><" ROOT
        "><domain-config><domain>&e;</domain>"
        "<pin-set><pin "
        "digest=\"SHA-256\">AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</pin></pin-set>"
        "</domain-config></" ROOT ">",
        scratch_text(scratch, "secret", 0644, "secret.test"));

    expect_outcome(import_text("android", laughs, NULL), 2, "", "it declares entities");
    expect_outcome(import_text("trustkit", laughs, NULL), 2, "", "it declares entities");
    expect_outcome(import_text("android", outside, NULL), 2, "", "it declares entities");
    expect_outcome(import_text("android", "<!DOCTYPE x [<!ELEMENT x ANY>]><" ROOT "/>", NULL), 2,
                   "", "document type of its own");
    expect_no_section();
}

Test(import_bad, nesting)
{
    size_t depth = 100000;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    fputs("<" ROOT ">", stream);
    for (size_t i = 0; i < depth; i++)
        fputs("<domain-config>", stream);
    fclose(stream);
    expect_outcome(import_text("android", text, NULL), 2, "", "line 1");
    free(text);
    stream = open_memstream(&text, &size);
    fputs("<plist>", stream);
    for (size_t i = 0; i < depth; i++)
        fputs("<dict><key>a</key>", stream);
    fclose(stream);
    expect_outcome(import_text("trustkit", text, NULL), 2, "", "line 1");
    free(text);
    stream = open_memstream(&text, &size);
    for (size_t i = 0; i < depth; i++)
        fputs("{\"a\":", stream);
    fclose(stream);
    expect_outcome(import_text("tyk", text, NULL), 2, "", "depth");
    expect_outcome(import_text("trustkit", text, NULL), 2, "", "depth");
    free(text);
    expect_no_section();
}

/* Cut anywhere, they are whole again or refused; never half a pin. */
Test(import_bad, truncated)
{
    static const char text[] =
        "<" ROOT "><domain-config><domain>a.test</domain><pin-set><pin digest=\"SHA-256\">"
        "7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=</pin></pin-set></domain-config></" ROOT ">";

    for (size_t i = 1; i < sizeof text - 1; i += 7)
        expect_outcome(import_text("android", scratch_format(scratch, "%.*s", (int)i, text), NULL),
                       2, "", "foreign: line 1: ");
    expect_outcome(
        import_text("curl", "sha256//7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3", "a.test"), 1, "",
        "is left out");
    expect_outcome(import_text("okhttp", "a.test sha256/7HIpactkIAq2Y49or", NULL), 1, "",
                   "is left out");
    expect_outcome(import_text("tyk", "{\"a.test\": \"abc", NULL), 2, "", "line 1");
    expect_no_section();
}

/* Megabytes of domains, all of them good. */
Test(import_bad, too_many)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    for (int i = 0; i < 150000; i++)
        fprintf(stream, "d%d.test sha256/7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=\n", i);
    fclose(stream);
    expect_outcome(import_text("okhttp", text, NULL), 2, "", "more than 10000 domains");
    expect_no_section();
    free(text);
}

/* Names that no section can have, or that would write something else into the config. */
Test(import_bad, names)
{
    expect_outcome(
        import_text(
            "tyk",
            "{\"a\\\" { } mode = off #\": \"77aab346ef7338409bf7451ecf6ef15a5b4db23d1ed4c77b1"
            "a4618915a195a63\", \"../../etc/x\": \"77aab346ef7338409bf7451ecf6ef15a5b4db23d1ed"
            "4c77b1a4618915a195a63\", \"\\u001b[31m.test\": \"77aab346ef7338409bf7451ecf6ef15"
            "a5b4db23d1ed4c77b1a4618915a195a63\"}",
            NULL),
        1, NULL, "pinshim import: ");
    expect_outcome(import_text("curl", "sha256//7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=",
                               "a.test\" { mode = off }"),
                   1, NULL, "pinshim import: ");
    expect_no_section();
}

/* What was added is said when it is there, and what failed once. */
static void expect_failed(struct outcome outcome, int status, const char *why)
{
    const char *nothing = strstr(outcome.err, "nothing has changed");

    cr_expect(nothing && !strstr(nothing + 1, "nothing has changed"), "%s", outcome.err);
    cr_expect(!strstr(outcome.err, "were added"), "%s", outcome.err);
    expect_outcome(outcome, status, "", why);
    expect_no_section();
}

Test(import_bad, full_disk)
{
    struct command command = {0};
    char *pinshim = build_path("pinshim");

    command_add(&command, "sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\" 2>/dev/stderr", "sh",
                pinshim, "import", "-c", formats_config, "--format", "okhttp",
                scratch_text(scratch, "foreign", 0644, "a.test " PIN "\nb.test " PIN "\n"), NULL);
    expect_failed(command_run(&command), 2, "File too large");
    free(pinshim);
}

Test(import_bad, wrong_config)
{
    expect_failed(
        import_text("tyk",
                    scratch_format(scratch, "{\"a.test\": \"" HEX "\", \"b.test\": \"%s\"}",
                                   scratch_text(scratch, "no-key", 0644, "x")),
                    NULL),
        1, "no-key");
}

Test(import_bad, missing_key)
{
    expect_failed(import_text("tyk", "{\"a.test\": \"" HEX ",/nowhere/key.pem\"}", NULL), 2,
                  "a.test: /nowhere/key.pem cannot be read: No such file");
}

Test(import_bad, usage)
{
    const char *file = scratch_text(scratch, "file", 0644, "x");

    expect_outcome(PINSHIM("import", file), 2, "", "say which: --format tyk, hpkp");
    expect_outcome(PINSHIM("import", "--format", "okhtp", file), 2, "", "did you mean okhttp");
    expect_outcome(PINSHIM("import", "--format", "curl", file), 2, "",
                   "name a FILE, and the DOMAIN");
    expect_outcome(PINSHIM("import", "--format", "tyk", file, "a.test"), 2, "", "name one FILE");
    expect_outcome(PINSHIM("export"), 2, "", "say which");
    expect_outcome(PINSHIM("export", "--format", "hpkp"), 2, "", "name the DOMAIN");
    expect_outcome(PINSHIM("export", "--format", "tyk", "-c", "missing"), 2, "", "No such file");
    expect_outcome(PINSHIM("export", "--format", "tyk", "-c", write_config("mode = x\n")), 1, "",
                   ":1: mode \"x\"");
}
