/* pinshim report: which domains are ready, and what was seen. */
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/event_lines.h"
#include "tests/support/events.h"

TestSuite(report, .init = open_scratch, .fini = close_scratch);

/* A trial that leaves nothing to ask. */
#define GOOD_TRIAL                                                                                 \
    {                                                                                              \
        20, 10, 0, NULL                                                                            \
    }

static json_t *report(const char *file, int status)
{
    return expect_json(PINSHIM("report", "--json", file), status);
}

/* The one object of an array whose field has that value. */
static const json_t *find(const json_t *json, const char *array, const char *field,
                          const char *value)
{
    const json_t *list = json_object_get(json, array), *found = NULL, *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        const char *its = json_string_value(json_object_get(one, field));
        if (its ? value && strcmp(its, value) == 0 : !value) {
            cr_assert_not(found, "two %s with %s %s", array, field, value);
            found = one;
        }
    }
    cr_assert(found, "no %s with %s %s in %s", array, field, value, json_dumps(json, 0));
    return found;
}

static const char *reasons(const json_t *domain)
{
    const char *text = "";
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(domain, "reasons"), i, one) text =
        scratch_format(scratch, "%s%s%s", text, *text ? " " : "", field_string(one, "reason"));
    return text;
}

struct readiness {
    struct batch batches[3];
    const char *reasons; /* "": ready */
};

static const struct readiness table[] = {
    {{GOOD_TRIAL}, ""},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'program_verification':'failed'"}}, "would_block"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'program_verification':'skipped'"}}, "would_block"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'would':'terminate','program_verification':'failed'"}},
     "would_block"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS}}, "would_block inspection_suspected"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'reason':'pin_not_in_valid_chain'"}},
     "would_block inspection_suspected"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'reason':'no_certificate'"}}, "would_block"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'program_verification':'skipped','local_ca':true"}},
     "would_block inspection_suspected"},
    {{GOOD_TRIAL, {1, 1, 1, "'local_ca':true"}}, ""}, /* a private CA that is pinned */
    {{GOOD_TRIAL,
      {1, 1, 1, "'mode':'enforce'," FAILS ",'action':'block','program_verification':null"}},
     "would_block"},
    {{GOOD_TRIAL, {1, 1, 1, "'verdict':'unpinned','reason':'pins_expired'"}}, "pins_expired"},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'reason':'pins_expired'"}}, "would_block pins_expired"},
    {{{20, 10, 0, "'reason':'backup_pin_matched','pin_role':'backup'"}}, "backup_only"},
    {{{20, 10, 0, "'reason':'backup_pin_matched','pin_role':'backup'"}, {1, 9, 9, NULL}}, ""},
    {{{20, 10, 0, "'reason':'inspection_ca','pin':null"}}, ""}, /* declared, so enforce lets it */
    {{{20, 10, 0, FAILS ",'program_verification':'failed'"}}, "would_block no_pass"},
    /* Enforce would make a full handshake, so the session blocks nothing. */
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'reason':'session_not_verified'"}}, ""},
    {{GOOD_TRIAL, {1, 1, 1, FAILS ",'reason':'session_not_verified','action':'block'"}},
     "would_block"},
    {{{20, 10, 0, FAILS ",'reason':'session_not_verified'"}}, "not_judged"},
    {{{9, 10, 0, NULL}}, "too_few"},
    {{{10, 10, 0, NULL}}, ""},
    {{{20, 6.9, 0, NULL}}, "too_short"},
    {{{20, 7.1, 0, NULL}}, ""},
    {{{9, 6.9, 0, NULL}}, "too_few too_short"},
    /* Seen early, and the trial went on. */
    {{{20, 10, 9, NULL}, {1, 0, 0, UNCOVERED}}, ""},
    /* What an earlier policy blocked does not count, nor what it passed. */
    {{{1, 12, 12, FAILS ",'policy':'2222222222222222'"}, GOOD_TRIAL}, ""},
    {{{20, 20, 10, "'policy':'2222222222222222'"}, {5, 1, 0, NULL}}, "too_few too_short"},
    /* ... unless another program still has it. */
    {{{1, 12, 12, "'program':'old','policy':'2222222222222222'," FAILS}, GOOD_TRIAL},
     "would_block inspection_suspected"},
};

Test(report, readiness)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *file = event_file("web1.jsonl", table[i].batches, 3);
        bool ready = !*table[i].reasons;
        json_t *json = report(file, ready ? 0 : 1);
        const json_t *domain = find(json, "domains", "domain", "a.test");

        cr_expect_str_eq(reasons(domain), table[i].reasons, "row %zu: %s", i, reasons(domain));
        cr_expect_eq(field_true(domain, "ready"), ready);
        cr_expect_eq(field_true(json, "ready"), ready);
        json_decref(json);
    }
}

/* A domain that only earlier policies had. */
Test(report, not_seen_since)
{
    json_t *json = report(EVENT_FILE("web1.jsonl",
                                     {20, 20, 10,
                                      "'domain':'old.test','host':'old.test',"
                                      "'policy':'2222222222222222'"},
                                     GOOD_TRIAL),
                          1);
    const json_t *domain = find(json, "domains", "domain", "old.test");

    cr_expect_str_eq(reasons(domain), "not_seen");
    expect_number(domain, "connections", 0);
    expect_number(domain, "earlier_policies", 20);
    cr_expect_not(field_true(find(json, "policies", "policy", "2222222222222222"), "in_use"));
    cr_expect(field_true(find(json, "policies", "policy", "1111111111111111"), "in_use"));
    json_decref(json);
}

Test(report, thresholds)
{
    const char *file = EVENT_FILE("web1.jsonl", {3, 1.1, 0, NULL});

    expect_outcome(PINSHIM("report", file), 1,
                   "passed 3 times, and 10 are asked for; watched for 1", "");
    expect_outcome(PINSHIM("report", "--min-connections", "3", "--min-days=1", file), 0,
                   "Ready: enforce would have changed nothing for 1 domain.", "");
    expect_outcome(PINSHIM("report", "--min-connections", "4", "--min-days=1", file), 1, "4 are",
                   "");
    expect_outcome(PINSHIM("report", "--min-connections", "3", "--min-days=2", file), 1, "2 are",
                   "");
}

/* Nothing of a section, and yet enforce would break it. */
Test(report, uncovered)
{
    json_t *json =
        report(EVENT_FILE("web1.jsonl", GOOD_TRIAL, {2, 3, 2, UNCOVERED ",'host':'b.test'"}), 0);
    const json_t *open = find(json, "no_section", "host", "b.test");

    expect_number(open, "connections", 2);
    expect_number(open, "would_block", 0);
    expect_number(open, "port", 443);
    expect_string(open, "program", "curl");
    expect_string(open, "machine", "web1");
    cr_expect_eq(json_array_size(json_object_get(json, "would_block")), 0);
    json_decref(json);

    json = report(EVENT_FILE("web1.jsonl", GOOD_TRIAL,
                             {2, 3, 2, UNCOVERED ",'host':'b.test','would':'block'"}),
                  1);
    expect_number(find(json, "no_section", "host", "b.test"), "would_block", 2);
    expect_number(find(json, "would_block", "host", "b.test"), "connections", 2);
    expect_string(find(json, "would_block", "host", "b.test"), "reason", "no_section");
    json_decref(json);
}

/* What the policy in use does not name, and not what an earlier one did not. */
Test(report, uncovered_before)
{
    const char *file =
        EVENT_FILE("web1.jsonl", GOOD_TRIAL, {2, 20, 19, UNCOVERED ",'policy':'2222222222222222'"},
                   {1, 20, 19,
                    UNCOVERED ",'policy':'2222222222222222','verdict':'fail',"
                              "'would':'block'"});
    struct outcome outcome = PINSHIM("report", file);
    json_t *json = report(file, 0);

    cr_expect_not(strstr(outcome.out, "NO SECTION NAMES THEM"));
    expect_outcome(outcome, 0, "3 connections under policies no longer in use do not count.", "");
    cr_expect_not(
        field_true(json_array_get(json_object_get(json, "no_section"), 0), "policy_in_use"));
    json_decref(json);
}

/* A config that is wrong now makes nothing ready; one that was mended does not matter. */
Test(report, config_errors)
{
    static const char wrong[] = "'event':'config_error','file':'/etc/p.conf','line':3,"
                                "'message':'unknown option domian','policy':null";
    json_t *json = report(EVENT_FILE("web1.jsonl", GOOD_TRIAL, {1, 2, 2, wrong}), 1);
    const json_t *program = find(json, "programs", "machine", "web1");

    cr_expect(field_true(find(json, "domains", "domain", "a.test"), "ready"));
    expect_string(program, "config_error", "unknown option domian");
    expect_string(program, "file", "/etc/p.conf");
    expect_number(program, "line", 3);
    expect_number(json, "config_errors", 1);
    json_decref(json);

    json = report(
        EVENT_FILE("web1.jsonl", GOOD_TRIAL, {1, 2, 2, wrong}, {1, 1, 1, "'event':'policy'"}), 0);
    expect_string(find(json, "programs", "machine", "web1"), "config_error", NULL);
    json_decref(json);

    /* The connections alone tell of it. */
    json = report(
        EVENT_FILE("web1.jsonl", GOOD_TRIAL,
                   {2, 1, 1, "'domain':null,'policy':null," FAILS ",'reason':'config_error'"}),
        1);
    expect_string(find(json, "programs", "machine", "web1"), "config_error", "the config is wrong");
    expect_number(find(json, "would_block", "reason", "config_error"), "connections", 2);
    json_decref(json);
}

/* Who signed, and what that means. */
Test(report, inspection)
{
    static const struct {
        const char *changes, *says;
        bool ready;
    } cases[] = {
        {FAILS "," CHAIN(SPKI_B, CERT_2, "CN=Proxy", "2040-01-01T00:00:00Z"), "suspected", false},
        {FAILS ",'local_ca':true," CHAIN(SPKI_B, CERT_2, "CN=Proxy", "2040-01-01T00:00:00Z"),
         "certain", false},
        {FAILS ",'local_ca':false," CHAIN(SPKI_B, CERT_2, "CN=Root", "2040-01-01T00:00:00Z"),
         "other key", false},
        {"'reason':'inspection_ca','pin':null," CHAIN(SPKI_B, CERT_2, "CN=Proxy",
                                                      "2040-01-01T00:00:00Z"),
         "declared", true},
        {UNCOVERED ",'local_ca':true," CHAIN(SPKI_B, CERT_2, "CN=Proxy", "2040-01-01T00:00:00Z"),
         "certain", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = report(EVENT_FILE("web2.jsonl", GOOD_TRIAL, {3, 2, 1, cases[i].changes}),
                              cases[i].ready ? 0 : 1);
        const json_t *seen = json_array_get(json_object_get(json, "inspection"), 0);

        cr_assert_eq(json_array_size(json_object_get(json, "inspection")), 1, "case %zu", i);
        expect_string(seen, "inspection", cases[i].says);
        expect_string(seen, "issuer", i == 2 ? "CN=Root" : "CN=Proxy");
        expect_string(seen, "host", "a.test");
        expect_string(seen, "program", "curl");
        expect_string(seen, "machine", "web2");
        expect_number(seen, "connections", 3);
        json_decref(json);
    }
}

/* Which pin matched, how often, and when its certificate ends. */
Test(report, pins_and_certificates)
{
    const char *soon = event_time(29.5), *later = event_time(31.5);
    const char *changes = scratch_format(scratch, CHAIN(SPKI_A, CERT_1, "CN=Root", "%s"), soon);
    const char *renewed = scratch_format(
        scratch, "'host':'b.test','domain':'b.test'," CHAIN(SPKI_A, CERT_1, "CN=Root", "%s"),
        later);
    const char *file = EVENT_FILE("web1.jsonl", {20, 10, 0, changes}, {20, 10, 0, renewed},
                                  {4, 9, 1,
                                   "'reason':'backup_pin_matched','pin_role':'backup'," CHAIN(
                                       SPKI_A, CERT_2, "CN=Root", "2040-01-01T00:00:00Z")});
    json_t *json = report(file, 0);
    size_t i;
    json_t *pin;

    cr_assert_eq(json_array_size(json_object_get(json, "pins")), 3);
    json_array_foreach(json_object_get(json, "pins"), i, pin) expect_number(
        pin, "connections", strcmp(field_string(pin, "pin_role"), "pin") == 0 ? 20 : 4);
    expect_number(find(json, "domains", "domain", "a.test"), "pin_matched", 20);
    expect_number(find(json, "domains", "domain", "a.test"), "backup_pin_matched", 4);
    expect_number(find(json, "certificates", "domain", "b.test"), "days", 31);
    cr_expect_not(field_true(find(json, "certificates", "domain", "b.test"), "close"));
    json_decref(json);

    json = expect_json(PINSHIM("report", "--json", "--within=32", file), 0);
    cr_expect(field_true(find(json, "certificates", "domain", "b.test"), "close"));
    json_decref(json);
    expect_outcome(PINSHIM("report", file), 0, "PINNED CERTIFICATES CLOSE TO THEIR END", "");
    expect_outcome(PINSHIM("report", "--within", "5", file), 0,
                   "No pinned certificate ends within 5", "");
}

/* A certificate that the server has replaced worries nobody. */
Test(report, replaced_certificate)
{
    const char *before =
        scratch_format(scratch, CHAIN(SPKI_A, CERT_1, "CN=Root", "%s"), event_time(3));
    const char *after = CHAIN(SPKI_A, CERT_2, "CN=Root", "2040-01-01T00:00:00Z");
    json_t *json = report(EVENT_FILE("web1.jsonl", {20, 10, 5, before}, {5, 4, 0, after}), 0);

    cr_expect(field_true(find(json, "certificates", "cert", CERT_1), "replaced"));
    cr_expect_not(field_true(find(json, "certificates", "cert", CERT_2), "replaced"));
    json_decref(json);
    expect_outcome(PINSHIM("report", scratch_path(scratch, "web1.jsonl")), 0,
                   "No pinned certificate ends", "");
    /* Behind a load balancer both are in use. */
    json = report(EVENT_FILE("web1.jsonl", {20, 10, 0, before}, {5, 4, 0, after}), 0);
    cr_expect_not(field_true(find(json, "certificates", "cert", CERT_1), "replaced"));
    json_decref(json);
}
