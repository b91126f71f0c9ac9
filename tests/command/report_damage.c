/* pinshim report: events of which something is left out, or cut off. */
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/event_lines.h"
#include "tests/support/events.h"

TestSuite(report_damage, .init = open_scratch, .fini = close_scratch);

/* Details: the event counts without them, and that is said. */
static const struct {
    const char *changes, *says;
} details[] = {
    {"'port':'443'", "port is not a number"},
    {"'port':65536", "port is none"},
    {"'port':-1", "port is no small whole number"},
    {"'pin':'sha256/AAAA'", "pin is no pin"},
    {"'pin':'md5/AAAA'", "pin is no pin"},
    {"'chain':{}", "chain is an object"},
    {"'chain':[{'spki':'" CERT_1 "'}]", "spki is no pin"},
    {"'chain':[{'cert':'" SPKI_A "'}]", "cert is no pin"},
    {"'chain':[{'spki':['" SPKI_A "']}]", "spki is not a string"},
    {"'chain':[{'not_after':'never'}]", "not_after is no time"},
    {"'chain':[{'subject':1}]", "subject is not a string"},
    {"'local_ca':'yes'", "local_ca is not true or false"},
    {"'resumed':1", "resumed is not true or false"},
    {"'lost':-1", "lost is no small whole number"},
    {"'mode':7", "mode is not a string"},
    {"'program_verification':'perhaps'", "program_verification has a value that is not known"},
};

Test(report_damage, damaged_details)
{
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        const char *pass =
            EVENT_FILE("web1.jsonl", {20, 10, 0, NULL}, {1, 1, 1, details[i].changes});
        const char *fail =
            EVENT_FILE("web2.jsonl", {20, 10, 0, NULL},
                       {1, 1, 1, scratch_format(scratch, FAILS ",%s", details[i].changes)});
        json_t *json = expect_json(PINSHIM("report", "--json", pass), 0);

        expect_number(json, "connections", 21);
        expect_number(json, "damaged_events", 1);
        expect_number(json, "bad_lines", 0);
        expect_number(json_array_get(json_object_get(json, "damaged"), 0), "line", 21);
        json_decref(json);
        expect_outcome(
            PINSHIM("report", pass), 0, "1 event is counted without a detail",
            scratch_format(scratch, "web1.jsonl:21: left out of an event: %s", details[i].says));
        expect_outcome(PINSHIM("report", fail), 1, "enforce blocks 1 of 21 connections",
                       details[i].says);
    }
}

/* A certificate that cannot be read takes neither the verdict nor the other certificates away. */
Test(report_damage, damaged_certificate)
{
    json_t *json =
        expect_json(PINSHIM("report", "--json",
                            EVENT_FILE("web1.jsonl", {20, 10, 0, NULL},
                                       {1, 1, 1,
                                        FAILS "," CHAIN("sha256/\\u2026", "cert-sha256/\\u2026",
                                                        "CN=Proxy", "2040-01-01T00:00:00Z")})),
                    1);
    const json_t *inspection = json_array_get(json_object_get(json, "inspection"), 0);

    cr_expect_str_eq(report_reason(json, "a.test"), "would_block");
    expect_number(json, "damaged_events", 1);
    expect_string(inspection, "issuer", "CN=Proxy");
    json_decref(json);
}

Test(report_damage, damaged_before_the_pinned)
{
    json_t *json = expect_json(
        PINSHIM("report", "--json",
                EVENT_FILE("web1.jsonl",
                           {20, 10, 0,
                            "'pin':'" SPKI_CA "'," CHAIN("sha256/x", CERT_1, "CN=Root", "never")})),
        0);

    expect_number(json, "damaged_events", 20);
    expect_string(json_array_get(json_object_get(json, "certificates"), 0), "cert", CERT_2);
    json_decref(json);
}

/* A field that is there twice is as it was first, whatever type it has then. */
Test(report_damage, detail_twice)
{
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    json_t *json = expect_json(
        PINSHIM("report", "--json",
                scratch_text(scratch, "web1.jsonl", 0644,
                             "%s%.*s,\"chain\":{\"a\":[1]},\"owner\":{},\"pin\":[[]]}\n", good,
                             (int)(strchr(good, '\n') - good) - 1, good)),
        0);

    expect_number(json, "connections", 21);
    expect_number(json, "damaged_events", 1);
    expect_number(json_array_get(json_object_get(json, "pins"), 0), "connections", 21);
    json_decref(json);
}

Test(report_damage, torn_line)
{
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    size_t length = strlen(good);

    /* Cut anywhere in the last line; without its newline alone it is whole. */
    for (size_t cut = 1; cut < 600; cut += 37) {
        const char *file = scratch_write(scratch, "web1.jsonl", 0644, good, length - cut);
        expect_outcome(PINSHIM("report", file), 0, cut == 1 ? "20 connections" : "19 connections",
                       cut == 1 ? "" : "1 event is cut off");
    }
}

/* What killed processes and full disks have left in the middle of a file; "": another process wrote
 * on to it. */
Test(report_damage, torn_in_the_middle)
{
    static const char *const ends[] = {"\n", ""};
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    const char *torn = event_lines((const struct batch[]){{1, 5, 5, NULL}}, 1);

    for (int length = 1; length < 600; length += 37)
        for (size_t i = 0; i < 2; i++) {
            const char *file = scratch_text(scratch, "web1.jsonl", 0644, "%s%.*s%s%s", good, length,
                                            torn, ends[i], good);
            json_t *json = expect_json(PINSHIM("report", "--json", file), 0);

            expect_number(json, "connections", 40);
            expect_number(json, "torn_lines", 1);
            expect_number(json, "bad_lines", 0);
            json_decref(json);
            expect_outcome(PINSHIM("report", file), 0, "1 event is cut off", NULL);
        }
}

/* Several on one line; and two whole ones. */
Test(report_damage, torn_more_than_once)
{
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    const char *one = event_lines((const struct batch[]){{1, 5, 5, NULL}}, 1);
    int whole = (int)strlen(one) - 1;
    json_t *json =
        expect_json(PINSHIM("report", "--json",
                            scratch_text(scratch, "web1.jsonl", 0644, "%s%.*s%.*s%.*s%.*s%.100s",
                                         good, 99, one, whole, one, 300, one, whole, one, one)),
                    0);

    expect_number(json, "connections", 22);
    expect_number(json, "torn_lines", 3);
    expect_number(json, "bad_lines", 0);
    json_decref(json);
}

/* What stands before an event, and is no beginning of one: as a whole it is no event. */
Test(report_damage, words_before_an_event)
{
    const char *good = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    json_t *json = expect_json(PINSHIM("report", "--json",
                                       scratch_text(scratch, "web1.jsonl", 0644,
                                                    "%sNov 21 web1 pinshim[7]: %s", good, good)),
                               1);

    expect_number(json, "connections", 39);
    expect_number(json, "torn_lines", 0);
    expect_number(json, "bad_lines", 1);
    json_decref(json);
}

/* A line that is cut off behind a verdict against the peer is not excused. */
Test(report_damage, torn_refusal)
{
    const char *good =
        event_lines((const struct batch[]){{20, 10, 0, NULL}, {20, 10, 0, "'domain':'b.test'"}}, 2);
    const char *const lines[] = {
        event_lines((const struct batch[]){{1, 5, 5, FAILS}}, 1),
        event_lines((const struct batch[]){{1, 5, 5, "'verdict':'unpinned','would':'block'"}}, 1)};

    for (size_t i = 0; i < 4; i++) {
        const char *line = lines[i / 2];
        json_t *json = expect_json(
            PINSHIM("report", "--json",
                    scratch_text(scratch, "web1.jsonl", 0644, "%s%.*s%s", good,
                                 (int)(strstr(line, "\"pin\"") - line), line, i % 2 ? "\n" : "")),
            1);

        cr_expect_str_eq(report_reason(json, "a.test"), "unreadable");
        cr_expect_str_eq(report_reason(json, "b.test"), "");
        expect_number(json, "torn_lines", 0);
        json_decref(json);
    }
}
