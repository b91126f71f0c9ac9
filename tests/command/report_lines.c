/* pinshim report: lines that are no events, or of a later version. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/event_lines.h"
#include "tests/support/events.h"

TestSuite(report_lines, .init = open_scratch, .fini = close_scratch);

/* A line between the events of a good trial, and what is said of it. */
static const struct {
    const char *line, *says;
} bad[] = {
    {"{\"v\":2,\"event\":\"handshake\",\"host\":[1]}",
     "its version is 2, and this pinshim knows 1"},
    {"{\"v\":0}", "its version is 0"},
    {"{\"v\":\"1\"}", "v is not a number"},
    {"{\"v\":1.5}", "v is no small whole number"},
    {"{\"v\":1e0}", "v is no small whole number"},
    {"{\"v\":99999999999999999999999}", "v is no small whole number"},
    {"{\"v\":null}", "v is missing"},
    {"{}", "v is missing"},
    {"[]", "it is no JSON object"},
    {"[{\"v\":1}]", "it is no JSON object"},
    {"1", "it is no JSON object"},
    {"null", "it is no JSON object"},
    {"\"v\"", "it is no JSON object"},
    {"not JSON", "it is no JSON"},
    {"{\"v\":1} {\"v\":1}", "it is no JSON: parse error: trailing garbage"},
    {"{\"v\":1,\"host\":\"a\x01\"}", "it is no JSON"},
    {"{\"v\":1,\"host\":\"a\x1b[2J\"}", "it is no JSON"},
    {"{\"v\":1,\"host\":\"a\xff\"}", "it is no JSON"},
    {"{\"v\":1,\"host\":\"\xed\xa0\x80\"}", "host is no UTF-8"},
    {"{\"v\":1,\"host\":\"\xc0\xaf\"}", "host is no UTF-8"},
    {"{\"v\":1,\"host\":\"\\u0000\"}", "host holds a NUL"},
    {"{\"v\":1}", "event is missing"},
    {"{\"v\":1,\"v\":1}", "v is there twice"},
    {"{\"v\":1,\"event\":\"policy\"}", "time is missing"},
    {"{\"v\":1,\"event\":\"policy\",\"time\":\"yesterday\"}", "time is no time"},
    {"{\"v\":1,\"event\":\"policy\",\"time\":\"2026-02-29T00:00:00Z\"}", "time is no time"},
    {"{\"v\":1,\"event\":\"policy\",\"time\":\"2026-02-28T24:00:00Z\"}", "time is no time"},
    {"{\"v\":1,\"event\":\"policy\",\"time\":\"2026-02-28T00:00:00+01:00\"}", "time is no time"},
    {"{\"v\":1,\"event\":[\"policy\"]}", "event is not a string"},
};

Test(report_lines, bad_lines)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
        const char *file =
            scratch_text(scratch, "web1.jsonl", 0644, "%s%s\n\n%s", good, bad[i].line, good);
        json_t *json;

        expect_outcome(PINSHIM("report", file), 1, "40 connections",
                       scratch_format(scratch, "web1.jsonl:21: no event: %s", bad[i].says));
        json = expect_json(PINSHIM("report", "--json", file), 1);
        cr_expect_str_eq(report_reason(json, "a.test"), "unreadable");
        cr_expect_not(field_true(json, "ready"));
        expect_number(json, "bad_lines", 1);
        expect_number(json, "connections", 40);
        expect_number(json_array_get(json_object_get(json, "bad"), 0), "line", 21);
        json_decref(json);
    }
}

/* It is said where the answer is: not on standard error alone. */
Test(report_lines, bad_line_is_told)
{
    const char *page = scratch_path(scratch, "page.html");
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    const char *file = scratch_text(scratch, "web1.jsonl", 0644, "%s{\"v\":2}\n", good);
    struct outcome outcome = PINSHIM("report", "--html", page, file);

    cr_expect_not(strstr(outcome.out, "READY"));
    cr_expect(strstr(outcome.out, "1 line could not be read and may tell of a refusal, the first"));
    cr_expect(strstr(outcome.out, "web1.jsonl:21: its version is 2, and this pinshim knows 1. No "
                                  "domain is ready until somebody has mended it"));
    cr_expect(strstr(outcome.out, "1 line that may be about it could not be read"));
    expect_outcome(outcome, 1, "Not ready: 0 of 1 domain is ready; 1 line could not be read.",
                   NULL);
    cr_expect(strstr(scratch_read(scratch, page), "1 line could not be read and may tell of a"));
    cr_expect(strstr(scratch_read(scratch, page), "1 line could not be read.</p>"));
}

/* Lines behind two good trials: which of the domains is not ready for it. */
static const struct {
    const char *changes, *a, *b;
} about[] = {
    {"'domain':'b.test','would':'ask'", "", "unreadable"},
    {"'domain':'b.test','host':1", "", "unreadable"},
    {"'domain':'b.test','time':'soon'", "", "unreadable"},
    {"'domain':'c.test','would':'ask'", "", ""},
    {"'domain':'b.test','v':2", "unreadable", "unreadable"},
    {"'domain':['b.test'],'would':'ask'", "unreadable", "unreadable"},
    {"'domain':null,'would':'ask'", "unreadable", "unreadable"},
    {"'event':'config_error','domain':null,'time':null", "unreadable", "unreadable"},
};

Test(report_lines, domain_of_a_bad_line)
{
    for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
        const char *file =
            EVENT_FILE("web1.jsonl", {20, 10, 0, NULL}, {20, 10, 0, "'domain':'b.test'"},
                       {1, 1, 1, about[i].changes});
        json_t *json = expect_json(PINSHIM("report", "--json", file), 1);

        cr_expect_str_eq(report_reason(json, "a.test"), about[i].a, "line %zu", i);
        cr_expect_str_eq(report_reason(json, "b.test"), about[i].b, "line %zu", i);
        cr_expect_str_eq(report_reason(json, "c.test"), i == 3 ? "unreadable" : "not told",
                         "line %zu", i);
        cr_expect_not(field_true(json, "ready"));
        expect_number(json, "bad_lines", 1);
        json_decref(json);
        expect_outcome(PINSHIM("report", file), 1, "1 line could not be read.", NULL);
    }
}

/* Of two domains that a line names, neither is the one. */
Test(report_lines, two_domains_in_a_bad_line)
{
    const char *good =
        event_lines((const struct batch[]){{20, 10, 0, NULL}, {20, 10, 0, "'domain':'b.test'"}}, 2);
    json_t *json = expect_json(
        PINSHIM("report", "--json",
                scratch_text(scratch, "web1.jsonl", 0644,
                             "%s{\"v\":1,\"domain\":\"a.test\",\"domain\":\"b.test\"}\n", good)),
        1);

    cr_expect_str_eq(report_reason(json, "a.test"), "unreadable");
    cr_expect_str_eq(report_reason(json, "b.test"), "unreadable");
    json_decref(json);
}

/* Whatever a second machine has sent. */
Test(report_lines, machine_of_garbage)
{
    static const char *const garbage[] = {"Dear all,\nwe have\n", "Dear all",      "\177ELF",
                                          "{\"time\":1",          "{\n\"v\":1,\n", "{\"v\":1}",
                                          "{\"v\":2,\"e\":"};
    const char *good = EVENT_FILE("web1.jsonl", {20, 10, 0, NULL});

    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        expect_outcome(
            PINSHIM("report", good, scratch_text(scratch, "web2.jsonl", 0644, "%s", garbage[i])), 1,
            "could not be read and may tell of a refusal", NULL);
    expect_outcome(PINSHIM("report", good), 0, "Ready: enforce", "");
}

/* Fields of a handshake: what is said of an event with this change. */
static const struct {
    const char *changes, *says;
} fields[] = {
    {"'verdict':null", "verdict is missing"},
    {"'verdict':'maybe'", "verdict has a value that is not known"},
    {"'would':'ask'", "would has a value that is not known"},
    {"'action':null", "action is missing"},
    {"'reason':null", "reason is missing"},
    {"'host':1", "host is not a string"},
    {"'host':{'v':2}", "host is an object"},
    {"'program':1", "program is not a string"},
    {"'policy':1", "policy is not a string"},
};

Test(report_lines, bad_fields)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        expect_outcome(PINSHIM("report", EVENT_FILE("web1.jsonl", {20, 10, 0, NULL},
                                                    {1, 1, 1, fields[i].changes})),
                       1, "20 connections",
                       scratch_format(scratch, "web1.jsonl:21: no event: %s", fields[i].says));
}

/* What may be null, or not there, or of a later version of 1. */
Test(report_lines, open_fields)
{
    static const char *const fine[] = {
        "'program':null,'owner':null,'address':null,'port':null",
        "'chain':null",
        "'chain':[]",
        "'chain':[1,'a',null,[{'spki':1}],{'later':{'a':[{}]}}]",
        "'later':{'chain':[{'spki':1}],'v':2}",
        "'reason':'a_later_one'",
        "'mode':'a_later_one','host_source':'a_later_one'",
        "'pin_role':'a_later_one','pin_position':'a_later_one'",
        "'local_ca':null",
    };

    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        expect_outcome(
            PINSHIM("report", EVENT_FILE("web1.jsonl", {20, 10, 0, NULL}, {1, 1, 1, fine[i]})), 0,
            "21 connections", "");
    expect_outcome(PINSHIM("report", EVENT_FILE("web1.jsonl", {20, 10, 0, NULL},
                                                {2, 1, 1, "'event':'later'"})),
                   0, "20 connections", "2 events are of a kind that this pinshim does not know");
    expect_outcome(
        PINSHIM("report", EVENT_FILE("web1.jsonl", {1, 1, 1, NULL}, {1, 1, 1, "'event':'later'"})),
        1, "1 connection by 1 program on 1 machine to 1 host; ",
        "1 event is of a kind that this pinshim does not know");
}

Test(report_lines, huge_fields)
{
    enum { HUGE = 3 << 20 };
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    char *huge = malloc(HUGE + 1);

    memset(huge, 'a', HUGE);
    huge[1025] = '\0';
    expect_outcome(PINSHIM("report", scratch_text(scratch, "web1.jsonl", 0644,
                                                  "{\"v\":1,\"host\":\"%s\"}\n%s", huge, good)),
                   1, "20 connections", "web1.jsonl:1: no event: host is longer than 1024 octets");
    huge[1025] = 'a';
    huge[HUGE] = '\0';
    expect_outcome(PINSHIM("report", scratch_text(scratch, "web1.jsonl", 0644,
                                                  "{\"v\":1,\"host\":\"%s\"}\n%s", huge, good)),
                   1, "20 connections", "web1.jsonl:1: no event: it is too long for an event");
    /* The same line at the end, and never ended. */
    expect_outcome(
        PINSHIM("report", scratch_text(scratch, "web1.jsonl", 0644, "%s{\"v\":1%s", good, huge)), 1,
        "20 connections", "web1.jsonl:21: no event: it is too long");
    memset(huge, '[', HUGE);
    huge[60000] = '\0';
    expect_outcome(
        PINSHIM("report", scratch_text(scratch, "web1.jsonl", 0644, "%s\n%s", huge, good)), 1,
        "20 connections", "web1.jsonl:1: no event: it is no JSON");
    free(huge);
}

Test(report_lines, many_bad_lines)
{
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    const char *file = scratch_text(scratch, "web1.jsonl", 0644, "x\nx\nx\nx\nx\nx\nx\n%s", good);
    struct outcome outcome = PINSHIM("report", file);

    cr_expect(strstr(outcome.err, "web1.jsonl:5: no event"));
    cr_expect_not(strstr(outcome.err, "web1.jsonl:6: no event"));
    expect_outcome(outcome, 1, "20 connections", "2 more lines are no events");
}
