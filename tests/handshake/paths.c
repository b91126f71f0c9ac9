/* A pinned CA counts only on a path that verifies, whatever the peer sends along and whatever the
 * program overlooks. */
#include "tests/handshake/chains.h"

TestSuite(paths, .init = scene_open, .fini = scene_close);

static void pin_intermediate(void)
{
    scene_policy("domain \"" HOST "\" { pins = {\"%s\", \"%s\"} }\n", scene.pki.intermediate.pin,
                 scene.pki.intermediate.cert_pin);
}

/* A leaf with the pinned CA's name as its issuer, signed by somebody else. */
Test(paths, forged_under_the_pinned_name)
{
    struct identity fake_ca = {0}, forged = {0};
    const struct request ca = {.ca = true, .common_name = "intermediate"}, leaf = {0};

    pki_issue(scene.scratch, "fake-ca", NULL, &ca, &fake_ca);
    pki_issue(scene.scratch, "forged", &fake_ca, &leaf, &forged);
    SEND(&forged, "forged-sent.pem", &scene.pki.intermediate);
    pin_intermediate();
    fools_nobody(&forged, "pin_not_in_valid_chain");
    identity_free(&fake_ca);
    identity_free(&forged);
}

Test(paths, pinned_certificate_appended)
{
    struct identity copy = {.leaf_file = scene.pki.self_signed.leaf_file,
                            .key_file = scene.pki.self_signed.key_file};

    SEND(&copy, "appended.pem", &scene.pki.intermediate, &scene.pki.root);
    pin_intermediate();
    fools_nobody(&copy, "pin_not_in_valid_chain");
}

/* A pinned leaf appended to another's chain is nobody's key. */
Test(paths, pinned_leaf_appended)
{
    struct identity copy = {.leaf_file = scene.pki.mis_issued.leaf_file,
                            .key_file = scene.pki.mis_issued.key_file};

    SEND(&copy, "appended.pem", &scene.pki.intermediate, &scene.pki.genuine);
    scene_pin(scene.pki.genuine.pin);
    for (unsigned verifying = 0; verifying < 2; verifying++) {
        struct result bare = scene_run(scene_trip(&copy, verifying), NULL);
        struct result enforce = scene_run(scene_trip(&copy, verifying), "enforce");
        expect_works(&bare);
        expect_refused(&enforce);
        cr_assert_str_eq(field_string(events_last(enforce.events, "handshake", HOST), "verdict"),
                         "fail");
        result_free(&bare);
        result_free(&enforce);
    }
}

/* Whoever has the pinned leaf's key is no CA by that. */
Test(paths, leaf_used_as_ca)
{
    struct identity below = {0};
    const struct request leaf = {0};

    pki_issue(scene.scratch, "below", &scene.pki.genuine, &leaf, &below);
    SEND(&below, "below-sent.pem", &scene.pki.genuine, &scene.pki.intermediate);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
    fools_nobody(&below, "pin_not_in_valid_chain");
    pin_intermediate();
    fools_nobody(&below, "pin_not_in_valid_chain");
    identity_free(&below);
}

Test(paths, expired_intermediate)
{
    struct identity old = {0}, leaf_of_old = {0};
    const struct request ca = {.ca = true, .not_before = -7200, .not_after = -3600}, leaf = {0};

    pki_issue(scene.scratch, "old", &scene.pki.root, &ca, &old);
    pki_issue(scene.scratch, "leaf-of-old", &old, &leaf, &leaf_of_old);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n", old.pin);
    fools_nobody(&leaf_of_old, "pin_not_in_valid_chain");
    identity_free(&old);
    identity_free(&leaf_of_old);
}

/* A path counts for the purpose of a TLS server. */
Test(paths, leaf_for_clients_only)
{
    struct identity client = {0};
    const struct request request = {.usage = "clientAuth"};

    pki_issue(scene.scratch, "client-only", &scene.pki.intermediate, &request, &client);
    pin_intermediate();
    fools_nobody(&client, "pin_not_in_valid_chain");
    scene_pin(client.pin); /* its own key is another matter */
    expect_pass(scene_trip(&client, false), "pin_matched", client.pin, "leaf");
    identity_free(&client);
}

Test(paths, expired_leaf)
{
    struct identity old = {0};
    const struct request request = {.not_before = -7200, .not_after = -3600};

    pki_issue(scene.scratch, "old-leaf", &scene.pki.intermediate, &request, &old);
    pin_intermediate();
    fools_nobody(&old, "pin_not_in_valid_chain");
    scene_pin(old.pin);
    expect_pass(scene_trip(&old, false), "pin_matched", old.pin, "leaf");
    identity_free(&old);
}

/* The peer's order is its own business (RFC 8446 section 4.4.2). */
Test(paths, unordered_chain_with_strangers)
{
    struct identity copy = {.leaf_file = scene.pki.genuine.leaf_file,
                            .key_file = scene.pki.genuine.key_file};

    SEND(&copy, "unordered.pem", &scene.pki.self_signed, &scene.pki.root, &scene.pki.intermediate);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n", scene.pki.intermediate.pin);
    expect_pass(scene_trip(&copy, true), "pin_matched", scene.pki.intermediate.pin, "intermediate");
    expect_pass(scene_trip(&copy, false), "pin_matched", scene.pki.intermediate.pin,
                "intermediate");
}

/* What a program tells OpenSSL to overlook makes no path of what is none. */
static void overlooks(const struct identity *identity, const char *lenience)
{
    static const char *const clients[] = {
        "--sni " HOST " --verify peer --ca {ca}" CLIENT_CERT,
        CARELESS "--ca {ca}",
        "--sni " HOST " --verify peer --ca {ca} --road write" CLIENT_CERT,
        "--sni " HOST " --verify peer --ca {ca} --cert-verify-callback check" CLIENT_CERT,
    };

    pin_intermediate();
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        struct trip trip = {.client = scratch_format(scene.scratch, "%s %s", clients[i], lenience),
                            .server = "--request-client-cert",
                            .identity = identity};
        expect_refusal(trip, "pin_not_in_valid_chain");
        trip.identity = &scene.pki.genuine;
        expect_pass(trip, "pin_matched", scene.pki.intermediate.pin, "intermediate");
    }
}

#define OVERLOOKS(row, lenience, ...)                                                              \
    Test(paths, row)                                                                               \
    {                                                                                              \
        struct identity overlooked = {0};                                                          \
        const struct request request = {__VA_ARGS__};                                              \
        pki_issue(scene.scratch, #row, &scene.pki.intermediate, &request, &overlooked);            \
        overlooks(&overlooked, lenience);                                                          \
        identity_free(&overlooked);                                                                \
    }

#define EXPIRED .not_before = -3000, .not_after = -600

OVERLOOKS(purpose_any, "--purpose any", .usage = "clientAuth")
OVERLOOKS(purpose_any_by_store, "--purpose store", .usage = "clientAuth")
OVERLOOKS(no_check_of_time, "--lenient time", EXPIRED)
OVERLOOKS(no_check_of_time_by_store, "--lenient-store time", EXPIRED)
OVERLOOKS(time_of_the_past, "--lenient past", EXPIRED)
OVERLOOKS(time_of_the_past_by_store, "--lenient-store past", EXPIRED)
OVERLOOKS(unheard_of_extension, "--lenient critical", .unheard_of = true)
OVERLOOKS(unheard_of_extension_by_store, "--lenient-store critical", .unheard_of = true)

/* Old roots have no extensions; they end a path, as they do in OpenSSL. */
Test(paths, root_of_version_1)
{
    struct identity root = {0}, leaf = {0};
    const struct request old = {.version_1 = true}, server = {0};

    pki_issue(scene.scratch, "old-root", NULL, &old, &root);
    pki_issue(scene.scratch, "under-old-root", &root, &server, &leaf);
    scene_pin(root.pin);
    for (unsigned verifying = 0; verifying < 2; verifying++) {
        struct trip trip = scene_trip(&leaf, false);
        trip.client = scratch_format(scene.scratch, CARELESS "--ca %s%s", root.leaf_file,
                                     verifying ? " --verify peer" : "");
        expect_pass(trip, "pin_matched", root.pin, "root");
    }
    identity_free(&root);
    identity_free(&leaf);
}

/* RFC 3820: issued by whoever has the key of the genuine server's certificate, or of any other. */
static void proxy(const char *lenience)
{
    struct identity proxy = {0};
    const struct request request = {.proxy = true};

    pki_issue(scene.scratch, "proxy", &scene.pki.mis_issued, &request, &proxy);
    SEND(&proxy, "proxy-sent.pem", &scene.pki.mis_issued, &scene.pki.intermediate);
    overlooks(&proxy, lenience);
    identity_free(&proxy);
}

Test(paths, proxy_certificate)
{
    proxy("--lenient proxy");
}

Test(paths, proxy_certificate_by_store)
{
    proxy("--lenient-store proxy");
}

/* Messages of a hundred certificates. No more than CHAIN_MAX of them are looked at, and that
 * bounds the work; what a program's own verification finds among the rest counts all the same. */

enum { HUNDRED = 100 };

/* The leaf, `first`, then the same one over and over, and `last`. */
static struct identity send_hundred(const struct identity *leaf, const struct identity *first,
                                    const struct identity *many, const struct identity *last)
{
    const struct identity *chain[HUNDRED + 1] = {first};
    struct identity copy = {.leaf_file = leaf->leaf_file, .key_file = leaf->key_file};

    for (size_t i = 1; i < HUNDRED - 1; i++)
        chain[i] = many;
    chain[HUNDRED - 1] = last;
    pki_send(scene.scratch, "hundred.pem", chain, &copy);
    return copy;
}

Test(paths, hundred_copies_of_the_pinned_certificate)
{
    const struct identity *pinned = &scene.pki.intermediate;
    struct identity copy = send_hundred(&scene.pki.genuine, pinned, pinned, pinned);

    pin_intermediate();
    expect_pass(scene_trip(&copy, true), "pin_matched", pinned->pin, "intermediate");
    expect_pass(scene_trip(&copy, false), "pin_matched", pinned->pin, "intermediate");
    copy = send_hundred(&scene.pki.self_signed, pinned, pinned, pinned);
    fools_nobody(&copy, "pin_not_in_valid_chain");
}

Test(paths, hundred_strangers_after_the_pinned_certificate)
{
    const struct identity *pinned = &scene.pki.intermediate, *stranger = &scene.pki.self_signed;
    struct identity copy = send_hundred(&scene.pki.genuine, pinned, stranger, stranger);

    pin_intermediate();
    expect_pass(scene_trip(&copy, true), "pin_matched", pinned->pin, "intermediate");
    expect_pass(scene_trip(&copy, false), "pin_matched", pinned->pin, "intermediate");
}

Test(paths, hundred_strangers_before_the_pinned_certificate)
{
    const struct identity *pinned = &scene.pki.intermediate, *stranger = &scene.pki.self_signed;
    struct identity copy = send_hundred(&scene.pki.genuine, stranger, stranger, pinned);

    pin_intermediate();
    expect_pass(scene_trip(&copy, true), "pin_matched", pinned->pin, "intermediate");
    expect_refusal(scene_trip(&copy, false), "no_pin_matched"); /* docs/limits.md */
    scene_pin(scene.pki.genuine.pin);
    expect_pass(scene_trip(&copy, false), "pin_matched", scene.pki.genuine.pin, "leaf");
}
