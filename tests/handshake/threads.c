/* Threads: what one of them meets is nothing to the others. Sanitizers look on (tests/sanitize). */
#include "tests/handshake/scene.h"

#include <string.h>

TestSuite(threads, .init = scene_open, .fini = scene_close);

enum { THREADS = 8 };
#define EIGHT "--threads 8 "
#define PSK "00112233445566778899aabbccddeeff"

/* How many of the client's connections, or of each second one from `first` on, were answered. */
static size_t answered(const struct result *result, size_t first, size_t step)
{
    size_t count = 0;

    for (size_t i = first; i < json_array_size(result->reports); i += step) {
        const json_t *read = json_object_get(json_array_get(result->reports, i), "read");
        const char *answer = json_string_value(json_object_get(read, "answer"));
        count += answer && strstr(answer, "genuine");
    }
    return count;
}

static size_t verdicts(const struct result *result, const char *verdict, const char *reason)
{
    size_t i, count = 0;
    json_t *one;

    json_array_foreach(result->events, i, one)
    {
        if (strcmp(field_string(one, "event"), "handshake") == 0)
            count += strcmp(field_string(one, "verdict"), verdict) == 0 &&
                     strcmp(field_string(one, "reason"), reason) == 0;
    }
    return count;
}

/* All of them before the pinned key, and before another one. */
static void right_and_wrong(struct trip trip, const char *title)
{
    scene_policy("domain \"%s\" { pins = {\"%s\"} }\n", title, scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    struct result bare = scene_run(trip, NULL), right = scene_run(trip, "enforce");
    trip.identity = &scene.pki.mis_issued;
    struct result wrong = scene_run(trip, "enforce");
    size_t count = json_array_size(bare.reports);

    cr_assert_eq(answered(&bare, 0, 1), count);
    expect_same(&bare, &right);
    cr_assert_eq(verdicts(&right, "pass", "pin_matched"), count);
    cr_assert_eq(answered(&wrong, 0, 1), 0);
    cr_assert_eq(json_array_size(wrong.reports), count);
    expect_nothing_sent(&wrong, 0);
    cr_assert_eq(verdicts(&wrong, "fail", "no_pin_matched"), count);
    result_free(&bare);
    result_free(&right);
    result_free(&wrong);
}

#define ROW(row, loaded, options, title)                                                           \
    Test(threads, row)                                                                             \
    {                                                                                              \
        right_and_wrong((struct trip){.client = EIGHT options, .load = (loaded)}, title);          \
    }

ROW(on_one_context, NULL, VERIFYING, HOST)
ROW(each_on_its_own, NULL, "--alone " VERIFYING, HOST)
/* The first of them reads the policy. */
ROW(each_on_its_own_in_a_plugin, "plugin", "--alone " CARELESS, HOST)
/* libssl makes a copy of each session, and each thread its own. */
ROW(on_one_context_1_2, NULL, "--tls 1.2 " CARELESS, HOST)
/* All set the context's callback, while some are in their handshake already. */
ROW(setting_callbacks, NULL, "--cert-verify-callback check --cert-verify-when late " VERIFYING,
    HOST)
/* Each puts ours back in the callback's place. */
ROW(displacing_ours, "deepbind", "--cert-verify-callback check " VERIFYING, HOST)
/* The tables of names and connections are written and read at once. */
ROW(resolving, NULL, "--alone --resolve localhost --sni none", "localhost")
ROW(finding_their_connection, NULL,
    "--alone --resolve localhost --sni localhost --road memory --times 3", "localhost")
ROW(before_a_fork, NULL, "--fork threaded " VERIFYING, HOST)

/* The second of two servers is another: its connections are refused, and no others. */
static void two_servers(const char *client)
{
    struct trip trip = {.client = client,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine,
                        .second = &scene.pki.mis_issued};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    struct result audit = scene_run(trip, "audit");

    cr_assert_eq(answered(&bare, 0, 1), THREADS);
    cr_assert_eq(json_array_size(enforce.reports), THREADS);
    cr_assert_eq(answered(&enforce, 0, 2), THREADS / 2);
    cr_assert_eq(answered(&enforce, 1, 2), 0);
    expect_refused(&enforce);
    expect_nothing_sent(&enforce, THREADS / 2); /* the second server's records */
    cr_assert_eq(verdicts(&enforce, "pass", "pin_matched"), THREADS / 2);
    cr_assert_eq(verdicts(&enforce, "fail", "no_pin_matched"), THREADS / 2);
    expect_same(&bare, &audit);
    cr_assert_eq(verdicts(&audit, "fail", "no_pin_matched"), THREADS / 2);
    result_free(&bare);
    result_free(&enforce);
    result_free(&audit);
}

Test(threads, two_servers)
{
    two_servers(EIGHT VERIFYING);
}

Test(threads, two_servers_each_on_its_own)
{
    two_servers(EIGHT "--alone " CARELESS);
}

Test(threads, two_servers_by_write)
{
    two_servers(EIGHT "--road write " CARELESS);
}

/* Cut off when the handshake has finished, all at once. */
Test(threads, no_certificate)
{
    struct trip trip = {.client = EIGHT "--sni " HOST " --psk " PSK " --tls 1.3",
                        .server = "--psk " PSK};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    cr_assert_eq(answered(&bare, 0, 1), THREADS);
    cr_assert_eq(answered(&enforce, 0, 1), 0);
    cr_assert_eq(json_array_size(enforce.records), THREADS);
    expect_nothing_sent(&enforce, 0);
    cr_assert_eq(verdicts(&enforce, "fail", "no_certificate"), THREADS);
    result_free(&bare);
    result_free(&enforce);
}

/* One sink cannot be opened, and is tried again at each event. The other has each event, whole. */
Test(threads, writing_events)
{
    struct trip trip = {.client = EIGHT "--times 3 " CARELESS, .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run_in(
        trip, (const char *const[]){
                  scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config),
                  "PINSHIM_EVENTS=file:{dir}/nothing/events.jsonl,file:{dir}/events.jsonl", NULL});

    cr_assert_eq(answered(&result, 0, 1), 3 * THREADS);
    cr_assert_eq(verdicts(&result, "pass", "pin_matched"), 3 * THREADS);
    result_free(&result);
}
