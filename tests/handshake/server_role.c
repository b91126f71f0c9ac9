/* A process that is a server as well, and asks its own peers for a certificate: that role is none
 * of the shim's business, from a context of its own and from the one that the client uses. */
#include "tests/handshake/scene.h"

TestSuite(server_role, .init = scene_open, .fini = scene_close);

/* A peer that the server's CA knows, none, and one that it does not know. */
#define KNOWN " --peer-cert {cert} --peer-key {key} "
#define NOBODY " "
#define UNKNOWN " --peer-cert {dir}/self-signed-chain.pem --peer-key {dir}/self-signed.key "

/* What the servers among the two clients' reports saw: all that the client's connections are not.
 */
static void expect_same_servers(const struct result *bare, const struct result *protected)
{
    size_t servers = 0, i;
    json_t *one;

    json_array_foreach(bare->reports, i, one)
    {
        json_t *other = json_array_get(protected->reports, i);
        if (!json_object_get(one, "accept"))
            continue;
        servers++;
        cr_assert(json_equal(one, other), "a server differs\n     bare: %s\nprotected: %s",
                  bare->outcome.out, protected->outcome.out);
    }
    cr_assert_gt(servers, 0);
}

static void expect_accepted(const struct result *result, bool accepted)
{
    const json_t *accept = json_object_get(json_array_get(result->reports, 0), "accept");

    cr_assert_eq(field_number(accept, "return") == 1, accepted, "%s", result->outcome.out);
}

static void both_roles(const char *client, const char *load, bool accepted)
{
    struct trip trip = {.client = client, .load = load, .server = "--request-client-cert"};

    scene_pin(scene.pki.genuine.pin);
    trip.identity = &scene.pki.genuine;
    struct result bare = scene_run(trip, NULL), right = scene_run(trip, "enforce");
    expect_accepted(&bare, accepted);
    expect_works(&bare);
    expect_same(&bare, &right);
    expect_verdict(&right, "pass", "pin_matched", "allow", "allow");
    cr_assert_eq(events_count(right.events, "handshake", NULL), json_array_size(right.records));
    result_free(&bare);
    result_free(&right);
    trip.identity = &scene.pki.mis_issued;
    bare = scene_run(trip, NULL);
    struct result wrong = scene_run(trip, "enforce"), audit = scene_run(trip, "audit");
    expect_same_servers(&bare, &wrong);
    expect_refused(&wrong);
    expect_nothing_sent(&wrong, 0);
    cr_assert_eq(events_count(wrong.events, "handshake", NULL), json_array_size(wrong.records));
    expect_same(&bare, &audit);
    cr_assert_eq(events_count(audit.events, "handshake", NULL), json_array_size(audit.records));
    result_free(&bare);
    result_free(&wrong);
    result_free(&audit);
}

/* With a policy that cannot be read no client gets anywhere; the server does not notice. */
static void broken(const char *client, const char *load, bool accepted)
{
    struct trip trip = {
        .client = client, .load = load, .server = "", .identity = &scene.pki.genuine};
    const char *const environment[] = {"PINSHIM_CONFIG={dir}/missing.conf",
                                       "PINSHIM_EVENTS=file:{dir}/events.jsonl", NULL};
    struct result bare = scene_run(trip, NULL), closed = scene_run_in(trip, environment);

    expect_accepted(&bare, accepted);
    expect_same_servers(&bare, &closed);
    expect_closed(&closed);
    cr_assert_eq(events_count(closed.events, "handshake", NULL), json_array_size(closed.records));
    result_free(&bare);
    result_free(&closed);
}

#define LOADED(row, loaded, arguments, accepted)                                                   \
    Test(server_role, row)                                                                         \
    {                                                                                              \
        both_roles(VERIFYING arguments, loaded, accepted);                                         \
    }                                                                                              \
    Test(server_role, row##_broken_policy)                                                         \
    {                                                                                              \
        broken(VERIFYING arguments, loaded, accepted);                                             \
    }

#define ROLE(row, loaded, arguments)                                                               \
    LOADED(row##_known_peer, loaded, arguments KNOWN, true)                                        \
    LOADED(row##_no_peer_certificate, loaded, arguments NOBODY, false)                             \
    LOADED(row##_unknown_peer, loaded, arguments UNKNOWN, false)

ROLE(one_context, NULL, "--serve one")
ROLE(two_contexts, NULL, "--serve two")
ROLE(one_context_by_write, NULL, "--serve one --road write")
ROLE(one_context_by_bio_chain, NULL, "--serve one --road bio_chain")
ROLE(one_context_info_callbacks, NULL, "--serve one --info both")
ROLE(one_context_cert_verify_callback, NULL, "--serve one --cert-verify-callback check")
ROLE(one_context_dlsym, "dlsym", "--serve one")
ROLE(one_context_deepbind, "deepbind", "--serve one --info ctx")
ROLE(two_contexts_deepbind, "deepbind", "--serve two --cert-verify-callback check")

/* Server, client, server, client: neither leaves anything behind for the other. */
LOADED(one_context_by_turns, NULL, "--serve one --times 2 --ignore-failure" KNOWN, true)
LOADED(two_contexts_by_turns, NULL, "--serve two --times 2 --ignore-failure" KNOWN, true)
