/* What a refusal does beside refusing: messages, and the end of the process; on every road. Pages
 * are opened in redirect.c. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/handshake/response_scene.h"

TestSuite(responses, .init = scene_open, .fini = scene_close);

Test(responses, message)
{
    response_pin("on_failure = {block, message} message = \"Call the service desk.\"");
    for (size_t i = 0; i < RESPONSE_ROADS; i++) {
        struct result result = response_refused(response_trip(response_roads[i]));
        expect_verdict(&result, "fail", "no_pin_matched", "block", "block");
        cr_assert(strstr(result.outcome.err, "\nCall the service desk.\n"), "stderr: %s",
                  result.outcome.err);
        result_free(&result);
    }
}

Test(responses, usual_message)
{
    response_pin("on_failure = {message}");
    struct result result = response_refused(response_trip(CARELESS));
    const char *wanted =
        scratch_format(scene.scratch, "\nThe connection to " HOST ":%u was stopped", result.port);

    cr_assert(strstr(result.outcome.err, wanted), "stderr: %s", result.outcome.err);
    result_free(&result);
}

/* Neither the config's text nor the peer's name reaches a terminal raw. */
Test(responses, message_is_printable)
{
    response_pin(
        "on_failure = {message} message = \"one\ntwo \033[31mred\a\302\233\377 drei\303\274\"");
    struct result result = response_refused(response_trip(CARELESS));

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
    response_pin(scratch_format(scene.scratch, "on_failure = {message} message = \"%s\"", message));
    struct result result = response_refused(response_trip(CARELESS));
    cr_assert(strstr(result.outcome.err, message), "stderr: %s", result.outcome.err);
    cr_assert_not(has_control(result.outcome.err));
    result_free(&result);
}

/* A terminal of its own, and standard error elsewhere. The test reads the terminal's other end. */
Test(responses, message_to_the_terminal)
{
    struct trip trip = response_trip(CARELESS);
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char path[64], seen[4096] = "";

    cr_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 &&
              ptsname_r(master, path, sizeof path) == 0);
    int keep = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* else what is written goes with it */
    response_pin("on_failure = {message} message = \"Call the service desk.\"");
    trip.shell = scratch_format(scene.scratch, "exec setsid --ctty --wait \"$@\" <>%s", path);
    struct result result = response_refused(trip);
    cr_assert_not(strstr(result.outcome.err, "service desk"), "stderr: %s", result.outcome.err);
    cr_assert(read(master, seen, sizeof seen - 1) > 0);
    cr_assert(strstr(seen, "Call the service desk."), "the terminal: %s", seen);
    result_free(&result);
    close(keep);
    close(master);
}

static void ends_by(const char *name, int number)
{
    response_pin(scratch_format(scene.scratch, "on_failure = {terminate} %s %s",
                                *name ? "signal =" : "", name));
    for (size_t i = 0; i < RESPONSE_ROADS; i++) {
        struct trip trip = response_trip(response_roads[i]);
        trip.status = 128 + number;
        struct result result = response_refused(trip);
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
    struct trip trip = response_trip(VERIFYING "--road write");

    response_pin(
        "on_failure = {terminate, message} message = \"Call the service desk.\" signal = HUP");
    trip.status = 128 + SIGHUP;
    struct result result = response_refused(trip);
    cr_assert(strstr(result.outcome.err, "pinshim: blocked"), "stderr: %s", result.outcome.err);
    cr_assert(strstr(result.outcome.err, "\nCall the service desk.\n"), "stderr: %s",
              result.outcome.err);
    expect_verdict(&result, "fail", "no_pin_matched", "terminate", "terminate");
    result_free(&result);
}

/* A program that ignores the signal goes on, and is refused. */
Test(responses, terminate_ignored)
{
    struct trip trip = response_trip(CARELESS);

    response_pin("on_failure = {terminate}");
    trip.shell = "trap '' TERM";
    struct result result = response_refused(trip);
    expect_verdict(&result, "fail", "no_pin_matched", "terminate", "terminate");
    result_free(&result);
}

/* Where no certificate is shown: what the backstop refuses. */
Test(responses, terminate_without_certificate)
{
    static const char *const clients[] = {"--sni " HOST " --anonymous --road connect",
                                          "--sni " HOST " --anonymous --road write",
                                          "--sni " HOST " --anonymous --road memory"};

    response_pin("on_failure = {terminate, message}");
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        struct trip trip = {.client = clients[i], .server = "--anonymous", .status = 128 + SIGTERM};
        struct result result = response_refused(trip);
        expect_verdict(&result, "fail", "no_certificate", "terminate", "terminate");
        cr_assert(strstr(result.outcome.err, "The connection to " HOST), "stderr: %s",
                  result.outcome.err);
        result_free(&result);
    }
}

/* A peer that no section names has the top level's responses. */
Test(responses, of_peers_without_section)
{
    struct trip trip = response_trip(CARELESS);

    scene_policy("unpinned = block\non_failure = {terminate, message}\nmessage = \"Nobody.\"\n");
    trip.status = 128 + SIGTERM;
    struct result result = response_refused(trip);
    expect_verdict(&result, "fail", "no_section", "terminate", "terminate");
    cr_assert(strstr(result.outcome.err, "\nNobody.\n"), "stderr: %s", result.outcome.err);
    result_free(&result);
}

/* A config that cannot be read has no responses. */
Test(responses, none_of_a_broken_config)
{
    scene_policy("on_failure = {terminate, message}\nmessage = \"Nobody.\"\nbroken = true\n");
    struct result result = scene_run(response_trip(CARELESS), "enforce");

    expect_closed(&result);
    cr_assert_not(strstr(result.outcome.err, "Nobody."), "stderr: %s", result.outcome.err);
    result_free(&result);
}
