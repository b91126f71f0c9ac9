/* Another preload beside ours, before it and after it: both do their work, and the other one is
 * called as often as without us. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/handshake/scene.h"
#include "tests/support/twin.h"

TestSuite(preloads, .init = scene_open, .fini = scene_close);

enum place { ALONE, BEFORE, AFTER };

/* Runs the trip with `other` preloaded, and with the shim behind or before it. */
static struct result run_in_mode(const char *mode, struct trip trip, const char *other,
                                 enum place place, const char *const *more)
{
    char *shim = build_path("libpinshim.so");
    const char *list = place == ALONE    ? other
                       : place == BEFORE ? scratch_format(scene.scratch, "%s %s", other, shim)
                                         : scratch_format(scene.scratch, "%s:%s", shim, other);
    const char *environment[COMMAND_VARIABLES] = {
        scratch_format(scene.scratch, "LD_PRELOAD=%s", list),
        "PINSHIM_CONFIG={dir}/pinshim.conf",
        "PINSHIM_EVENTS=file:{dir}/events.jsonl",
        scratch_format(scene.scratch, "PINSHIM_MODE=%s", mode),
        "OTHER_COUNTS={dir}/counts",
    };

    for (size_t i = 0; more && more[i]; i++)
        environment[5 + i] = more[i];
    unlink(scratch_path(scene.scratch, "events.jsonl"));
    struct result result = scene_run_in(trip, environment);
    free(shim);
    return result;
}

static struct result run(struct trip trip, const char *other, enum place place,
                         const char *const *more)
{
    return run_in_mode("enforce", trip, other, place, more);
}

static char *counts(void)
{
    return scratch_read(scene.scratch, scratch_path(scene.scratch, "counts"));
}

/* The right pin changes nothing, the count of the other one's calls included; a wrong one is
 * refused. */
static void beside(const char *other, const char *load, const char *client, bool counting)
{
    struct trip trip = {.client = client, .load = load, .server = "--request-client-cert"};

    for (enum place place = BEFORE; place <= AFTER; place++) {
        trip.identity = &scene.pki.genuine;
        struct result bare = run(trip, other, ALONE, NULL);
        const char *bare_counts = counts();
        struct result passed = run(trip, other, place, NULL);
        const char *counted = counts();

        expect_works(&bare);
        expect_same(&bare, &passed);
        expect_verdict(&passed, "pass", "pin_matched", "allow", "allow");
        cr_assert_str_eq(counted, bare_counts);
        cr_assert_eq(*counted != '\0', counting);
        trip.identity = &scene.pki.mis_issued;
        struct result refused = run(trip, other, place, NULL);
        expect_refused(&refused);
        expect_verdict(&refused, "fail", "no_pin_matched", "block", "block");
        result_free(&bare);
        result_free(&passed);
        result_free(&refused);
    }
}

#define COUNTED(row, load, client)                                                                 \
    Test(preloads, row)                                                                            \
    {                                                                                              \
        char *other = build_path("tests/other-preload.so");                                        \
        scene_pin(scene.pki.genuine.pin);                                                          \
        beside(other, load, client, true);                                                         \
        free(other);                                                                               \
    }

COUNTED(linked, NULL, VERIFYING)
COUNTED(linked_careless_by_write, NULL, CARELESS "--road write")
COUNTED(linked_resuming, NULL, CARELESS "--times 2 --resume --ignore-failure")
COUNTED(linked_in_threads, NULL, CARELESS "--threads 4")
COUNTED(by_dlsym, "dlsym", CARELESS)
COUNTED(by_dlsym_local, "dlsym-local", CARELESS)
COUNTED(by_dlsym_local_by_write, "dlsym-local", CARELESS "--road write")
COUNTED(by_dlvsym, "dlvsym", CARELESS)
COUNTED(by_deepbind, "deepbind", CARELESS)

/* No certificate is judged there, only the end of the handshake, of which the other one's callback
 * is told. */
static void traced(const char *client)
{
    struct trip trip = {.client = client, .server = "--psk 00112233445566778899aabbccddeeff"};
    char *other = build_path("tests/other-preload.so");

    scene_pin(scene.pki.genuine.pin);
    for (enum place place = BEFORE; place <= AFTER; place++) {
        struct result refused =
            run(trip, other, place, (const char *const[]){"OTHER_INFO=1", NULL});
        expect_nothing_sent(&refused, 0);
        expect_verdict(&refused, "fail", "no_certificate", "block", "block");
        result_free(&refused);
    }
    free(other);
}

Test(preloads, info_callback_of_the_other_one)
{
    traced("--sni " HOST " --tls 1.3 --psk 00112233445566778899aabbccddeeff --info none");
}

Test(preloads, info_callback_of_the_other_one_by_write)
{
    traced("--sni " HOST " --tls 1.3 --psk 00112233445566778899aabbccddeeff --info none "
           "--road write");
}

/* Off, the shim takes nothing from the other one's work either. */
Test(preloads, called_while_the_shim_sleeps)
{
    struct trip trip = {.client = VERIFYING, .identity = &scene.pki.mis_issued};
    char *other = build_path("tests/other-preload.so");

    scene_pin(scene.pki.genuine.pin);
    struct result bare = run(trip, other, ALONE, NULL);
    const char *bare_counts = counts();
    for (enum place place = BEFORE; place <= AFTER; place++) {
        struct result off = run_in_mode("off", trip, other, place, NULL);
        expect_same(&bare, &off);
        cr_assert_str_eq(counts(), bare_counts);
        result_free(&off);
    }
    cr_assert(*bare_counts);
    result_free(&bare);
    free(other);
}

/* A libssl that calls none of our hooks from within: only its answers to dlsym lead to us. */
Test(preloads, by_dlsym_symbolic)
{
    char *other = build_path("tests/other-preload.so");

    twin_make(scene.scratch, TWIN_SYMBOLIC);
    scene_pin(scene.pki.genuine.pin);
    beside(other, "dlsym-local", CARELESS "--twin {dir}/twin --libraries 2", true);
    free(other);
}

/* Real ones, all of which interpose open, connect and their like. Two of them do nothing more
 * without their variables. From 1.4 on, socket_wrapper looks for a function that is not there when
 * it is first called, be it by the shim, and leaves that to dlerror: a stale error of the client's
 * takes its place. */
#define PLAIN(row, other, load)                                                                    \
    Test(preloads, row)                                                                            \
    {                                                                                              \
        scene_pin(scene.pki.genuine.pin);                                                          \
        beside(other, load, VERIFYING "--stale-errors", false);                                    \
    }

PLAIN(eatmydata, "libeatmydata.so", NULL)
PLAIN(socket_wrapper, "libsocket_wrapper.so", NULL)
PLAIN(socket_wrapper_by_dlsym, "libsocket_wrapper.so", "dlsym-local")
PLAIN(nss_wrapper, "libnss_wrapper.so", NULL)
PLAIN(all_of_them, "libnss_wrapper.so:libeatmydata.so:libsocket_wrapper.so", NULL)

/* A name that the other one alone knows. */
static struct result wrapped(const char *resolver, enum place place)
{
    const char *more[] = {"NSS_WRAPPER_HOSTS={dir}/hosts", NULL};
    struct trip trip = {
        .client = scratch_format(
            scene.scratch, "--sni none --resolve wrapped.example.test --resolver %s" CLIENT_CERT,
            resolver),
        .server = "--request-client-cert",
        .identity = &scene.pki.mis_issued,
    };

    scratch_text(scene.scratch, "hosts", 0644, "127.0.0.1 wrapped.example.test\n");
    scene_policy("unnamed = \"audit\"\ndomain \"wrapped.example.test\" { pins = {\"%s\"} }\n",
                 scene.pki.genuine.pin);
    return run(trip, "libnss_wrapper.so", place, more);
}

static const char *const resolvers[] = {"getaddrinfo", "gethostbyname", "gethostbyname_r"};

Test(preloads, name_from_nss_wrapper)
{
    for (size_t i = 0; i < sizeof resolvers / sizeof *resolvers; i++) {
        struct result bare = wrapped(resolvers[i], ALONE), refused = wrapped(resolvers[i], AFTER);
        const json_t *event = events_last(refused.events, "handshake", NULL);

        expect_works(&bare);
        expect_refused(&refused);
        expect_string(event, "host", "wrapped.example.test");
        expect_string(event, "host_source", "resolver");
        result_free(&bare);
        result_free(&refused);
    }
}

/* What answers before we are asked keeps the name from us: docs/limits.md. */
Test(preloads, name_from_nss_wrapper_in_front)
{
    for (size_t i = 0; i < sizeof resolvers / sizeof *resolvers; i++) {
        struct result bare = wrapped(resolvers[i], ALONE), passed = wrapped(resolvers[i], BEFORE);
        const json_t *event = events_last(passed.events, "handshake", NULL);

        expect_same(&bare, &passed);
        expect_string(event, "host_source", "none");
        expect_string(event, "reason", "no_name");
        result_free(&bare);
        result_free(&passed);
    }
}
