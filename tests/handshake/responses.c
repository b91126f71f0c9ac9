/* What a refusal does beside refusing: messages, pages, the end of the process; on every road, and
 * never in audit. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/scene.h"

TestSuite(responses, .init = scene_open, .fini = scene_close);

/* Pins another key, with these options. */
static void pin_with(const char *options)
{
    scene_policy("domain \"" HOST "\" {\n    pins = {\"%s\"}\n    %s\n}\n", scene.pki.genuine.pin,
                 options);
}

static struct trip trip_by(const char *client)
{
    return (struct trip){
        .client = client, .server = "--request-client-cert", .identity = &scene.pki.mis_issued};
}

/* Runs the trip under enforce and as it is to end: refused, and nothing sent. */
static struct result refused(struct trip trip)
{
    struct result result = scene_run(trip, "enforce");

    expect_nothing_sent(&result, 0);
    if (trip.status == 0)
        expect_refused(&result);
    return result;
}

static const char *const roads[] = {
    VERIFYING "--road connect",   VERIFYING "--road do_handshake", VERIFYING "--road write",
    VERIFYING "--road bio_chain", VERIFYING "--road memory",       CARELESS "--road connect",
    CARELESS "--road write",      CARELESS "--road bio_handshake", CARELESS "--road memory_write",
};
enum { ROADS = sizeof roads / sizeof *roads };

Test(responses, message)
{
    pin_with("on_failure = {block, message} message = \"Call the service desk.\"");
    for (size_t i = 0; i < ROADS; i++) {
        struct result result = refused(trip_by(roads[i]));
        expect_verdict(&result, "fail", "no_pin_matched", "block", "block");
        cr_assert(strstr(result.outcome.err, "\nCall the service desk.\n"), "stderr: %s",
                  result.outcome.err);
        result_free(&result);
    }
}

Test(responses, usual_message)
{
    pin_with("on_failure = {message}");
    struct result result = refused(trip_by(CARELESS));
    const char *wanted =
        scratch_format(scene.scratch, "\nThe connection to " HOST ":%u was stopped", result.port);

    cr_assert(strstr(result.outcome.err, wanted), "stderr: %s", result.outcome.err);
    result_free(&result);
}

/* Neither the config's text nor the peer's name reaches a terminal raw. */
Test(responses, message_is_printable)
{
    pin_with(
        "on_failure = {message} message = \"one\ntwo \033[31mred\a\302\233\377 drei\303\274\"");
    struct result result = refused(trip_by(CARELESS));

    cr_assert(strstr(result.outcome.err, "\none\ntwo \\x1b[31mred\\x07\\xc29b\\xff drei\303\274\n"),
              "stderr: %s", result.outcome.err);
    result_free(&result);
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' && *text != '\n')
            return true;
    return false;
}

/* The longest there is, of characters of several octets each. */
Test(responses, long_message)
{
    char message[2001] = "";

    for (size_t i = 0; i < 1000; i++)
        strcat(message, "\303\274");
    pin_with(scratch_format(scene.scratch, "on_failure = {message} message = \"%s\"", message));
    struct result result = refused(trip_by(CARELESS));
    cr_assert(strstr(result.outcome.err, message), "stderr: %s", result.outcome.err);
    cr_assert_not(has_control(result.outcome.err));
    result_free(&result);
}

/* A terminal of its own, and standard error elsewhere. The test reads the terminal's other end. */
Test(responses, message_to_the_terminal)
{
    struct trip trip = trip_by(CARELESS);
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char path[64], seen[4096] = "";

    cr_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 &&
              ptsname_r(master, path, sizeof path) == 0);
    int keep = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* else what is written goes with it */
    pin_with("on_failure = {message} message = \"Call the service desk.\"");
    trip.shell = scratch_format(scene.scratch, "exec setsid --ctty --wait \"$@\" <>%s", path);
    struct result result = refused(trip);
    cr_assert_not(strstr(result.outcome.err, "service desk"), "stderr: %s", result.outcome.err);
    cr_assert(read(master, seen, sizeof seen - 1) > 0);
    cr_assert(strstr(seen, "Call the service desk."), "the terminal: %s", seen);
    result_free(&result);
    close(keep);
    close(master);
}

static void ends_by(const char *name, int number)
{
    pin_with(scratch_format(scene.scratch, "on_failure = {terminate} %s %s",
                            *name ? "signal =" : "", name));
    for (size_t i = 0; i < ROADS; i++) {
        struct trip trip = trip_by(roads[i]);
        trip.status = 128 + number;
        struct result result = refused(trip);
        expect_verdict(&result, "fail", "no_pin_matched", "terminate", "terminate");
        cr_assert_str_empty(result.outcome.out);
        result_free(&result);
    }
}

Test(responses, terminate)
{
    ends_by("", SIGTERM);
}

Test(responses, terminate_by_kill)
{
    ends_by("SIGKILL", SIGKILL);
}

Test(responses, terminate_by_abrt)
{
    ends_by("ABRT", SIGABRT);
}

/* All of them, in their order: what is to be seen is there before the process ends. */
Test(responses, combined)
{
    struct trip trip = trip_by(VERIFYING "--road write");

    pin_with("on_failure = {terminate, message} message = \"Call the service desk.\" signal = HUP");
    trip.status = 128 + SIGHUP;
    struct result result = refused(trip);
    cr_assert(strstr(result.outcome.err, "pinshim: blocked"), "stderr: %s", result.outcome.err);
    cr_assert(strstr(result.outcome.err, "\nCall the service desk.\n"), "stderr: %s",
              result.outcome.err);
    expect_verdict(&result, "fail", "no_pin_matched", "terminate", "terminate");
    result_free(&result);
}

/* A program that ignores the signal goes on, and is refused. */
Test(responses, terminate_ignored)
{
    struct trip trip = trip_by(CARELESS);

    pin_with("on_failure = {terminate}");
    trip.shell = "trap '' TERM";
    struct result result = refused(trip);
    expect_verdict(&result, "fail", "no_pin_matched", "terminate", "terminate");
    result_free(&result);
}

/* Where no certificate is shown: what the backstop refuses. */
Test(responses, terminate_without_certificate)
{
    static const char *const clients[] = {"--sni " HOST " --anonymous --road connect",
                                          "--sni " HOST " --anonymous --road write",
                                          "--sni " HOST " --anonymous --road memory"};

    pin_with("on_failure = {terminate, message}");
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        struct trip trip = {.client = clients[i], .server = "--anonymous", .status = 128 + SIGTERM};
        struct result result = refused(trip);
        expect_verdict(&result, "fail", "no_certificate", "terminate", "terminate");
        cr_assert(strstr(result.outcome.err, "The connection to " HOST), "stderr: %s",
                  result.outcome.err);
        result_free(&result);
    }
}

/* A peer that no section names has the top level's responses. */
Test(responses, of_peers_without_section)
{
    struct trip trip = trip_by(CARELESS);

    scene_policy("unpinned = block\non_failure = {terminate, message}\nmessage = \"Nobody.\"\n");
    trip.status = 128 + SIGTERM;
    struct result result = refused(trip);
    expect_verdict(&result, "fail", "no_section", "terminate", "terminate");
    cr_assert(strstr(result.outcome.err, "\nNobody.\n"), "stderr: %s", result.outcome.err);
    result_free(&result);
}

/* A config that cannot be read has no responses. */
Test(responses, none_of_a_broken_config)
{
    scene_policy("on_failure = {terminate, message}\nmessage = \"Nobody.\"\nbroken = true\n");
    struct result result = scene_run(trip_by(CARELESS), "enforce");

    expect_closed(&result);
    cr_assert_not(strstr(result.outcome.err, "Nobody."), "stderr: %s", result.outcome.err);
    result_free(&result);
}

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
    struct trip trip = trip_by(client);

    trip.environment = environment;
    return trip;
}

Test(responses, redirect)
{
    const char *environment[] = {opener(), "PINSHIM_OTHER=1", NULL};

    pin_with("on_failure = {redirect} redirect = \"" PAGE "\"");
    for (size_t i = 0; i < ROADS; i++) {
        struct result result = refused(redirected(roads[i], environment));
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

/* With signals blocked and ignored, and another preload in front. */
Test(responses, redirect_from_odd_surroundings)
{
    char *other = build_path("tests/other-preload.so");
    const char *environment[] = {opener(), scratch_format(scene.scratch, "LD_PRELOAD=%s", other),
                                 NULL};
    struct trip trip = redirected(CARELESS "--pending-signals", environment);

    if (shim_is_inside())
        cr_skip_test("nothing is preloaded");
    trip.shell = "trap '' HUP USR1; exec 7<>/dev/null";
    pin_with("on_failure = {redirect} redirect = \"" PAGE "\"");
    struct result result = refused(trip);
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
Test(responses, redirect_for_a_hostile_name)
{
    const char *environment[] = {opener(), NULL};

    scene_policy("unpinned = block\non_failure = {redirect}\nredirect = \"%s\"\n", PAGE);
    struct result result =
        refused(redirected("--verify none --sni $(id)`id`;&'<>|-x.test" CLIENT_CERT, environment));
    const char *text = told(1);
    cr_expect(strstr(text, "?h=%24%28id%29%60id%60%3B%26%27%3C%3E%7C-x.test&p="), "%s", text);
    result_free(&result);
}

/* A page, then the end; a program that goes on and on opens the page once. */
Test(responses, redirect_and_terminate)
{
    const char *environment[] = {opener(), NULL};
    struct trip trip = redirected(CARELESS, environment);

    pin_with("on_failure = {terminate, redirect} redirect = \"" PAGE "\" signal = KILL");
    trip.status = 128 + SIGKILL;
    struct result result = refused(trip);
    cr_expect(strstr(told(1), "url https://status.test/?h=" HOST));
    result_free(&result);
}

Test(responses, redirect_once_for_many_retries)
{
    const char *environment[] = {opener(), NULL};

    pin_with("on_failure = {redirect} redirect = \"" PAGE "\"");
    struct result result = refused(redirected(CARELESS "--times 20", environment));
    result_free(&result);
    pin_with("on_failure = {redirect} redirect = \"" PAGE "&last\"");
    result = refused(redirected(CARELESS, environment));
    cr_assert(strstr(told(2), "&last"));
    result_free(&result);
}

/* The same from one process after the other: those of a user's session ask each other. */
Test(responses, redirect_once_for_many_processes)
{
    const char *environment[] = {opener(), "XDG_RUNTIME_DIR={dir}", NULL};

    pin_with("on_failure = {redirect} redirect = \"https://status.test/\"");
    for (unsigned i = 0; i < 5; i++) {
        struct result result = refused(redirected(CARELESS, environment));
        result_free(&result);
    }
    pin_with("on_failure = {redirect} redirect = \"https://status.test/last\"");
    struct result result = refused(redirected(CARELESS, environment));
    cr_assert(strstr(told(2), "/last"));
    result_free(&result);
}

Test(responses, redirect_without_opener)
{
    static const char *const openers[] = {"PINSHIM_OPENER={dir}/none",
                                          "PINSHIM_OPENER=no-such-program", "PINSHIM_OPENER={dir}",
                                          "PINSHIM_OPENER={dir}/opener"};

    scratch_text(scene.scratch, "opener", 0644, "#!/bin/sh\n");
    pin_with("on_failure = {redirect} redirect = \"" PAGE "\"");
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        struct result result =
            refused(redirected(CARELESS, (const char *const[]){openers[i], NULL}));
        const json_t *event = events_last(result.events, "config_error", NULL);
        cr_expect(strstr(result.outcome.err, "the page that redirect names is not opened"),
                  "stderr: %s", result.outcome.err);
        cr_expect(strstr(field_string(event, "message"),
                         i < 2 ? "no such program" : "may not be executed"));
        result_free(&result);
    }
}

/* In audit nothing of all that happens, and the program sees nothing. */
Test(responses, audit)
{
    const char *environment[] = {opener(), NULL};

    pin_with("on_failure = {message, redirect, terminate} redirect = \"" PAGE "\" signal = KILL");
    for (size_t i = 0; i < ROADS; i++)
        expect_invisible(redirected(roads[i], environment), "audit", "fail", "no_pin_matched",
                         "terminate");
    pin_with("on_failure = {redirect} redirect = \"" PAGE "\"");
    expect_invisible(redirected(roads[0], environment), "audit", "fail", "no_pin_matched", "block");
    struct result result = refused(redirected(CARELESS, environment));
    told(1); /* and no more */
    result_free(&result);
}
