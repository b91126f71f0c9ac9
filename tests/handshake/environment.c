/* What the PINSHIM_* variables say, and what is wrong with them. */
#include "tests/handshake/scene.h"

#include <string.h>
#include <unistd.h>

TestSuite(environment, .init = scene_open, .fini = scene_close);

#define EVENTS "PINSHIM_EVENTS=file:{dir}/events.jsonl"

#define SEVEN_MORE                                                                                 \
    ",file:{dir}/1,file:{dir}/2,file:{dir}/3,file:{dir}/4,file:{dir}/5,file:{dir}/6,file:{dir}/7"

/* A config with that mode, which pins something else; its own events go nowhere. */
static const char *config_of(const char *mode)
{
    return scratch_format(
        scene.scratch, "PINSHIM_CONFIG=%s",
        scratch_text(scene.scratch, "mode.conf", 0600,
                     "mode = %s\nevents = {\"none\"}\n"
                     "domain \"" HOST
                     "\" { pins = {\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} }\n",
                     mode));
}

static const char *audit_config(void)
{
    return config_of("\"audit\"");
}

Test(environment, unknown_mode_is_enforce)
{
    const char *environment[] = {audit_config(), EVENTS, "PINSHIM_MODE=bogus", NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_closed(&result);
    expect_string(events_last(result.events, "config_error", NULL), "mode", "enforce");
    cr_assert(strstr(result.outcome.err, "PINSHIM_MODE"), "stderr: %s", result.outcome.err);
    cr_assert(strstr(result.outcome.err, "bogus"), "stderr: %s", result.outcome.err);
    result_free(&result);
}

Test(environment, unknown_sink_is_enforce)
{
    const char *environment[] = {audit_config(), EVENTS ",bogus", NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_closed(&result);
    cr_assert(strstr(result.outcome.err, "PINSHIM_EVENTS"), "stderr: %s", result.outcome.err);
    cr_assert(strstr(result.outcome.err, "bogus"), "stderr: %s", result.outcome.err);
    result_free(&result);
}

Test(environment, a_ninth_sink_is_wrong)
{
    const char *events = EVENTS, *environment[] = {audit_config(), NULL, NULL};

    for (int i = 2; i <= 8; i++)
        events = scratch_format(scene.scratch, "%s,file:{dir}/events%d", events, i);
    environment[1] = scratch_format(scene.scratch, "%s,stderr", events);
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);
    expect_closed(&result);
    cr_assert(strstr(result.outcome.err, "PINSHIM_EVENTS \"stderr\": there may be 8 sinks"),
              "stderr: %s", result.outcome.err);
    result_free(&result);
}

/* A config that says off does not excuse them: what was meant is not known. */
static void expect_wrong(const char *config, const char *events, const char *mode, const char *says)
{
    const char *environment[] = {config, events, mode, NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_closed(&result);
    expect_string(events_last(result.events, "config_error", NULL), "mode", "enforce");
    cr_assert(strstr(result.outcome.err, says), "stderr: %s", result.outcome.err);
    result_free(&result);
}

Test(environment, wrong_though_the_config_is_off)
{
    static const char *const modes[] = {"\"off\"", "\"off\"\nlock_mode = true"};

    for (size_t i = 0; i < 2; i++) {
        expect_wrong(config_of(modes[i]), EVENTS, "PINSHIM_MODE=bogus", "PINSHIM_MODE \"bogus\"");
        expect_wrong(config_of(modes[i]), EVENTS ",bogus", NULL, "PINSHIM_EVENTS \"bogus\"");
        expect_wrong(config_of(modes[i]), EVENTS SEVEN_MORE ",stderr", NULL,
                     "there may be 8 sinks");
    }
}

/* Whoever asks for off gets it, whatever else is wrong; and eight sinks are not too many, whichever
 * of them is named twice. None of them is opened. */
Test(environment, off_is_silent)
{
    static const struct {
        const char *mode, *variables[2];
    } cases[] = {
        {"\"off\"", {EVENTS}},
        {"\"off\"", {EVENTS ",bogus", "PINSHIM_MODE=off"}},
        {"\"off\"\nlock_mode = true", {EVENTS ",bogus", "PINSHIM_MODE=off"}},
        {"\"audit\"", {EVENTS ",bogus", "PINSHIM_MODE=off"}},
        {"\"maybe\"", {EVENTS ",bogus", "PINSHIM_MODE=off"}},
        {"\"off\"", {EVENTS SEVEN_MORE ",none,file:{dir}/1"}},
    };
    struct result bare = scene_run(scene_trip(&scene.pki.genuine, false), NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *environment[] = {config_of(cases[i].mode), cases[i].variables[0],
                                     cases[i].variables[1], NULL};
        struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

        expect_same(&bare, &result);
        cr_expect_eq(json_array_size(result.events), 0, "case %zu", i);
        result_free(&result);
    }
    cr_expect_neq(access(scratch_path(scene.scratch, "1"), F_OK), 0);
    result_free(&bare);
}

/* As the contract has it: then the mode is enforce, even where audit was asked for. */
Test(environment, unknown_sink_under_audit_is_enforce)
{
    const char *environment[] = {audit_config(), EVENTS ",bogus", "PINSHIM_MODE=audit", NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_closed(&result);
    result_free(&result);
}

Test(environment, empty_counts_as_unset)
{
    const char *environment[] = {audit_config(), EVENTS, "PINSHIM_MODE=", "PINSHIM_PROGRAM=", NULL};
    struct result bare = scene_run(scene_trip(&scene.pki.genuine, false), NULL);
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);
    const json_t *event = expect_verdict(&result, "fail", "no_pin_matched", "allow", "block");

    expect_same(&bare, &result);
    expect_string(event, "mode", "audit");
    expect_string(event, "program", "tls-client");
    result_free(&bare);
    result_free(&result);
}

Test(environment, empty_events_counts_as_unset)
{
    const char *environment[] = {audit_config(), "PINSHIM_EVENTS=", NULL};
    struct result bare = scene_run(scene_trip(&scene.pki.genuine, false), NULL);
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_same(&bare, &result); /* the config's own sink is none */
    result_free(&bare);
    result_free(&result);
}

/* Nothing is said and nothing is there: the shim sleeps. */
static void sleeps(const char *const *environment)
{
    if (access("/etc/pinshim/pinshim.conf", F_OK) == 0)
        cr_skip_test("this machine has a /etc/pinshim/pinshim.conf");
    struct result bare = scene_run(scene_trip(&scene.pki.genuine, false), NULL);
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);

    expect_same(&bare, &result);
    cr_assert_eq(json_array_size(result.events), 0);
    result_free(&bare);
    result_free(&result);
}

Test(environment, no_config_at_all)
{
    sleeps((const char *const[]){EVENTS, "PINSHIM_MODE=enforce", NULL});
}

Test(environment, empty_config_counts_as_unset)
{
    sleeps((const char *const[]){"PINSHIM_CONFIG=", EVENTS, "PINSHIM_MODE=enforce", NULL});
}

/* Paths are meant from the directory at load. */
Test(environment, relative_paths)
{
    const char *environment[] = {"PINSHIM_CONFIG=here.conf", "PINSHIM_EVENTS=file:events.jsonl",
                                 NULL};
    struct trip trip = scene_trip(&scene.pki.genuine, false);

    scratch_text(scene.scratch, "here.conf", 0600, "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.genuine.pin);
    trip.directory = scratch_dir(scene.scratch);
    struct result result = scene_run_in(trip, environment);
    expect_works(&result);
    expect_verdict(&result, "pass", "pin_matched", "allow", "allow");
    trip.identity = &scene.pki.mis_issued;
    struct result refused = scene_run_in(trip, environment);
    expect_refused(&refused);
    result_free(&result);
    result_free(&refused);
}

Test(environment, several_sinks)
{
    const char *environment[] = {audit_config(), "PINSHIM_EVENTS=stderr,file:{dir}/events.jsonl",
                                 NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, false), environment);
    json_t *lines = json_lines(result.outcome.err);

    cr_assert(json_equal(lines, result.events));
    cr_assert_eq(events_count(lines, "policy", NULL), 1);
    cr_assert_eq(events_count(lines, "handshake", NULL), 1);
    json_decref(lines);
    result_free(&result);
}
