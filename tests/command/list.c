/* pinshim list: the pin table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"
#include "tests/support/events.h"

TestSuite(list, .init = open_desk, .fini = close_desk, .timeout = 120);

/* Seconds from now, as a day. */
static const char *day(long seconds)
{
    time_t at = time(NULL) + seconds;
    struct tm tm;
    char text[32];

    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&at, &tm));
    return scratch_format(scratch, "%s", text);
}

#define DAYS 86400L

/* A leaf that ends in so many days, pinned for `domain`. */
static void add_leaf(const char *domain, long days)
{
    const struct request request = {.not_before = -400 * DAYS, .not_after = days * DAYS};
    struct identity identity;

    pki_issue(scratch, domain, &pki.intermediate, &request, &identity);
    expect_outcome(DESK("add", domain, "--cert", identity.leaf_file), 0, NULL, NULL);
    identity_free(&identity);
}

static void expect_status(const char *status, const char *within, const char *domains)
{
    json_t *json = expect_json(
        DESK("list", "--json", "--status", status, "--within", within, "--sort", "domain"), 0);
    const json_t *pins = json_object_get(json, "pins");
    char got[400] = "";

    for (size_t i = 0; i < json_array_size(pins); i++) {
        const char *domain = field_string(json_array_get(pins, i), "domain");

        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "", domain);
    }
    cr_expect_str_eq(got, domains, "%s within %s: %s", status, within, got);
    json_decref(json);
}

Test(list, status)
{
    add_leaf("expired.test", -1);
    add_leaf("soon.test", 10);
    add_leaf("long.test", 300);
    expect_outcome(DESK("add", "typed.test", "--pin", PIN_A, "--expires", day(300 * DAYS)), 0, NULL,
                   NULL);
    expect_outcome(DESK("add", "typed-soon.test", "--pin", PIN_A, "--expires", day(10 * DAYS)), 0,
                   NULL, NULL);
    expect_outcome(DESK("add", "typed-past.test", "--pin", PIN_A, "--expires", day(-2 * DAYS)), 0,
                   NULL, NULL);
    expect_outcome(DESK("add", "bare.test", "--pin", PIN_A), 0, NULL, NULL);
    write_pins("s.conf", scratch_format(scratch,
                                        "domain \"section.test\" { pins = {\"%s\"} "
                                        "expires = \"%s\" }\n",
                                        PIN_A, day(-2 * DAYS)));
    expect_status("valid", "30", "long.test");
    expect_status("expiring", "30", "soon.test typed-soon.test");
    expect_status("expiring", "5", "");
    expect_status("expired", "5", "expired.test section.test typed-past.test");
    expect_status("unknown", "30", "bare.test typed.test");
    expect_status("valid,expiring", "5", "long.test soon.test");
}

Test(list, columns)
{
    write_pins(
        "x.conf",
        scratch_format(scratch,
                       "domain \"a.test\" {\n  pins = {\"file:%s\"}\n"
                       "  backup_pins = {\n    \"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                       "AAA=\" # position=leaf cn=the next\n  }\n"
                       "  owner = \"payments\" ports = {443, 8443}\n}\n",
                       pki.genuine.leaf_file));
    json_t *json = expect_json(DESK("list", "--json"), 0);
    const json_t *pins = json_object_get(json, "pins");
    const json_t *first = json_array_get(pins, 0), *second = json_array_get(pins, 1);

    cr_assert_eq(json_array_size(pins), 2);
    expect_string(first, "domain", "a.test");
    expect_string(first, "cn", "genuine");
    expect_string(first, "pin", pki.genuine.pin);
    expect_string(first, "role", "pin");
    expect_string(first, "position", "leaf");
    expect_string(first, "status", "expiring"); /* the test's certificates have a day */
    expect_string(first, "owner", "payments");
    expect_string(first, "ports", "443,8443");
    expect_string(first, "source", "file");
    cr_expect_eq(strlen(field_string(first, "fingerprint")), 95);
    cr_expect_eq(strlen(field_string(first, "expires")), 20);
    expect_number(first, "line", 1);
    expect_string(second, "pin", PIN_A);
    expect_string(second, "role", "backup");
    expect_string(second, "cn", "the next");
    expect_string(second, "position", "leaf");
    expect_string(second, "source", "typed");
    expect_string(second, "status", "unknown");
    cr_expect(json_is_null(json_object_get(second, "expires")));
    json_decref(json);
}

/* What is known of a pin comes from the store first, however it is written. */
Test(list, certificate_of_the_store)
{
    expect_outcome(DESK("store", "add", pki.genuine.leaf_file), 0, "stored", "");
    write_pins("x.conf", scratch_format(scratch,
                                        "domain \"a.test\" {\n  pins = {\n    \"%s\" # cn=a lie\n"
                                        "    , \"%s\"\n  }\n}\n",
                                        pki.genuine.pin, pki.genuine.cert_pin));
    json_t *json = expect_json(DESK("list", "--json"), 0);
    const json_t *pins = json_object_get(json, "pins");

    for (size_t i = 0; i < 2; i++) {
        expect_string(json_array_get(pins, i), "cn", "genuine");
        expect_string(json_array_get(pins, i), "source", "store");
    }
    json_decref(json);
}

Test(list, of_a_program)
{
    write_pins("x.conf", "domain \"b.test\" { pins = {\"" PIN_A "\"} }\n"
                         "program \"curl\" { domain \"a.test\" { pins = {\"" PIN_E "\"} } }\n");
    json_t *json = expect_json(DESK("list", "--json", "--program", "curl"), 0);

    cr_assert_eq(json_array_size(json_object_get(json, "pins")), 1);
    expect_string(json_array_get(json_object_get(json, "pins"), 0), "domain", "a.test");
    json_decref(json);
}

Test(list, table_and_filters)
{
    write_pins("x.conf", "domain \"b.test\" { pins = {\"" PIN_A "\"} owner = \"one\" }\n"
                         "program \"curl\" { domain \"a.test\" { pins = {\"" PIN_E "\"} } }\n"
                         "domain \"c.example\" { pins = {\"" PIN_I "\"} owner = \"\x1b[2J\" }\n"
                         "domain \"d.example\" { mode = off }\n");
    struct outcome outcome = DESK("list");
    const char *a = strstr(outcome.out, "\na.test"), *b = strstr(outcome.out, "\nb.test");

    cr_expect(a && b && a < b, "%s", outcome.out);
    cr_expect_null(strchr(outcome.out, '\x1b'), "%s", outcome.out);
    cr_expect_null(strstr(outcome.out, "d.example"), "%s", outcome.out);
    expect_outcome(outcome, 0, "DOMAIN", "");
    outcome = DESK("list", "--domain", "*.TEST");
    cr_expect_null(strstr(outcome.out, "c.example"), "%s", outcome.out);
    expect_outcome(outcome, 0, "curl", "");
    expect_outcome(DESK("list", "--sort", "owner", "--json"), 0, "\"pins\"", "");
    expect_outcome(DESK("list", "--sort", "cnn"), 2, "", "did you mean cn");
    expect_outcome(DESK("list", "--status", "good"), 2, "", "write valid, expiring");
    expect_outcome(DESK("list", "--within", "x"), 2, "", "a number from 1");
    expect_outcome(DESK("list", "x"), 2, "", "--domain PATTERN");
}

/* Colours are for terminals that want them. */
Test(list, colors)
{
    static const char *const variables[] = {"TERM=xterm", "NO_COLOR=1", "TERM=dumb"};
    char *pinshim = build_path("pinshim");

    add_leaf("expired.test", -1);
    for (size_t i = 0; i < 3; i++) {
        struct command command = {.input = ""};

        command_set(&command, "TERM=xterm");
        command_set(&command, variables[i]);
        command_add(&command, "script", "-qec",
                    scratch_format(scratch, "%s list -c %s", pinshim, desk_config), "/dev/null",
                    NULL);
        struct outcome outcome = command_run(&command);
        cr_expect_eq(strchr(outcome.out, '\x1b') != NULL, i == 0, "%s: %s", variables[i],
                     outcome.out);
        expect_outcome(outcome, 0, "expired.test", NULL);
    }
    free(pinshim);
}
