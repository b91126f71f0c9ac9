/* pinshim check: what the shim would say, and what will hurt one day. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"
#include "tests/support/events.h"

TestSuite(check, .init = open_scratch, .fini = close_scratch);

#define GOOD "domain \"a.test\" {\n  pins = {" PIN_A "}\n  backup_pins = {" PIN_E "}\n}\n"

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
    expect_outcome(PINSHIM("list", "-c", path), 2, "",
                   "name another with -c FILE or PINSHIM_CONFIG");
    json_t *json = expect_json(PINSHIM("check", "--json", path), 2);
    const json_t *error = json_array_get(json_object_get(json, "findings"), 0);
    expect_string(error, "level", "error");
    cr_expect(json_is_null(json_object_get(error, "line")));
    json_decref(json);
}

Test(check, usage)
{
    expect_outcome(PINSHIM("check", "a", "b"), 2, "", "one file at a time");
    expect_outcome(PINSHIM("check", "a", "-c", "b"), 2, "", "one file at a time");
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
