/* pinshim check: what the shim would say, and what will hurt one day. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"

TestSuite(check, .init = open_scratch, .fini = close_scratch);

#define A "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define E "\"sha256/EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE=\""
#define GOOD "domain \"a.test\" {\n  pins = {" A "}\n  backup_pins = {" E "}\n}\n"

Test(check, good)
{
    const char *path = write_config("mode = audit\n%s", GOOD);

    expect_outcome(PINSHIM("check", path), 0,
                   scratch_format(scratch, "%s: 1 section, 2 pins, mode audit, policy ", path), "");
    json_t *json = expect_json(PINSHIM("check", "--json", path), 0);
    cr_expect_eq(json_array_size(json_object_get(json, "findings")), 0);
    json_decref(json);
}

Test(check, wrong)
{
    const char *path =
        write_config("# one\n%s\ndomain \"b.test\" {\n  pins = {\"md5/x\"}\n}\n", GOOD);
    const char *says = scratch_format(scratch, "%s:8: pins \"md5/x\": a pin begins with", path);

    expect_outcome(PINSHIM("check", path), 1, "", says);
    json_t *json = expect_json(PINSHIM("check", "--json", path), 1);
    const json_t *error = json_array_get(json_object_get(json, "findings"), 0);
    expect_string(error, "level", "error");
    expect_string(error, "file", path);
    expect_number(error, "line", 8);
    cr_expect(strstr(field_string(error, "message"), "md5/x"));
    json_decref(json);
}

Test(check, others_may_write)
{
    const char *path = write_config("%s", GOOD);

    cr_assert(chmod(path, 0666) == 0);
    expect_outcome(PINSHIM("check", path), 1, "", "others may write it; chmod go-w");
}

Test(check, unreadable)
{
    const char *path = scratch_path(scratch, "missing.conf");
    const char *says =
        scratch_format(scratch, "%s: it cannot be read: No such file or directory", path);

    expect_outcome(PINSHIM("check", path), 2, "", says);
    json_t *json = expect_json(PINSHIM("check", "--json", path), 2);
    const json_t *error = json_array_get(json_object_get(json, "findings"), 0);
    expect_string(error, "level", "error");
    cr_expect(json_is_null(json_object_get(error, "line")));
    json_decref(json);
}

Test(check, usage)
{
    expect_outcome(PINSHIM("check", "a", "b"), 2, "", "one file at a time");
    expect_outcome(PINSHIM("check", "-x"), 2, "", "there is no option '-x'");
    expect_outcome(PINSHIM("check", "--json=1"), 2, "", "takes no value");
}

Test(check, config_of_the_environment)
{
    struct command command = {.directory = scratch_dir(scratch)};

    write_config("mode = off\n");
    command_set(&command, "PINSHIM_CONFIG=pinshim.conf");
    pinshim_add(&command, "check", NULL);
    expect_outcome(pinshim_run(command), 0, "pinshim.conf: 0 sections, 0 pins, mode off", "");
}

/* A day so far from today, in UTC. */
static const char *day(int from_today)
{
    time_t when = time(NULL) + from_today * 86400;
    char text[32];
    struct tm tm;

    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&when, &tm));
    return scratch_format(scratch, "%s", text);
}

Test(check, warnings)
{
    const char *path =
        write_config("domain \"no-backup.test\" { pins = {" A "} }\n"
                     "domain \"vain.test\" { pins = {" A "} backup_pins = {" A "} }\n"
                     "domain \"past.test\" { pins = {" A "} backup_pins = {" E "} expires = %s }\n"
                     "domain \"soon.test\" { pins = {" A "} backup_pins = {" E "} expires = %s }\n"
                     "domain \"late.test\" { pins = {" A "} backup_pins = {" E "} expires = %s }\n"
                     "domain \"out.test\" { mode = off }\n",
                     day(-2), day(10), day(60));
    static const char *const want[] = {
        "pinshim.conf:1: warning: domain \"no-backup.test\": no backup pin",
        "pinshim.conf:2: warning: domain \"vain.test\": a backup pin is one of the current pins",
        "pinshim.conf:3: warning: domain \"past.test\": the pins expired at the end of ",
        "pinshim.conf:4: warning: domain \"soon.test\": the pins expire at the end of ",
    };
    struct outcome outcome = PINSHIM("check", path);

    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect(strstr(outcome.err, want[i]), "no \"%s\" in: %s", want[i], outcome.err);
    cr_expect_not(strstr(outcome.err, "late.test"), "%s", outcome.err);
    cr_expect_not(strstr(outcome.err, "out.test"), "%s", outcome.err);
    cr_expect(strstr(outcome.err, day(-2)) && strstr(outcome.err, day(10)), "%s", outcome.err);
    expect_outcome(outcome, 0, "6 sections", NULL);
    json_t *json = expect_json(PINSHIM("check", "--json", path), 0);
    const json_t *findings = json_object_get(json, "findings");
    cr_assert_eq(json_array_size(findings), 4);
    for (size_t i = 0; i < 4; i++) {
        expect_string(json_array_get(findings, i), "level", "warning");
        expect_number(json_array_get(findings, i), "line", (long)i + 1);
    }
    expect_string(json_array_get(findings, 1), "domain", "vain.test");
    json_decref(json);
}

/* The id in the summary is the one in the events: of the policy, not of the file. */
Test(check, policy_id)
{
    struct outcome first = PINSHIM("check", write_config("%s", GOOD));
    struct outcome second = PINSHIM("check", write_config("# a comment\n%s", GOOD));
    struct outcome third = PINSHIM("check", write_config("mode = audit\n%s", GOOD));
    const char *a = strstr(first.out, "policy "), *b = strstr(second.out, "policy ");
    const char *c = strstr(third.out, "policy ");

    cr_assert(a && b && c, "%s", first.out);
    cr_expect_eq(strspn(a + 7, "0123456789abcdef"), 16, "%s", a);
    cr_expect_str_eq(a, b);
    cr_expect_str_neq(a, c);
    outcome_free(&first);
    outcome_free(&second);
    outcome_free(&third);
}
