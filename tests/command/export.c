/* pinshim export: sections that another system can only have as one, and names in other words. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/formats.h"

TestSuite(export, .init = formats_open, .fini = close_scratch, .timeout = 60);

#define B64_1 "klO23nT2ehFDXCfx3eHTDRESMz3asj1muO+4aIdjiuY="
#define B64_2 "grX4Ta9HpZx6tSHkmCrvpApTQGo67CYDnvprLg5yRME="
#define B64_3 "afwiKY3RxoMmLkuRW1l7QsPZTJPwDS2pdDROQjXw8ig="
#define PIN_1 "sha256/" B64_1
#define PIN_2 "sha256/" B64_2
#define PIN_3 "sha256/" B64_3

static unsigned count(const char *text, const char *what)
{
    unsigned times = 0;

    for (; (text = strstr(text, what)); text++)
        times++;
    return times;
}

static void expect_told(struct outcome outcome, const char *told)
{
    cr_expect_eq(count(outcome.err, told), 1, "\"%s\" %u times in %s", told,
                 count(outcome.err, told), outcome.err);
    expect_outcome(outcome, 0, NULL, NULL);
}

/* Sections for the ports of one name. */
Test(export, ports)
{
    static const char joined[] =
        "a.test: its ports are lost: 3 sections are one there, and the pins of each hold for all";
    static const char *const formats[] = {"tyk", "trustkit", "android", "okhttp", "curl", "hpkp"};
    static const char *const pins[] = {B64_1, B64_2, B64_3};

    write_config("domain \"a.test\" { ports = {443} pins = {\"" PIN_1 "\"} }\n"
                 "domain \"A.test.\" { ports = {8443} pins = {\"" PIN_2 "\", \"" PIN_1 "\"} }\n"
                 "domain \"b.test\" { ports = {443} pins = {\"" PIN_2 "\"} }\n"
                 "domain \"a.TEST\" { ports = {25} pins = {\"" PIN_1 "\"} backup_pins = {\"" PIN_3
                 "\"} }\n");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct outcome outcome = export_pins(formats[i], "a.test");

        for (size_t n = 0; n < 3 && i > 0; n++)
            cr_expect_eq(count(outcome.out, pins[n]), 1, "%s: %s", formats[i], outcome.out);
        if (i == 0) /* in hex */
            cr_expect_eq(count(outcome.out, ","), 2, "%s", outcome.out);
        expect_told(outcome, joined);
    }
    expect_told(export_pins("okhttp", NULL), "b.test: its ports are lost; the pins hold for all");
    expect_outcome(export_pins("android", NULL), 0, "\"false\">b.test<", joined);
    struct outcome outcome = export_pins("android", NULL);
    cr_expect_eq(count(outcome.out, "<domain "), 2, "%s", outcome.out);
    cr_expect_eq(count(outcome.out, ">a.test<"), 1, "%s", outcome.out);
    outcome_free(&outcome);
}

/* Where they differ, it is the strictest that holds. */
Test(export, ports_that_differ)
{
    struct outcome outcome;

    write_config(
        "mode = audit\n"
        "domain \"a.test\" { ports = {1} expires = \"2047-01-01\" pins = {\"" PIN_1 "\"} }\n"
        "domain \"a.test\" { ports = {2} mode = enforce expires = \"2048-01-01\" pins = "
        "{\"" PIN_2 "\"} }\n"
        "domain \"a.test\" { ports = {3} mode = off }\n"
        "domain \"b.test\" { ports = {1} expires = \"2047-01-01\" pins = {\"" PIN_1 "\"} }\n"
        "domain \"b.test\" { ports = {2} pins = {\"" PIN_2 "\"} }\n");
    outcome = PINSHIM("export", "-c", formats_config, "--json", "--format", "trustkit");
    cr_expect(
        strstr(outcome.err, "a.test: the mode of its sections differs; enforce holds for all"),
        "%s", outcome.err);
    cr_expect(strstr(outcome.err, "a.test: expires of its sections differs; 2048-01-01 holds"),
              "%s", outcome.err);
    cr_expect(strstr(outcome.err, "b.test: expires of its sections differs; none holds"), "%s",
              outcome.err);
    cr_expect_eq(count(outcome.out, "\"TSKExpirationDate\": \"2048-01-01\""), 1, "%s", outcome.out);
    cr_expect_eq(count(outcome.out, "TSKExpirationDate"), 1, "%s", outcome.out);
    cr_expect_eq(count(outcome.out, "\"TSKEnforcePinning\": true"), 1, "%s", outcome.out);
    cr_expect_eq(count(outcome.out, "\"TSKEnforcePinning\": false"), 1, "%s", outcome.out);
    expect_outcome(outcome, 0, NULL, NULL);
}

/* Android refuses a name that is there twice, and in TrustKit's the second would take the first's
 * place. */
Test(export, name_and_all_under_it)
{
    static const char told[] =
        "a.test: it and all under it are one there, and the pins of both hold for both";
    struct outcome outcome;

    write_config("domain \"a.test\" { pins = {\"" PIN_1 "\"} }\n"
                 "domain \"**.a.test\" { pins = {\"" PIN_2 "\"} }\n"
                 "domain \"b.a.test\" { pins = {\"" PIN_3 "\"} }\n");
    outcome = export_pins("android", NULL);
    cr_expect(strstr(outcome.out, "<domain includeSubdomains=\"true\">a.test<"), "%s", outcome.out);
    cr_expect_eq(count(outcome.out, "<domain "), 2, "%s", outcome.out);
    cr_expect(strstr(outcome.out, B64_1) && strstr(outcome.out, B64_2), "%s", outcome.out);
    expect_told(outcome, told);
    outcome = export_pins("trustkit", NULL);
    cr_expect(strstr(outcome.out, B64_1) && strstr(outcome.out, B64_2), "%s", outcome.out);
    expect_told(outcome, told);
    expect_outcome(export_pins("okhttp", NULL), 0,
                   "a.test " PIN_1 "\n**.a.test " PIN_2 "\nb.a.test " PIN_3 "\n", "");
}

/* A section that is off has pins that count for nothing. */
Test(export, off_with_pins)
{
    struct outcome outcome;

    write_config("domain \"**.a.test\" { pins = {\"" PIN_1 "\"} }\n"
                 "domain \"b.a.test\" { mode = off pins = {\"" PIN_2 "\"} }\n");
    outcome = export_pins("android", NULL);
    cr_expect(strstr(outcome.out, ">b.a.test<") && !strstr(outcome.out, B64_2), "%s", outcome.out);
    expect_told(outcome, "b.a.test: its pins are left out: its mode is off");
}

Test(export, addresses)
{
    write_config("domain \"[2001:db8::1]\" { pins = {\"" PIN_1 "\"} }\n"
                 "domain \"::ffff:192.0.2.1\" { pins = {\"" PIN_2 "\"} }\n"
                 "domain \"192.0.2.0/24\" { pins = {\"" PIN_3 "\"} }\n");
    expect_outcome(export_pins("curl", "2001:db8::1"), 0, "sha256//" B64_1 "\n", "");
    expect_outcome(export_pins("curl", "2001:DB8:0::1"), 0, "sha256//" B64_1 "\n", "");
    expect_outcome(export_pins("curl", "[2001:db8::1]"), 0, "sha256//" B64_1 "\n", "");
    expect_outcome(export_pins("curl", "192.0.2.1"), 0, "sha256//" B64_2 "\n", "");
    expect_outcome(export_pins("curl", "::ffff:192.0.2.1"), 0, "sha256//" B64_2 "\n", "");
    expect_outcome(export_pins("tyk", "192.0.2.1"), 0, "\"192.0.2.1\": ", "");
    expect_outcome(export_pins("curl", "192.0.2.2"), 1, "", "no section is for");
    expect_outcome(export_pins("curl", "192.0.2.0/24"), 1, "", "no section left");
    expect_outcome(export_pins("curl", "::ffff:192.0.2.0/120"), 1, "", "no section left");
}
