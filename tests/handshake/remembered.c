/* What was found out about a chain is remembered, and answers for that very chain alone: before the
 * same policy, for the same section, and as long as its certificates hold. */
#include <string.h>

#include <openssl/pem.h>

#include "tests/handshake/chains.h"
#include "tests/handshake/living.h"

TestSuite(remembered, .init = scene_open, .fini = chains_close);

/* Has the name of the genuine intermediate CA, but not its key. */
#define PRETENDER ((struct request){.common_name = "intermediate", .ca = true})

static size_t verdicts(const struct result *result, const char *verdict)
{
    size_t i, count = 0;
    json_t *one;

    json_array_foreach(result->events, i, one)
    {
        if (strcmp(field_string(one, "event"), "handshake") == 0)
            count += strcmp(field_string(one, "verdict"), verdict) == 0;
    }
    return count;
}

/* Three connections: to a chain that passes by its intermediate CA, then two to this one. */
static void expect_only_the_first(const struct identity *second, const char *reason)
{
    struct trip trip = {.client = CARELESS "--times 3",
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine,
                        .second = second};
    struct result result;

    scene_pin(scene.pki.intermediate.pin);
    result = scene_run(trip, "enforce");
    cr_assert_eq(verdicts(&result, "pass"), 1);
    cr_assert_eq(verdicts(&result, "fail"), 2);
    expect_verdict(&result, "fail", reason, "block", "block");
    expect_refused(&result);
    expect_nothing_sent(&result, 1);
    result_free(&result);
}

Test(remembered, nothing_of_another_issuer)
{
    struct identity *forged = issue("pretender", NULL, PRETENDER);
    struct identity *leaf = issue("forged", forged, (struct request){0});

    SEND(leaf, "forged-sends", &scene.pki.intermediate);
    expect_only_the_first(leaf, "pin_not_in_valid_chain");
}

/* The genuine identity with a certificate that was changed and not signed again. */
static void change(struct identity *identity, void (*by)(X509 *))
{
    char *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    long length;

    *identity = scene.pki.genuine;
    identity->cert = X509_dup(scene.pki.genuine.cert);
    cr_assert(bio != NULL && identity->cert != NULL);
    by(identity->cert);
    cr_assert_eq(PEM_write_bio_X509(bio, identity->cert), 1);
    length = BIO_get_mem_data(bio, &pem);
    identity->leaf_file =
        scratch_text(scene.scratch, "changed.pem", 0644, "%.*s", (int)length, pem);
    SEND(identity, "changed-sends.pem", &scene.pki.intermediate);
    BIO_free(bio);
}

static void change_serial(X509 *cert)
{
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711);
    cr_assert_gt(i2d_re_X509_tbs(cert, NULL), 0);
}

static void change_signature(X509 *cert)
{
    const ASN1_BIT_STRING *signature;

    X509_get0_signature(&signature, NULL, cert);
    signature->data[signature->length - 2] ^= 1;
}

/* The key and the signature are the genuine ones, and the server can use them; what is signed is
 * not. */
Test(remembered, nothing_of_a_changed_certificate)
{
    struct identity changed;

    change(&changed, change_serial);
    expect_only_the_first(&changed, "pin_not_in_valid_chain");
    X509_free(changed.cert);
}

Test(remembered, nothing_of_another_signature)
{
    struct identity changed;

    change(&changed, change_signature);
    expect_only_the_first(&changed, "pin_not_in_valid_chain");
    X509_free(changed.cert);
}

/* Nor where what would prove it is not sent any more. */
Test(remembered, nothing_of_a_shorter_chain)
{
    struct identity alone = scene.pki.genuine;

    alone.chain_file = alone.leaf_file;
    expect_only_the_first(&alone, "no_pin_matched");
}

Test(remembered, nothing_for_another_section)
{
    struct trip trip = {.client = CARELESS "--times 2 --sni2 localhost",
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine};
    struct result result;

    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n"
                 "domain \"localhost\" { pins = {\"%s\"} }\n",
                 scene.pki.intermediate.pin, scene.pki.mis_issued.pin);
    result = scene_run(trip, "enforce");
    expect_verdict(&result, "fail", "no_pin_matched", "block", "block");
    expect_refused(&result);
    expect_nothing_sent(&result, 1);
    result_free(&result);
}

static void start(const struct identity *identity)
{
    struct trip trip = scene_trip(identity, false);

    trip.client = CARELESS ROUNDS;
    living_start(trip, (const char *const[]){"CLOCK_AHEAD={dir}/ahead", NULL});
}

static void expect_expiry(long intermediate, long leaf)
{
    struct identity *ca =
        issue("brief", &scene.pki.root,
              (struct request){.ca = true, .not_before = -3600, .not_after = intermediate});
    struct identity *server =
        issue("server", ca, (struct request){.not_before = -3600, .not_after = leaf});

    scene_pin(ca->pin);
    start(server);
    living_works();
    living_works();
    living_let_pass(7200);
    living_refused();
    living_let_pass(0);
    living_works();
    living_end();
}

Test(remembered, not_behind_the_end_of_the_pinned_certificate)
{
    expect_expiry(3600, 86400);
}

Test(remembered, not_behind_the_end_of_the_leaf)
{
    expect_expiry(86400, 3600);
}

Test(remembered, not_under_another_policy)
{
    scene_pin(scene.pki.intermediate.pin);
    start(&scene.pki.genuine);
    living_works();
    living_works();
    scene_pin(scene.pki.mis_issued.pin);
    living_refused();
    scene_pin(scene.pki.intermediate.pin);
    living_works();
    living_end();
}

/* Half of the threads meet the good peer, the others the bad one, again and again. */
Test(remembered, in_threads)
{
    struct identity *forged = issue("pretender", NULL, PRETENDER);
    struct identity *leaf = issue("forged", forged, (struct request){0});
    struct trip trip = {.client = "--threads 8 " CARELESS "--times 4",
                        .server = "--request-client-cert",
                        .identity = &scene.pki.genuine,
                        .second = leaf};
    struct result result;

    SEND(leaf, "forged-sends", &scene.pki.intermediate);
    scene_pin(scene.pki.intermediate.pin);
    result = scene_run(trip, "enforce");
    cr_assert_eq(json_array_size(result.reports), 32);
    cr_assert_eq(verdicts(&result, "pass"), 16);
    cr_assert_eq(verdicts(&result, "fail"), 16);
    result_free(&result);
}
