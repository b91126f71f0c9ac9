/* Every road into a handshake, for clients that verify and clients that do not, linked to libssl
 * or finding it at run time: the right pin and audit change nothing, the wrong pin lets nothing
 * out. */
#include "tests/handshake/scene.h"

#include <string.h>

TestSuite(right_pin, .init = scene_open, .fini = scene_close);
TestSuite(wrong_pin, .init = scene_open, .fini = scene_close);
TestSuite(audit, .init = scene_open, .fini = scene_close);

struct road {
    const char *client[2]; /* verifying, careless */
    const char *load, *server;
};

static struct trip trip_of(const struct road *road, unsigned careless,
                           const struct identity *identity)
{
    return (struct trip){.client = road->client[careless],
                         .load = road->load,
                         .server = road->server,
                         .identity = identity};
}

static void right_pin(const struct road *road)
{
    scene_pin(scene.pki.genuine.pin);
    for (unsigned careless = 0; careless < 2; careless++) {
        struct trip trip = trip_of(road, careless, &scene.pki.genuine);
        expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
    }
}

static void wrong_pin(const struct road *road)
{
    scene_pin(scene.pki.genuine.pin);
    for (unsigned careless = 0; careless < 2; careless++) {
        struct trip trip = trip_of(road, careless, &scene.pki.mis_issued);
        struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
        expect_works(&bare);
        expect_refused(&refused);
        expect_nothing_sent(&refused, 0);
        expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
        result_free(&bare);
        result_free(&refused);
    }
}

/* What is resumed in audit was never verified; enforce would make a full handshake, and refuse. */
static void audit(const struct road *road, bool resumed)
{
    scene_pin(scene.pki.genuine.pin);
    for (unsigned careless = 0; careless < 2; careless++) {
        struct trip trip = trip_of(road, careless, &scene.pki.mis_issued);
        if (resumed)
            expect_invisible(trip, "audit", "fail", "session_not_verified", "block");
        else
            expect_invisible(trip, "audit", "fail", "no_pin_matched", "block");
    }
}

#define ROAD(row, loaded, resumed, arguments, server_options)                                      \
    static const struct road row = {.client = {VERIFYING arguments, CARELESS arguments},           \
                                    .load = (loaded),                                              \
                                    .server = "--request-client-cert " server_options};            \
    Test(right_pin, row)                                                                           \
    {                                                                                              \
        right_pin(&row);                                                                           \
    }                                                                                              \
    Test(wrong_pin, row)                                                                           \
    {                                                                                              \
        wrong_pin(&row);                                                                           \
    }                                                                                              \
    Test(audit, row)                                                                               \
    {                                                                                              \
        audit(&row, resumed);                                                                      \
    }

ROAD(by_connect, NULL, false, "--road connect", "")
ROAD(by_do_handshake, NULL, false, "--road do_handshake", "")
ROAD(by_write, NULL, false, "--road write", "")
ROAD(by_read, NULL, false, "--road read", "--greeting hello")
ROAD(by_bio_connect, NULL, false, "--road bio_connect", "")
ROAD(by_bio_handshake, NULL, false, "--road bio_handshake", "")
ROAD(by_bio_chain, NULL, false, "--road bio_chain", "")
ROAD(by_memory, NULL, false, "--road memory", "")
ROAD(by_memory_write, NULL, false, "--road memory_write", "")
ROAD(by_nonblocking, NULL, false, "--road nonblocking", "")
ROAD(by_early_data, NULL, true, "--road early_data --times 2 --resume", "--early-data")
ROAD(by_dup, NULL, false, "--road dup", "")
ROAD(by_clear, NULL, true, "--road clear", "")

/* What a good client has around it must look the same, too. */
ROAD(with_stale_errors, NULL, false, "--stale-errors", "")
ROAD(with_stale_errors_by_write, NULL, false, "--stale-errors --road write", "")
ROAD(with_ctx_info_callback, NULL, false, "--info ctx", "")
ROAD(with_both_info_callbacks, NULL, false, "--info both", "")
ROAD(without_info_callback, NULL, false, "--info none", "")
ROAD(with_mem_functions, NULL, false, "--mem-functions", "")
ROAD(in_threads, NULL, false, "--threads 8", "")
ROAD(forked_before, NULL, false, "--fork before", "")
ROAD(forked_after, NULL, false, "--fork after", "")
ROAD(forked_between, NULL, false, "--fork between --times 2", "")
ROAD(ignoring_failure, NULL, false, "--ignore-failure", "")
ROAD(ignoring_failure_by_write, NULL, false, "--ignore-failure --road write", "")
ROAD(ignoring_failure_by_bio_chain, NULL, false, "--ignore-failure --road bio_chain", "")

/* libssl found at run time. */
#define LOADED(prefix, loaded)                                                                     \
    ROAD(prefix##_by_connect, loaded, false, "--road connect", "")                                 \
    ROAD(prefix##_by_do_handshake, loaded, false, "--road do_handshake", "")                       \
    ROAD(prefix##_by_write, loaded, false, "--road write", "")                                     \
    ROAD(prefix##_by_bio_chain, loaded, false, "--road bio_chain", "")                             \
    ROAD(prefix##_by_memory, loaded, false, "--road memory", "")                                   \
    ROAD(prefix##_by_nonblocking, loaded, false, "--road nonblocking", "")                         \
    ROAD(prefix##_by_clear, loaded, true, "--road clear", "")                                      \
    ROAD(prefix##_with_ctx_info_callback, loaded, false, "--info ctx", "")                         \
    ROAD(prefix##_without_info_callback, loaded, false, "--info none", "")

LOADED(dlsym, "dlsym")
LOADED(dlsym_local, "dlsym-local")
LOADED(dlvsym, "dlvsym")
LOADED(plugin, "plugin")
LOADED(deepbind, "deepbind")

/* Plugins, in what else their programs do. */
#define PLUGGED(prefix, loaded)                                                                    \
    ROAD(prefix##_by_read, loaded, false, "--road read", "--greeting hello")                       \
    ROAD(prefix##_by_early_data, loaded, true, "--road early_data --times 2 --resume --info ctx",  \
         "--early-data")                                                                           \
    ROAD(prefix##_by_dup, loaded, false, "--road dup", "")                                         \
    ROAD(prefix##_with_both_info_callbacks, loaded, false, "--info both", "")                      \
    ROAD(prefix##_with_stale_errors, loaded, false, "--stale-errors", "")                          \
    ROAD(prefix##_in_threads, loaded, false, "--threads 8", "")                                    \
    ROAD(prefix##_forked_before, loaded, false, "--fork before", "")                               \
    ROAD(prefix##_forked_between, loaded, false, "--fork between --times 2", "")                   \
    ROAD(prefix##_ignoring_failure_by_write, loaded, false, "--ignore-failure --road write", "")   \
    ROAD(prefix##_tls_1_2, loaded, false, "--tls 1.2", "")

PLUGGED(plugin, "plugin")
PLUGGED(deepbind, "deepbind")

ROAD(dlsym_with_mem_functions, "dlsym", false, "--mem-functions", "")
ROAD(dlsym_local_with_mem_functions, "dlsym-local", false, "--mem-functions", "")
ROAD(dlvsym_with_mem_functions, "dlvsym", false, "--mem-functions", "")
ROAD(plugin_with_mem_functions, "plugin", false, "--mem-functions", "")

/* Closed, and opened again: a plugin goes meanwhile, its libssl is built to stay. */
ROAD(dlsym_opened_again, "dlsym", false, "--ignore-failure --reload", "")
ROAD(dlsym_local_opened_again, "dlsym-local", false, "--ignore-failure --reload", "")
ROAD(plugin_opened_again, "plugin", false, "--ignore-failure --reload", "")
ROAD(deepbind_opened_again, "deepbind", false, "--ignore-failure --reload", "")

/* A plugin opened RTLD_DEEPBIND calls its libssl past our hooks, so we must register with it before
 * anything else is called in it: an allocator of the program's own then comes too late. */
TestSuite(limits, .init = scene_open, .fini = scene_close);

Test(limits, deepbind_with_mem_functions)
{
    struct trip trip = {
        .client = VERIFYING "--mem-functions", .load = "deepbind", .identity = &scene.pki.genuine};

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL);
    trip.status = 2;
    struct result protected = scene_run(trip, "audit");
    expect_works(&bare);
    cr_assert(strstr(protected.outcome.err, "CRYPTO_set_mem_functions came too late"), "stderr: %s",
              protected.outcome.err);
    result_free(&bare);
    result_free(&protected);
}

/* An SSL_CTX from a part of the program that meets our hooks, in the hands of one that does not,
 * and displaces both of our callbacks. */
static struct trip handed_on(const char *client)
{
    scene_pin(scene.pki.genuine.pin);
    return (struct trip){.client = client,
                         .load = "tables-handed-on",
                         .server = "--request-client-cert",
                         .identity = &scene.pki.mis_issued};
}

Test(wrong_pin, context_handed_on)
{
    expect_refusal(handed_on(CARELESS "--info ssl --cert-verify-callback accept"),
                   "no_pin_matched");
}

Test(wrong_pin, context_handed_on_with_an_ssl)
{
    expect_refusal(handed_on(CARELESS "--info none --cert-verify-callback accept "
                                      "--cert-verify-when late"),
                   "no_pin_matched");
}

/* Here no SSL_connect brings ours back; that SSL_new tells of it must do. */
Test(wrong_pin, context_handed_on_by_write)
{
    expect_refusal(handed_on(CARELESS "--info ssl --cert-verify-callback accept --road write"),
                   "no_pin_matched");
}

/* Another certificate after a renegotiation is judged like a first one. */
static const struct trip renegotiating = {
    .client = VERIFYING "--renegotiate --tls 1.2 --ignore-failure",
};

Test(wrong_pin, after_renegotiation)
{
    struct trip trip = renegotiating;
    const struct identity *other = &scene.pki.mis_issued;

    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    trip.server = scratch_format(scene.scratch,
                                 "--tls1.2 --renegotiation --second-cert %s "
                                 "--second-key %s",
                                 other->chain_file, other->key_file);
    struct result bare = scene_run(trip, NULL), refused = scene_run(trip, "enforce");
    const json_t *record = json_array_get(refused.records, 0);

    cr_assert_eq(result_number(&bare, "second_handshake.return"), 1);
    expect_works(&refused); /* the first certificate is the pinned one */
    cr_assert_leq(result_number(&refused, "second_handshake.return"), 0);
    expect_number(record, "app_bytes", result_number(&refused, "write.return"));
    expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
    result_free(&bare);
    result_free(&refused);
}

Test(right_pin, after_renegotiation)
{
    struct trip trip = renegotiating;

    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    trip.server = "--tls1.2 --renegotiation";
    expect_invisible(trip, "enforce", "pass", "pin_matched", "allow");
}
