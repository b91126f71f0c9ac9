/* The page that a refusal opens: what its opener is told, and finds; and nothing of it in audit. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/response_scene.h"

TestSuite(redirect, .init = scene_open, .fini = scene_close);

/* An opener that tells what it finds, and the pipe that it tells. */
static int pipe_end;

static const char *opener(void)
{
    const char *pipe = scratch_path(scene.scratch, "told");
    char *path = scratch_text(scene.scratch, "opener", 0755,
                              "#!/bin/sh\n"
                              "signals=$(while read -r line; do case $line in SigBlk*|SigIgn*)\n"
                              "    echo \"$line\"; esac; done </proc/$$/status)\n"
                              "fds=$(for fd in 0 1 2 3 4 5 6 7 8 9; do\n"
                              "    echo \"fd $fd $(readlink /proc/$$/fd/$fd)\"; done)\n"
                              "exec >%s\n"
                              "echo \"url $*\"; echo \"pwd $PWD\"; echo \"$signals\"\n"
                              "env; echo \"$fds\"; echo end\n",
                              pipe);

    cr_assert_eq(mkfifo(pipe, 0600), 0);
    pipe_end = open(pipe, O_RDWR | O_CLOEXEC);
    cr_assert_geq(pipe_end, 0);
    return scratch_format(scene.scratch, "PINSHIM_OPENER=%s", path);
}

/* What `count` openers told; waits for their ends. */
static const char *told(unsigned count)
{
    static char text[65536];
    size_t length = 0;
    unsigned ends = 0;

    while (ends < count) {
        struct pollfd ready = {.fd = pipe_end, .events = POLLIN};
        cr_assert_eq(poll(&ready, 1, DEADLINE * 1000), 1, "%u of %u told: %s", ends, count, text);
        ssize_t n = read(pipe_end, text + length, sizeof text - 1 - length);
        cr_assert_gt(n, 0);
        length += (size_t)n;
        text[length] = 0;
        ends = 0;
        for (const char *end = text; (end = strstr(end, "\nend\n")); end++)
            ends++;
    }
    cr_assert_eq(ends, count, "%s", text);
    return text;
}

#define PAGE "https://status.test/?h=%h&p=%p&r=%r&%%20"

static struct trip redirected(const char *client, const char *const *environment)
{
    struct trip trip = response_trip(client);

    trip.environment = environment;
    return trip;
}

Test(redirect, opens_a_page)
{
    const char *environment[] = {opener(), "PINSHIM_OTHER=1", NULL};

    response_pin("on_failure = {redirect} redirect = \"" PAGE "\"");
    for (size_t i = 0; i < RESPONSE_ROADS; i++) {
        struct result result = response_refused(redirected(response_roads[i], environment));
        const char *text = told(1);
        cr_expect(strstr(text, scratch_format(scene.scratch,
                                              "url https://status.test/?h=" HOST
                                              "&p=%u&r=no_pin_matched&%%20\n",
                                              result.port)),
                  "%s", text);
        cr_expect(strstr(text, "\npwd /\n") && strstr(text, "\nSigBlk:\t0000000000000000\n") &&
                      strstr(text, "\nSigIgn:\t0000000000000000\n"),
                  "%s", text);
        for (int fd = 0; fd <= 2; fd++)
            cr_expect(strstr(text, scratch_format(scene.scratch, "\nfd %d /dev/null\n", fd)), "%s",
                      text);
        for (int fd = 4; fd <= 9; fd++)
            cr_expect(strstr(text, scratch_format(scene.scratch, "\nfd %d \n", fd)), "%s", text);
        cr_expect_not(strstr(text, "PINSHIM_"), "%s", text);
        cr_expect_not(strstr(text, "LD_PRELOAD"), "%s", text);
        cr_expect(strstr(text, "\nHOME=/nonexistent\n"), "%s", text);
        cr_expect_eq(events_count(result.events, "config_error", NULL), 0);
        result_free(&result);
    }
}

/* A setuid program's PATH and display are its caller's. */
Test(redirect, not_with_more_rights_than_the_caller)
{
    const char *environment[] = {opener(), NULL, NULL};
    char *privileged;

    if (shim_is_inside())
        cr_skip_test("nothing is preloaded");
    privileged = build_path("tests/privileged.so");
    environment[1] = scratch_format(scene.scratch, "LD_PRELOAD=%s", privileged);
    response_pin("on_failure = {redirect} redirect = \"" PAGE "\"");
    struct result result = response_refused(redirected(CARELESS, environment));
    const json_t *event = events_last(result.events, "config_error", NULL);
    cr_assert(strstr(field_string(event, "message"), "more rights than its caller"));
    cr_assert(strstr(result.outcome.err, "more rights than its caller"), "%s", result.outcome.err);
    result_free(&result);
    free(privileged);
}

/* With signals blocked and ignored, and another preload in front. */
Test(redirect, from_odd_surroundings)
{
    const char *environment[] = {opener(), NULL, NULL};
    char *other;
    struct trip trip = redirected(CARELESS "--pending-signals", environment);

    if (shim_is_inside())
        cr_skip_test("nothing is preloaded");
    other = build_path("tests/other-preload.so");
    environment[1] = scratch_format(scene.scratch, "LD_PRELOAD=%s", other);
    trip.shell = "trap '' HUP USR1; exec 7<>/dev/null";
    response_pin("on_failure = {redirect} redirect = \"" PAGE "\"");
    struct result result = response_refused(trip);
    const char *text = told(1);
    cr_expect(strstr(text, scratch_format(scene.scratch, "\nLD_PRELOAD=%s\n", other)), "%s", text);
    cr_expect(strstr(text, "\nSigBlk:\t0000000000000000\n") &&
                  strstr(text, "\nSigIgn:\t0000000000000000\n"),
              "%s", text);
    cr_expect(strstr(text, "\nfd 7 \n"), "%s", text);
    result_free(&result);
    free(other);
}

/* The peer's name is the program's, and anything: no shell sees it, and no option begins with it.
 */
Test(redirect, for_a_hostile_name)
{
    const char *environment[] = {opener(), NULL};

    scene_policy("unpinned = block\non_failure = {redirect}\nredirect = \"%s\"\n", PAGE);
    struct result result = response_refused(
        redirected("--verify none --sni $(id)`id`;&'<>|-x.test" CLIENT_CERT, environment));
    const char *text = told(1);
    cr_expect(strstr(text, "?h=%24%28id%29%60id%60%3B%26%27%3C%3E%7C-x.test&p="), "%s", text);
    result_free(&result);
}

/* A page, then the end; a program that goes on and on opens the page once. */
Test(redirect, then_terminate)
{
    const char *environment[] = {opener(), NULL};
    struct trip trip = redirected(CARELESS, environment);

    response_pin("on_failure = {terminate, redirect} redirect = \"" PAGE "\" signal = KILL");
    trip.status = 128 + SIGKILL;
    struct result result = response_refused(trip);
    cr_expect(strstr(told(1), "url https://status.test/?h=" HOST));
    result_free(&result);
}

Test(redirect, once_for_many_retries)
{
    const char *environment[] = {opener(), NULL};

    response_pin("on_failure = {redirect} redirect = \"" PAGE "\"");
    struct result result = response_refused(redirected(CARELESS "--times 20", environment));
    result_free(&result);
    response_pin("on_failure = {redirect} redirect = \"" PAGE "&last\"");
    result = response_refused(redirected(CARELESS, environment));
    cr_assert(strstr(told(2), "&last"));
    result_free(&result);
}

/* The same from one process after the other: those of a user's session ask each other. */
Test(redirect, once_for_many_processes)
{
    const char *environment[] = {opener(), "XDG_RUNTIME_DIR={dir}", NULL};

    response_pin("on_failure = {redirect} redirect = \"https://status.test/\"");
    for (unsigned i = 0; i < 5; i++) {
        struct result result = response_refused(redirected(CARELESS, environment));
        result_free(&result);
    }
    response_pin("on_failure = {redirect} redirect = \"https://status.test/last\"");
    struct result result = response_refused(redirected(CARELESS, environment));
    cr_assert(strstr(told(2), "/last"));
    result_free(&result);
}

Test(redirect, without_opener)
{
    static const char *const openers[] = {"PINSHIM_OPENER={dir}/none",
                                          "PINSHIM_OPENER=no-such-program", "PINSHIM_OPENER={dir}",
                                          "PINSHIM_OPENER={dir}/opener"};

    scratch_text(scene.scratch, "opener", 0644, "#!/bin/sh\n");
    response_pin("on_failure = {redirect} redirect = \"" PAGE "\"");
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        struct result result =
            response_refused(redirected(CARELESS, (const char *const[]){openers[i], NULL}));
        const json_t *event = events_last(result.events, "config_error", NULL);
        cr_expect(strstr(result.outcome.err, "the page that redirect names is not opened"),
                  "stderr: %s", result.outcome.err);
        cr_expect(strstr(field_string(event, "message"),
                         i < 2 ? "no such program" : "may not be executed"));
        result_free(&result);
    }
}

/* In audit nothing of all that happens, and the program sees nothing. */
Test(redirect, audit)
{
    const char *environment[] = {opener(), NULL};

    response_pin("on_failure = {message, redirect, terminate} redirect = \"" PAGE
                 "\" signal = KILL");
    for (size_t i = 0; i < RESPONSE_ROADS; i++)
        expect_invisible(redirected(response_roads[i], environment), "audit", "fail",
                         "no_pin_matched", "terminate");
    response_pin("on_failure = {redirect} redirect = \"" PAGE "\"");
    expect_invisible(redirected(response_roads[0], environment), "audit", "fail", "no_pin_matched",
                     "block");
    struct result result = response_refused(redirected(CARELESS, environment));
    told(1); /* and no more */
    result_free(&result);
}
