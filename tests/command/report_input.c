/* pinshim report: bad, hostile and large input, and several files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/event_lines.h"
#include "tests/support/events.h"

TestSuite(report_input, .init = open_scratch, .fini = close_scratch);

/* What a peer may be called reaches neither the terminal nor the page as it is. */
Test(report_input, hostile_names)
{
    static const char hostile[] = "'host':'a\\u001b[2J<script>alert(1)</script>\\u009b','domain':"
                                  "'&\\\"<b>\\u0007','program':'x\\ny\\u007f','owner':'\\u202e<i>'";
    const char *page = scratch_path(scratch, "page.html"), *text;
    const char *file = EVENT_FILE("<u>&.jsonl", {20, 10, 0, hostile}, {1, 1, 1, NULL},
                                  {1, 1, 1, FAILS ",'host':'a\\u001b[2J<script>'"});
    struct outcome outcome = PINSHIM("report", "--html", page, file);

    cr_expect_not(strpbrk(outcome.out, "\x1b\x07\x7f"), "%s", outcome.out);
    cr_expect_not(strstr(outcome.out, "\xc2\x9b"));
    cr_expect(strstr(outcome.out, "\\x1b[2J"), "%s", outcome.out);
    expect_outcome(outcome, 1, NULL, "");
    text = scratch_read(scratch, page);
    cr_expect_not(strpbrk(text, "\x1b\x07\x7f"));
    cr_expect_not(strstr(text, "<script"));
    cr_expect_not(strstr(text, "<b>\\x07"));
    cr_expect_not(strstr(text, "<u>"));
    cr_expect(strstr(text, "a\\x1b[2J&lt;script&gt;"));
    cr_expect(strstr(text, "&amp;&quot;&lt;b&gt;\\x07"));
    outcome = PINSHIM("report", "--json", file);
    for (const char *at = outcome.out; *at; at++)
        cr_assert(*at == '\n' || (*at >= ' ' && *at < 0x7f) || *at == 0x7f);
    expect_outcome(outcome, 1, "\\u001B[2J", "");
}

Test(report_input, machines)
{
    static const struct {
        const char *file, *machine;
    } cases[] = {
        {"web1.jsonl", "web1"},          {"web2.jsonl.1", "web2"},
        {"web3.jsonl-20261121", "web3"}, {"web4.log", "web4"},
        {"web5-20261121.jsonl", "web5"}, {"db.example.com", "db.example.com"},
        {"web-7.ndjson", "web-7"},       {".jsonl", ".jsonl"},
        {"web6.jsonl.12", "web6"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = expect_json(
            PINSHIM("report", "--json", EVENT_FILE(cases[i].file, {20, 10, 0, NULL})), 0);
        expect_string(json_array_get(json_object_get(json, "programs"), 0), "machine",
                      cases[i].machine);
        json_decref(json);
    }
}

/* Machines of one name lie in directories of their own; old files are the same machine's. */
Test(report_input, machines_by_directory)
{
    const char *first, *second, *old;
    json_t *json;

    mkdir(scratch_path(scratch, "m1"), 0755);
    mkdir(scratch_path(scratch, "m2"), 0755);
    first = EVENT_FILE("m1/pinshim.jsonl", {10, 5, 0, NULL});
    old = EVENT_FILE("m1/pinshim.jsonl.1", {10, 10, 5, NULL});
    second = EVENT_FILE("m2/pinshim.jsonl", {10, 10, 0, NULL});
    json = expect_json(PINSHIM("report", "--json", first, second, old), 0);
    expect_number(json, "machines", 2);
    expect_number(json, "connections", 30);
    expect_string(json_array_get(json_object_get(json, "programs"), 0), "machine",
                  scratch_format(scratch, "%s/m1/pinshim", scratch_dir(scratch)));
    json_decref(json);
}

/* What the sinks say that they lost. */
Test(report_input, lost)
{
    const char *file = EVENT_FILE("web1.jsonl", {20, 10, 0, NULL}, {2, 2, 1, "'lost':3"},
                                  {1, 1, 1, "'event':'policy','lost':1"});
    json_t *json = expect_json(PINSHIM("report", "--json", file), 0);

    expect_number(json, "lost_events", 7);
    json_decref(json);
    expect_outcome(PINSHIM("report", file), 0, "7 events were lost", "");
}

Test(report_input, twice)
{
    const char *file = EVENT_FILE("web1.jsonl", {20, 10, 0, NULL});
    const char *other = scratch_path(scratch, "web2.jsonl");

    cr_assert_eq(symlink(file, other), 0);
    expect_outcome(PINSHIM("report", file, other), 0, "20 connections", "is the same file as");
}

Test(report_input, standard_input)
{
    const char *input = event_lines((const struct batch[]){{20, 10, 0, NULL}}, 1);
    struct command command = {.input = input};

    pinshim_add(&command, "report", "-", NULL);
    expect_outcome(pinshim_run(command), 0, "standard input", "");
}

Test(report_input, nothing_seen)
{
    expect_outcome(PINSHIM("report", scratch_text(scratch, "empty", 0644, "%s", "")), 1,
                   "Not ready: no connection to a domain of the policy was seen.", "");
    expect_outcome(PINSHIM("report", EVENT_FILE("web1.jsonl", {20, 10, 0, UNCOVERED})), 1,
                   "Not ready: no connection to a domain", "");
}

Test(report_input, unreadable)
{
    expect_outcome(PINSHIM("report", scratch_path(scratch, "none")), 2, "", "No such file");
    expect_outcome(PINSHIM("report", scratch_dir(scratch)), 2, "", "Is a directory");
    expect_outcome(PINSHIM("report", scratch_text(scratch, "notes", 0644, "Dear all,\n")), 2, "",
                   "notes:1: it is no JSON");
    expect_outcome(PINSHIM("report", scratch_text(scratch, "blank", 0644, "\n \n"),
                           scratch_text(scratch, "notes", 0644, "\nDear all,\n"),
                           scratch_text(scratch, "more", 0644, "all\n")),
                   2, "", "there is no event in what was read; ");
    expect_outcome(PINSHIM("report", scratch_path(scratch, "blank"), scratch_path(scratch, "notes"),
                           scratch_path(scratch, "more")),
                   2, "", "/notes:2: it is no JSON");
    /* Not the beginning of an event that is being written either. */
    expect_outcome(
        PINSHIM("report", "--json", scratch_text(scratch, "bits", 0644, "%s", "\x7f\x01")), 2, "",
        "/bits:1: it is no JSON");
    expect_outcome(PINSHIM("report", scratch_text(scratch, "begun", 0644, "{\"v\":1,\"ti")), 1,
                   "Not ready", "1 event is cut off");
    expect_outcome(PINSHIM("report", scratch_write(scratch, "x.gz", 0644, "\x1f\x8b\b", 3)), 2, "",
                   "is compressed: zcat it");
    expect_outcome(PINSHIM("report"), 2, "", "name the files of events");
    expect_outcome(PINSHIM("report", "--within=soon", "x"), 2, "", "takes a number from 0 to");
    expect_outcome(PINSHIM("report", "--min-days=-1", "x"), 2, "", "takes a number from 0 to");
    expect_outcome(PINSHIM("report", "--frob", "x"), 2, "", "there is no option '--frob'");
}

/* 100,000 events (100 MB) in the memory of a few. */
Test(report_input, large)
{
    enum { TIMES = 1000 };
    const char *lines = event_lines((const struct batch[]){{100, 10, 0, NULL}}, 1);
    const char *path = scratch_path(scratch, "web1.jsonl");
    FILE *file = fopen(path, "w");
    struct rusage usage;
    json_t *json;

    cr_assert(file);
    for (unsigned i = 0; i < TIMES; i++)
        fputs(lines, file);
    cr_assert_eq(fclose(file), 0);
    json = expect_json(PINSHIM("report", "--json", path), 0);
    expect_number(json, "connections", 100L * TIMES);
    json_decref(json);
    cr_assert_eq(getrusage(RUSAGE_CHILDREN, &usage), 0);
    if (!getenv("SANITIZER_OPTIONS"))
        cr_expect_lt(usage.ru_maxrss, 50 * 1024, "%ld KiB", usage.ru_maxrss);
}
