/* The compiled policy in a process: it holds as the config does; where it cannot be believed, the
 * config is read, and that is told. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/compilation.h"
#include "tests/handshake/scene.h"

TestSuite(compiled, .init = scene_open, .fini = scene_close);

static void right_pin(unsigned others)
{
    compilation_policy(scene.pki.genuine.pin, others);
    compilation_make();
    expect_pass(scene_trip(&scene.pki.genuine, true), "pin_matched", scene.pki.genuine.pin, "leaf");
}

static void wrong_pin(unsigned others)
{
    compilation_policy(scene.pki.genuine.pin, others);
    compilation_make();
    expect_refusal(scene_trip(&scene.pki.mis_issued, true), "no_pin_matched");
}

Test(compiled, right_pin)
{
    right_pin(FEW);
}

Test(compiled, right_pin_mapped)
{
    right_pin(MANY);
}

Test(compiled, wrong_pin)
{
    wrong_pin(FEW);
}

Test(compiled, wrong_pin_mapped)
{
    wrong_pin(MANY);
}

Test(compiled, wrong_pin_mapped_audited)
{
    compilation_policy(scene.pki.genuine.pin, MANY);
    compilation_make();
    expect_invisible(scene_trip(&scene.pki.mis_issued, true), "audit", "fail", "no_pin_matched",
                     "block");
}

/* It is what is read: one that says something else than the config, and is made to look as if it
 * were made from it. */
Test(compiled, instead_of_the_config)
{
    const char *config;
    struct timespec times[2];
    struct stat st;

    compilation_policy(scene.pki.genuine.pin, FEW);
    config = scene.protection.config;
    compilation_make();
    cr_assert_eq(stat(config, &st), 0);
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
    compilation_policy(scene.pki.mis_issued.pin, FEW);
    cr_assert_eq(utimensat(AT_FDCWD, config, times, 0), 0);
    expect_pass(scene_trip(&scene.pki.genuine, true), "pin_matched", scene.pki.genuine.pin, "leaf");
}

/* A changed config counts. */
Test(compiled, stale)
{
    compilation_policy(scene.pki.mis_issued.pin, FEW);
    compilation_make();
    scene_policy("\ndomain \"" HOST "\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    expect_pass(scene_trip(&scene.pki.genuine, true), "pin_matched", scene.pki.genuine.pin, "leaf");
}

/* The last handshake's event, beside a config_error. */
static void expect_judged(const struct result *result, const char *verdict, const char *reason,
                          const char *action, const char *would)
{
    const json_t *event = events_last(result->events, "handshake", NULL);

    expect_string(event, "verdict", verdict);
    expect_string(event, "reason", reason);
    expect_string(event, "action", action);
    expect_string(event, "would", would);
}

static size_t count_errors(const struct result *result, const char *says)
{
    size_t i, count = 0;
    json_t *event;

    json_array_foreach(result->events, i, event)
    {
        const char *message = json_string_value(json_object_get(event, "message"));
        if (strcmp(field_string(event, "event"), "config_error") == 0) {
            cr_expect(message && strstr(message, says), "%s", message);
            count++;
        }
    }
    return count;
}

/* The config is read in its place, and one event says why. */
static void expect_read_from_config(const char *says)
{
    struct trip right = scene_trip(&scene.pki.genuine, true);
    struct trip wrong = scene_trip(&scene.pki.mis_issued, true);
    struct result accepted, refused;

    accepted = scene_run(right, "enforce");
    refused = scene_run(wrong, "enforce");
    expect_works(&accepted);
    expect_judged(&accepted, "pass", "pin_matched", "allow", "allow");
    cr_expect_eq(count_errors(&accepted, says), 1);
    expect_nothing_sent(&refused, 0);
    expect_judged(&refused, "fail", "no_pin_matched", "block", "block");
    cr_expect_eq(count_errors(&refused, says), 1);
    result_free(&accepted);
    result_free(&refused);
}

Test(compiled, truncated)
{
    compilation_policy(scene.pki.genuine.pin, FEW);
    cr_assert_eq(truncate(compilation_make(), 4500), 0);
    expect_read_from_config("it is truncated");
}

Test(compiled, damaged)
{
    compilation_policy(scene.pki.genuine.pin, FEW);
    compilation_change(compilation_make(), 4200, "damage");
    expect_read_from_config("it is damaged");
}

Test(compiled, others_may_write_it)
{
    compilation_policy(scene.pki.genuine.pin, FEW);
    cr_assert_eq(chmod(compilation_make(), 0666), 0);
    expect_read_from_config("others may write it");
}

Test(compiled, damage_met_in_a_handshake)
{
    compilation_policy(scene.pki.genuine.pin, MANY);
    compilation_damage();
    expect_read_from_config("it is damaged");
}

/* … and then the config is wrong, too: nothing can be judged. */
static struct result run_damaged(const char *mode)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);
    struct timespec times[2];
    struct stat st;

    compilation_policy(scene.pki.genuine.pin, MANY);
    compilation_damage();
    cr_assert_eq(stat(scene.protection.config, &st), 0);
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
    compilation_change(scene.protection.config, 0, "nonsens");
    cr_assert_eq(utimensat(AT_FDCWD, scene.protection.config, times, 0), 0);
    return scene_run(trip, mode);
}

Test(compiled, damaged_and_no_config_enforced)
{
    struct result result = run_damaged("enforce");

    expect_closed(&result);
    result_free(&result);
}

Test(compiled, damaged_and_no_config_audited)
{
    struct result result = run_damaged("audit");

    expect_works(&result);
    expect_judged(&result, "fail", "config_error", "allow", "block");
    result_free(&result);
}
