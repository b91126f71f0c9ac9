/* Where no sink is told of a handshake, one that resumes what this process verified is not looked
 * into again when it has finished: as long as there is nothing else to decide by. */
#include <time.h>

#include "tests/handshake/living.h"
#include "tests/handshake/session_trips.h"

TestSuite(unheard, .init = scene_open, .fini = scene_close);

static void write_policy(const char *in_section, const char *beside)
{
    scene_policy("mode = \"enforce\"\ndomain \"" HOST "\" { pins = {\"%s\"}\n%s }\n%s",
                 scene.pki.genuine.pin, in_section, beside);
}

/* Without a certificate of its own, which a server still knows of a session that it resumes. */
static void start(const char *client)
{
    struct trip trip = {.identity = &scene.pki.genuine};

    trip.client = scratch_format(
        scene.scratch, "--sni " HOST " --verify peer --ca {ca}" ROUNDS "--resume %s", client);
    living_start(trip,
                 (const char *const[]){"PINSHIM_EVENTS=none", "CLOCK_AHEAD={dir}/ahead", NULL});
}

static void goes_on(const char *client, const char *beside)
{
    write_policy("", beside);
    start(client);
    living_resumes(false);
    living_resumes(true);
    living_resumes(true);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n", scene.pki.mis_issued.pin);
    living_refused();
    living_end();
}

Test(unheard, resumes)
{
    goes_on("--tls 1.3", "");
}

Test(unheard, resumes_1_2)
{
    goes_on("--tls 1.2", "");
}

Test(unheard, resumes_by_write)
{
    goes_on("--road write", "");
}

Test(unheard, resumes_what_was_checked)
{
    goes_on("", scratch_format(scene.scratch, "verify = {\"hostname\"}\n"));
}

enum { DAY = 24 * 60 * 60 };

static void expire(const char *tls)
{
    time_t tomorrow = time(NULL) + DAY;
    struct tm date;
    char text[16];

    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&tomorrow, &date));
    write_policy(scratch_format(scene.scratch, "expires = \"%s\"", text), "expired = \"block\"\n");
    start(tls);
    living_resumes(false);
    living_resumes(true);
    living_let_pass(3L * DAY);
    living_refused();
    living_end();
}

Test(unheard, until_the_pins_expire)
{
    expire("--tls 1.3");
}

Test(unheard, until_the_pins_expire_1_2)
{
    expire("--tls 1.2");
}

/* A session of ours is offered, and next to it a key of anybody's; the server chooses that. */
Test(unheard, another_session_is_taken)
{
    struct trip trip = {.client = VERIFYING "--tls 1.3 --times 2 --resume --psk-beside-session "
                                            "--psk 00112233445566778899aabbccddeeff",
                        .server = "--psk 00112233445566778899aabbccddeeff",
                        .identity = &scene.pki.genuine,
                        .second = &scene.pki.genuine};
    struct result bare, enforce;

    write_policy("", "");
    bare = scene_run(trip, NULL);
    enforce = scene_run_in(trip, (const char *const[]){"PINSHIM_CONFIG={dir}/pinshim.conf",
                                                       "PINSHIM_EVENTS=none", NULL});
    cr_assert_eq(session_reused(&bare), 1, "%s", bare.outcome.out);
    expect_works(&bare);
    expect_nothing_sent(&enforce, 1);
    result_free(&bare);
    result_free(&enforce);
}
