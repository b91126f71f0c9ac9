/* Two libssl in one process, the second one opened by its path: each handshake is judged, and what
 * belongs to one never comes to the other. Their symbols have versions of their own, as with two
 * releases, or the same ones, as with a copy that a package brings along. */
#include <string.h>

#include "tests/handshake/scene.h"
#include "tests/support/twin.h"

TestSuite(twins, .init = scene_open, .fini = scene_close);

struct twins {
    enum twin kind;
    /* Bound by the loader to the first one's libcrypto. To a program that asks the second's own for
     * errors, there are none. */
    bool one_libcrypto;
    const char *load, *client;
    size_t resumed; /* connections that resume an earlier one's session */
};

static struct trip trip_of(const struct twins *twins, const char *client,
                           const struct identity *identity)
{
    twin_make(scene.scratch, twins->kind);
    scene_pin(scene.pki.genuine.pin);
    return (struct trip){
        .client = scratch_format(scene.scratch, "%s --twin {dir}/twin %s", client, twins->client),
        .load = twins->load,
        .server = "--request-client-cert",
        .identity = identity};
}

/* As many handshakes were judged as there were connections, and each of them so. */
static void expect_all(const struct result *result, const char *reason, const char *action)
{
    size_t i;
    json_t *event;

    cr_assert_eq(events_count(result->events, "config_error", NULL), 0);
    cr_assert_eq(events_count(result->events, "handshake", NULL), json_array_size(result->records));
    json_array_foreach(result->events, i, event)
    {
        if (strcmp(field_string(event, "event"), "handshake") != 0)
            continue;
        expect_string(event, "reason", reason);
        expect_string(event, "action", action);
    }
}

static void right_pin(const struct twins *twins)
{
    struct trip trip = trip_of(twins, VERIFYING, &scene.pki.genuine);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    size_t i, resumed = 0;
    json_t *report;

    expect_works(&bare);
    expect_same(&bare, &enforce);
    expect_all(&enforce, "pin_matched", "allow");
    json_array_foreach(bare.reports, i, report) resumed +=
        field_number(json_object_get(report, "state"), "reused") != 0;
    cr_assert_eq(resumed, twins->resumed, "%s", bare.outcome.out);
    result_free(&bare);
    result_free(&enforce);
}

static void wrong_pin(const struct twins *twins)
{
    struct trip trip = trip_of(twins, CARELESS, &scene.pki.mis_issued);
    struct result bare = scene_run(trip, NULL), audit = scene_run(trip, "audit");
    struct result enforce = scene_run(trip, "enforce");
    size_t i;
    json_t *report;

    expect_works(&bare);
    expect_same(&bare, &audit);
    if (twins->resumed == 0)
        expect_all(&audit, "no_pin_matched", "allow");
    expect_nothing_sent(&enforce, 0);
    expect_all(&enforce, "no_pin_matched", "block");
    if (!twins->one_libcrypto)
        expect_refused(&enforce);
    json_array_foreach(enforce.reports, i, report)
    {
        cr_assert_leq(field_number(json_object_get(report, "handshake"), "return"), 0);
        expect_number(json_object_get(report, "state"), "verify_result",
                      50 /* X509_V_ERR_APPLICATION_VERIFICATION */);
    }
    result_free(&bare);
    result_free(&audit);
    result_free(&enforce);
}

#define TWINS(row, ...)                                                                            \
    static const struct twins row = {__VA_ARGS__};                                                 \
    Test(twins, row##_right_pin)                                                                   \
    {                                                                                              \
        right_pin(&row);                                                                           \
    }                                                                                              \
    Test(twins, row##_wrong_pin)                                                                   \
    {                                                                                              \
        wrong_pin(&row);                                                                           \
    }

/* One scope: both orders, alternating, at once, and allocators that must not meet. */
#define SCOPE(row, scope, ...)                                                                     \
    TWINS(row##_first_then_second, __VA_ARGS__,                                                    \
          .client = "--ignore-failure --libraries 12 --twin-scope " scope)                         \
    TWINS(row##_second_then_first, __VA_ARGS__,                                                    \
          .client = "--ignore-failure --libraries 21 --mem-functions --twin-scope " scope)         \
    TWINS(row##_by_write, __VA_ARGS__,                                                             \
          .client = "--ignore-failure --libraries 212 --road write --twin-scope " scope)           \
    TWINS(row##_resuming, __VA_ARGS__, .resumed = 4,                                               \
          .client = "--ignore-failure --libraries 121221 --resume --twin-scope " scope)            \
    TWINS(row##_at_once, __VA_ARGS__,                                                              \
          .client = "--ignore-failure --libraries 12122112 --threads 8 --twin-scope " scope)

SCOPE(two_releases_local, "local", .kind = TWIN_OWN_VERSIONS)
SCOPE(two_releases_global, "global", .kind = TWIN_OWN_VERSIONS)
SCOPE(two_releases_deepbind, "deepbind", .kind = TWIN_OWN_VERSIONS)
SCOPE(one_release_local, "local", .one_libcrypto = true)
SCOPE(one_release_global, "global", .one_libcrypto = true)
SCOPE(one_release_symbolic, "local", .kind = TWIN_SYMBOLIC, .one_libcrypto = true)

/* Closed, and opened again. OpenSSL is built to stay (DF_1_NODELETE): without that flag programs
 * crash, bare. */
TWINS(closed_and_opened_again, .kind = TWIN_OWN_VERSIONS,
      .client = "--ignore-failure --libraries 2x2x12x21")

/* Here nothing of the first one is in the second one's sight. */
SCOPE(one_release_deepbind, "deepbind", .kind = TWIN_SAME_VERSIONS)
SCOPE(one_release_both_local, "local", .load = "dlsym-local")

/* What one of them verified says nothing of the other's connections. */
static void second_refused(const char *libraries)
{
    static const struct twins both = {.kind = TWIN_OWN_VERSIONS, .client = ""};
    struct trip trip = trip_of(&both, CARELESS, &scene.pki.genuine);

    trip.client = scratch_format(scene.scratch, "%s --libraries %s", trip.client, libraries);
    trip.second = &scene.pki.mis_issued;
    struct result enforce = scene_run(trip, "enforce");
    expect_refused(&enforce);
    expect_nothing_sent(&enforce, 1);
    expect_number(json_object_get(json_array_get(enforce.reports, 0), "handshake"), "return", 1);
    result_free(&enforce);
}

Test(twins, first_passes_second_is_refused)
{
    second_refused("12");
}

Test(twins, second_passes_first_is_refused)
{
    second_refused("21");
}
