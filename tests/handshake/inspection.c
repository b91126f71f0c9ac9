/* CAs that may stand in for the pins: TLS inspection that is meant to be there. */
#include <openssl/pem.h>

#include "tests/handshake/chains.h"
#include "tests/handshake/session_trips.h"

TestSuite(inspection, .init = scene_open, .fini = chains_close);

static struct identity *corporate; /* the CA */

/* A leaf of the inspecting proxy; `between`: a CA stands between its CA and it. */
static struct identity *inspected(bool between)
{
    struct identity *ca, *leaf;

    corporate = issue("corporate", NULL, (struct request){.ca = true});
    if (!between)
        return issue("proxied", corporate, (struct request){0});
    ca = issue("between", corporate, (struct request){.ca = true});
    leaf = issue("proxied", ca, (struct request){0});
    return leaf;
}

/* Pins the genuine leaf, and lets inspection CAs stand in. */
static void policy(const char *inspection_cas)
{
    scene_policy("trust_anchors = root.pem\ninspection_cas = {%s}\n"
                 "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                 inspection_cas, scene.pki.genuine.pin);
}

static void stands_in(const struct identity *leaf)
{
    expect_let_in(chain_trip(leaf, true, corporate->leaf_file), "pass", "inspection_ca");
    expect_let_in(chain_trip(leaf, false, NULL), "pass", "inspection_ca");
    expect_pass(chain_trip(&scene.pki.genuine, false, NULL), "pin_matched", scene.pki.genuine.pin,
                "leaf");
    expect_refusal(chain_trip(&scene.pki.mis_issued, false, NULL), "no_pin_matched");
}

Test(inspection, ca)
{
    struct identity *leaf = inspected(false);

    policy("\"file:corporate.pem\"");
    stands_in(leaf);
}

Test(inspection, ca_above_another)
{
    struct identity *leaf = inspected(true);

    policy("\"file:corporate.pem\"");
    stands_in(leaf);
}

/* The one in between may be named; then the root need not be. */
Test(inspection, ca_that_is_no_root)
{
    struct identity *leaf = inspected(true);

    policy("\"file:between.pem\"");
    stands_in(leaf);
}

Test(inspection, several_in_a_file)
{
    struct identity *leaf = inspected(false);

    scratch_text(scene.scratch, "cas.pem", 0644, "%s%s",
                 scratch_read(scene.scratch, scene.pki.self_signed.leaf_file),
                 scratch_read(scene.scratch, corporate->leaf_file));
    policy("\"file:cas.pem\"");
    stands_in(leaf);
}

/* DER behind PEM, in two files. */
Test(inspection, several_files)
{
    struct identity *leaf = inspected(false);
    unsigned char *der = NULL;
    int length = i2d_X509(corporate->cert, &der);

    scratch_write(scene.scratch, "corporate.der", 0644, der, (size_t)length);
    OPENSSL_free(der);
    policy("\"file:self-signed.pem\", \"file:corporate.der\"");
    stands_in(leaf);
}

Test(inspection, beside_the_pin_of_a_ca)
{
    struct identity *leaf = inspected(true);

    scene_policy("inspection_cas = {\"file:corporate.pem\"}\n"
                 "domain \"" HOST "\" { pins = {\"%s\"} match = ca }\n",
                 scene.pki.intermediate.pin);
    expect_let_in(chain_trip(leaf, false, NULL), "pass", "inspection_ca");
    expect_pass(chain_trip(&scene.pki.genuine, false, NULL), "pin_matched",
                scene.pki.intermediate.pin, "intermediate");
}

Test(inspection, none)
{
    struct identity *leaf = inspected(false);

    policy("");
    expect_refusal(chain_trip(leaf, true, corporate->leaf_file), "no_pin_matched");
}

Test(inspection, of_a_program)
{
    struct trip trip = chain_trip(inspected(false), false, NULL);

    scene_policy(
        "inspection_cas = {\"file:corporate.pem\"}\nprogram \"bare\" { inspection_cas = {} "
        "}\ndomain \"" HOST "\" { pins = {\"%s\"} }\n",
        scene.pki.genuine.pin);
    expect_let_in(trip, "pass", "inspection_ca");
    trip.program = "bare";
    expect_refusal(trip, "no_pin_matched");
}

/* Another CA under the same name, with the true one's certificate sent along. */
Test(inspection, forged)
{
    struct identity *fake, *forged;

    inspected(false);
    fake = issue("fake", NULL, (struct request){.ca = true, .common_name = "corporate"});
    forged = issue("forged", fake, (struct request){0});
    SEND(forged, "sent.pem", corporate);
    policy("\"file:corporate.pem\"");
    fools_nobody(forged, "no_pin_matched");
    SEND(forged, "sent.pem", fake, corporate);
    fools_nobody(forged, "no_pin_matched");
}

Test(inspection, expired_leaf)
{
    inspected(false);
    policy("\"file:corporate.pem\"");
    fools_nobody(issue("old", corporate, (struct request){.not_before = -7200, .not_after = -3600}),
                 "no_pin_matched");
}

Test(inspection, leaf_for_clients_only)
{
    inspected(false);
    policy("\"file:corporate.pem\"");
    fools_nobody(issue("client-only", corporate, (struct request){.usage = "clientAuth"}),
                 "no_pin_matched");
}

/* With `verify` it stands in for the trust anchors, too; the name is another matter. */
static void verified(const char *policy_text)
{
    struct identity *leaf = inspected(true), *other;

    other = issue("other", corporate, (struct request){.names = "DNS:other.example.test"});
    scene_policy("trust_anchors = root.pem\ninspection_cas = {\"file:corporate.pem\"}\n%s",
                 policy_text);
    expect_let_in(chain_trip(leaf, true, corporate->leaf_file), "pass", "inspection_ca");
    expect_let_in(chain_trip(leaf, false, NULL), "pass", "inspection_ca");
    expect_refusal(chain_trip(other, false, NULL), "hostname_mismatch");
}

Test(inspection, with_verify_in_a_section)
{
    verified(scratch_format(scene.scratch,
                            "domain \"" HOST "\" { pins = {\"%s\"} "
                            "verify = {\"chain\", \"hostname\"} }\n",
                            scene.pki.genuine.pin));
}

Test(inspection, with_verify_at_the_top)
{
    verified("verify = {\"chain\", \"hostname\"}\n");
    expect_let_in(chain_trip(&scene.pki.genuine, false, NULL), "unpinned", "no_section");
    expect_refusal(chain_trip(&scene.pki.self_signed, false, NULL), "chain_invalid");
}

/* It says so every time: a session does not show the CA any more. */
static void resumed(const char *client, bool between)
{
    struct trip trip = {.client = client, .identity = inspected(between)};

    policy("\"file:corporate.pem\"");
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    cr_assert_eq(session_reused(&bare), 1);
    expect_same(&bare, &enforce);
    const json_t *event = expect_verdict(&enforce, "pass", "inspection_ca", "allow", "allow");
    cr_assert(field_true(event, "resumed"));
    result_free(&bare);
    result_free(&enforce);
}

Test(inspection, resumed)
{
    resumed(CARELESS "--times 2 --resume", false);
}

Test(inspection, resumed_with_a_ca_between)
{
    resumed(CARELESS "--times 2 --resume", true);
}

Test(inspection, resumed_1_2)
{
    resumed(CARELESS "--tls 1.2 --times 2 --resume", true);
}

/* A key, or anything else that is no certificate, stands for nobody. */
static void is_an_error(const char *file)
{
    struct trip trip = chain_trip(inspected(false), false, NULL);

    policy(scratch_format(scene.scratch, "\"file:corporate.pem\", \"file:%s\"", file));
    struct result enforce = scene_run(trip, "enforce");
    expect_closed(&enforce);
    cr_assert(strstr(enforce.outcome.err, "pinshim.conf:2: inspection_cas \"file:"), "%s",
              enforce.outcome.err);
    result_free(&enforce);
}

Test(inspection, private_key_is_an_error)
{
    is_an_error(scene.pki.root.key_file);
}

Test(inspection, public_key_is_an_error)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;

    cr_assert(PEM_write_bio_PUBKEY(bio, scene.pki.root.key));
    long length = BIO_get_mem_data(bio, &data);
    scratch_write(scene.scratch, "key.pub.pem", 0644, data, (size_t)length);
    BIO_free(bio);
    is_an_error("key.pub.pem");
}
