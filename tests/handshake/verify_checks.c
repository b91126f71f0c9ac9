/* `verify`: the chain and the name, for programs that check neither and for those that do. */
#include "tests/handshake/chains.h"

TestSuite(verify_checks, .init = scene_open, .fini = chains_close);

#define ANCHORS "trust_anchors = root.pem\n"
#define NOBODY "domain \"nobody.test\" { mode = off }\n"
#define CHAIN "verify = {\"chain\"}\n"
#define HOSTNAME "verify = {\"hostname\"}\n"
#define BOTH "verify = {\"chain\", \"hostname\"}\n"
#define NAMELESS "--sni none --verify none" CLIENT_CERT

static struct trip careless(const struct identity *identity)
{
    return chain_trip(identity, false, NULL);
}

static struct identity *leaf_for(const char *names)
{
    return issue("end", &scene.pki.intermediate, (struct request){.names = names});
}

/* --- peers that no section names, and nothing else against them */

Test(verify_checks, chain_at_the_top)
{
    scene_policy(ANCHORS CHAIN);
    expect_let_in(careless(&scene.pki.genuine), "unpinned", "no_section");
    expect_let_in(scene_trip(&scene.pki.genuine, true), "unpinned", "no_section");
    expect_refusal_and_audit(careless(&scene.pki.self_signed), "chain_invalid");
}

/* The program trusts more than trust_anchors do. */
Test(verify_checks, chain_by_another_ca_than_the_anchors)
{
    struct identity *root = issue("other-root", NULL, (struct request){.ca = true});
    struct identity *leaf = issue("end", root, (struct request){0});

    scene_policy(ANCHORS CHAIN);
    expect_refusal_and_audit(chain_trip(leaf, true, root->leaf_file), "chain_invalid");
    fools_nobody(leaf, "chain_invalid");
}

Test(verify_checks, chain_without_the_intermediate)
{
    struct identity alone = {.leaf_file = scene.pki.genuine.leaf_file,
                             .chain_file = scene.pki.genuine.leaf_file,
                             .key_file = scene.pki.genuine.key_file};

    scene_policy(ANCHORS CHAIN);
    expect_refusal(careless(&alone), "chain_invalid");
}

Test(verify_checks, hostname_at_the_top)
{
    scene_policy(HOSTNAME);
    expect_let_in(careless(&scene.pki.self_signed), "unpinned", "no_section");
    expect_refusal_and_audit(careless(leaf_for("DNS:other.example.test")), "hostname_mismatch");
}

/* A program that verifies the chain and forgets the name. */
Test(verify_checks, hostname_for_a_program_that_verifies_the_chain)
{
    struct trip trip = {.client = "--sni " HOST " --verify peer --ca {ca}" CLIENT_CERT,
                        .server = "--request-client-cert",
                        .identity = leaf_for("DNS:other.example.test")};

    scene_policy(ANCHORS BOTH);
    expect_refusal_and_audit(trip, "hostname_mismatch");
    trip.identity = &scene.pki.genuine;
    expect_let_in(trip, "unpinned", "no_section");
}

Test(verify_checks, both_at_the_top)
{
    scene_policy(ANCHORS BOTH);
    expect_let_in(careless(&scene.pki.genuine), "unpinned", "no_section");
    expect_refusal(careless(&scene.pki.self_signed), "chain_invalid");
    expect_refusal(careless(leaf_for("DNS:other.example.test")), "hostname_mismatch");
}

/* --- how a certificate names a host */

static void named(const char *names, bool matches)
{
    scene_policy(HOSTNAME);
    if (matches)
        expect_let_in(careless(leaf_for(names)), "unpinned", "no_section");
    else
        expect_refusal(careless(leaf_for(names)), "hostname_mismatch");
}

#define NAMED(row, names, matches)                                                                 \
    Test(verify_checks, row)                                                                       \
    {                                                                                              \
        named(names, matches);                                                                     \
    }

NAMED(san, "DNS:other.test,DNS:" HOST, true)
NAMED(san_in_capitals, "DNS:API.Example.TEST", true)
NAMED(san_wildcard, "DNS:*.example.test", true)
NAMED(san_wildcard_of_two_labels, "DNS:*.test", false)
NAMED(san_wildcard_below, "DNS:*.api.example.test", false)
NAMED(san_of_an_address_only, "IP:127.0.0.1", false)
NAMED(san_longer, "DNS:api.example.test.evil.test", false)
NAMED(san_of_the_domain_above, "DNS:example.test", false)

static void common_name(const char *names, bool matches)
{
    struct identity *leaf = issue("end", &scene.pki.intermediate,
                                  (struct request){.names = names, .common_name = HOST});

    scene_policy(HOSTNAME);
    if (matches)
        expect_let_in(careless(leaf), "unpinned", "no_section");
    else
        expect_refusal(careless(leaf), "hostname_mismatch");
}

Test(verify_checks, common_name_alone)
{
    common_name("", true);
}

Test(verify_checks, common_name_beside_another_san)
{
    common_name("DNS:other.test", false);
}

/* --- peers without a name */

static struct trip nameless(const char *names)
{
    struct trip trip = careless(leaf_for(names));

    trip.client = NAMELESS;
    return trip;
}

Test(verify_checks, unnamed_peer)
{
    struct trip self_signed = careless(&scene.pki.self_signed);

    scene_policy(ANCHORS BOTH "unnamed = allow\n");
    expect_let_in(nameless("IP:127.0.0.1"), "unpinned", "no_name");
    self_signed.client = NAMELESS;
    expect_refusal_and_audit(self_signed, "chain_invalid");
}

Test(verify_checks, unnamed_peer_with_another_address)
{
    scene_policy(ANCHORS BOTH);
    expect_refusal_and_audit(nameless("IP:127.0.0.2,DNS:127.0.0.1"), "hostname_mismatch");
}

Test(verify_checks, address_section)
{
    struct trip trip = nameless("IP:127.0.0.1");

    scene_policy("domain \"127.0.0.0/8\" { pins = {\"%s\"} " HOSTNAME " }\n", trip.identity->pin);
    expect_let_in(trip, "pass", "pin_matched");
}

Test(verify_checks, address_section_with_another_address)
{
    struct trip trip = nameless("IP:127.0.0.2");

    scene_policy("domain \"127.0.0.0/8\" { pins = {\"%s\"} " HOSTNAME " }\n", trip.identity->pin);
    expect_refusal_and_audit(trip, "hostname_mismatch");
}

/* --- sections */

Test(verify_checks, section_beside_its_pin)
{
    struct identity *other = leaf_for("DNS:other.example.test");

    scene_policy(ANCHORS "domain \"" HOST "\" { pins = {\"%s\", \"%s\", \"%s\"} " BOTH "}\n",
                 scene.pki.genuine.pin, scene.pki.self_signed.pin, other->pin);
    expect_let_in(careless(&scene.pki.genuine), "pass", "pin_matched");
    expect_refusal_and_audit(careless(&scene.pki.self_signed), "chain_invalid");
    expect_refusal(careless(other), "hostname_mismatch");
    expect_refusal(careless(&scene.pki.mis_issued), "no_pin_matched");
}

/* The pin of a CA needs a path by itself; the chain is asked for on top. */
Test(verify_checks, section_with_the_pin_of_a_ca)
{
    struct identity *root = issue("other-root", NULL, (struct request){.ca = true});
    struct identity *ca = issue("other-ca", root, (struct request){.ca = true});
    struct identity *leaf = issue("end", ca, (struct request){0});

    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n" ANCHORS, ca->pin);
    expect_let_in(careless(leaf), "pass", "pin_matched");
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} " CHAIN "}\n" ANCHORS, ca->pin);
    expect_refusal(careless(leaf), "chain_invalid");
}

Test(verify_checks, expired_leaf_with_its_own_pin)
{
    struct identity *old = issue("old", &scene.pki.intermediate,
                                 (struct request){.not_before = -7200, .not_after = -3600});

    scene_policy(ANCHORS "domain \"" HOST "\" { pins = {\"%s\"} }\n", old->pin);
    expect_let_in(careless(old), "pass", "pin_matched");
    scene_policy(ANCHORS "domain \"" HOST "\" { pins = {\"%s\"} " CHAIN "}\n", old->pin);
    expect_refusal_and_audit(careless(old), "chain_invalid");
}

/* The most specific word counts, an empty one too. */
Test(verify_checks, section_without_checks)
{
    scene_policy(ANCHORS BOTH "domain \"" HOST "\" { pins = {\"%s\"} verify = {} }\n",
                 scene.pki.self_signed.pin);
    expect_let_in(careless(&scene.pki.self_signed), "pass", "pin_matched");
}

Test(verify_checks, name_taken_out)
{
    scene_policy(ANCHORS BOTH "domain \"" HOST "\" { mode = off }\n");
    struct result bare = scene_run(careless(&scene.pki.self_signed), NULL);
    struct result enforce = scene_run(careless(&scene.pki.self_signed), "enforce");
    expect_works(&enforce);
    expect_same(&bare, &enforce);
    result_free(&bare);
    result_free(&enforce);
}

Test(verify_checks, program)
{
    struct trip trip = careless(&scene.pki.self_signed);

    scene_policy(ANCHORS "program \"checked\" { " CHAIN "}\n" NOBODY);
    expect_let_in(trip, "unpinned", "no_section");
    trip.program = "checked";
    expect_refusal(trip, "chain_invalid");
    scene_policy(ANCHORS CHAIN "program \"unchecked\" { verify = {} }\n");
    expect_refusal(trip, "chain_invalid");
    trip.program = "unchecked";
    expect_let_in(trip, "unpinned", "no_section");
}

Test(verify_checks, anchors_of_a_program)
{
    struct identity *root = issue("other-root", NULL, (struct request){.ca = true});
    struct trip trip = careless(issue("end", root, (struct request){0}));

    scene_policy(ANCHORS CHAIN "program \"elsewhere\" { trust_anchors = other-root.pem }\n");
    expect_refusal(trip, "chain_invalid");
    trip.program = "elsewhere";
    expect_let_in(trip, "unpinned", "no_section");
    trip.identity = &scene.pki.genuine;
    expect_refusal(trip, "chain_invalid");
}

/* Nothing was shown that could be checked. */
Test(verify_checks, no_certificate)
{
    struct trip trip = {.client = "--sni " HOST " --psk 00112233445566778899aabbccddeeff",
                        .server = "--psk 00112233445566778899aabbccddeeff"};

    scene_policy(HOSTNAME);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_nothing_sent(&enforce, 0);
    expect_verdict(&enforce, "fail", "no_certificate", "block", "block");
    result_free(&bare);
    result_free(&enforce);
}
