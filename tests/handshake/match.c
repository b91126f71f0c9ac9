/* Which certificates of a chain a pin may match, and what a path to them must hold to. */
#include "tests/handshake/chains.h"

TestSuite(match, .init = scene_open, .fini = chains_close);

#define LEAF                                                                                       \
    (struct request)                                                                               \
    {                                                                                              \
        0                                                                                          \
    }
#define CA                                                                                         \
    (struct request)                                                                               \
    {                                                                                              \
        .ca = true                                                                                 \
    }

static void pin_at(const char *pin, const char *match)
{
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} match = \"%s\" }\n", pin, match);
}

/* The chain is let in by this pin, by programs that verify and by programs that do not; and it is
 * refused where the pin may not match there. */
static void holds(const struct identity *chain, const struct identity *root, const char *pin,
                  const char *position)
{
    static const char *const positions[] = {"leaf", "intermediate", "root"};

    pin_at(pin, "any");
    expect_pass(chain_trip(chain, true, root->leaf_file), "pin_matched", pin, position);
    expect_pass(chain_trip(chain, false, NULL), "pin_matched", pin, position);
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
        if (strcmp(positions[i], position) != 0) {
            pin_at(pin, positions[i]);
            expect_refusal(chain_trip(chain, false, NULL), "no_pin_matched");
        }
}

/* Chains of every kind of key; the root is sent, too. */
static void keys(enum pki_key root_key, enum pki_key ca_key, enum pki_key leaf_key)
{
    struct identity *root = issue("top", NULL, (struct request){.ca = true, .key_type = root_key});
    struct identity *ca = issue("middle", root, (struct request){.ca = true, .key_type = ca_key});
    struct identity *leaf = issue("end", ca, (struct request){.key_type = leaf_key});

    SEND(leaf, "sent.pem", ca, root);
    holds(leaf, root, leaf->pin, "leaf");
    holds(leaf, root, ca->pin, "intermediate");
    holds(leaf, root, ca->cert_pin, "intermediate");
    holds(leaf, root, root->pin, "root");
}

Test(match, rsa)
{
    keys(PKI_RSA2048, PKI_RSA2048, PKI_RSA2048);
}

Test(match, ecdsa)
{
    keys(PKI_P256, PKI_P256, PKI_P256);
}

Test(match, ed25519)
{
    keys(PKI_ED25519, PKI_ED25519, PKI_ED25519);
}

Test(match, mixed)
{
    keys(PKI_RSA2048, PKI_ED25519, PKI_P256);
}

Test(match, ten_certificates)
{
    struct identity *chain[10] = {NULL};
    char *sent = scratch_format(scene.scratch, "%s", "");

    chain[9] = issue("certificate-9", NULL, CA);
    for (int i = 8; i > 0; i--)
        chain[i] = issue(scratch_format(scene.scratch, "certificate-%d", i), chain[i + 1], CA);
    chain[0] = issue("certificate-0", chain[1], LEAF);
    for (int i = 0; i < 10; i++)
        sent = scratch_format(scene.scratch, "%s%s", sent,
                              scratch_read(scene.scratch, chain[i]->leaf_file));
    chain[0]->chain_file = scratch_text(scene.scratch, "ten.pem", 0644, "%s", sent);
    holds(chain[0], chain[9], chain[1]->pin, "intermediate");
    holds(chain[0], chain[9], chain[8]->pin, "intermediate");
    holds(chain[0], chain[9], chain[9]->pin, "root");
    SEND(chain[0], "gap.pem", chain[1], chain[2], chain[4], chain[5], chain[9]);
    pin_at(chain[5]->pin, "any");
    expect_refusal(chain_trip(chain[0], false, NULL), "pin_not_in_valid_chain");
}

/* A path that something is wrong with is none: not to the CA that it is wrong with, nor to the root
 * above. `below`: another CA stands between that one and the leaf. */
static void breaks(struct request middle, bool below, struct request end)
{
    struct identity *root = issue("top", NULL, CA), *ca, *leaf;

    middle.ca = true;
    ca = issue("middle", root, middle);
    if (below) {
        struct identity *sub = issue("below", ca, CA);
        leaf = issue("end", sub, end);
        SEND(leaf, "sent.pem", sub, ca, root);
    } else {
        leaf = issue("end", ca, end);
        SEND(leaf, "sent.pem", ca, root);
    }
    pin_at(ca->cert_pin, "any");
    fools_nobody(leaf, "pin_not_in_valid_chain");
    pin_at(root->pin, "ca");
    fools_nobody(leaf, "pin_not_in_valid_chain");
}

Test(match, ca_without_the_ca_flag)
{
    breaks((struct request){.basic = "critical,CA:FALSE"}, false, LEAF);
}

Test(match, ca_that_may_not_sign_certificates)
{
    breaks((struct request){.key_usage = "critical,digitalSignature,cRLSign"}, false, LEAF);
}

Test(match, path_longer_than_the_ca_allows)
{
    breaks((struct request){.basic = "critical,CA:TRUE,pathlen:0"}, true, LEAF);
}

Test(match, name_that_the_ca_may_not_certify)
{
    breaks((struct request){.constraints = "critical,permitted;DNS:other.test"}, false, LEAF);
}

Test(match, name_that_the_ca_is_forbidden_to_certify)
{
    breaks((struct request){.constraints = "critical,excluded;DNS:example.test"}, true, LEAF);
}

Test(match, ca_of_yesterday)
{
    breaks((struct request){.not_before = -7200, .not_after = -3600}, false, LEAF);
}

Test(match, ca_of_tomorrow)
{
    breaks((struct request){.not_before = 3600, .not_after = 7200}, true, LEAF);
}

Test(match, leaf_of_yesterday)
{
    breaks(CA, false, (struct request){.not_before = -7200, .not_after = -3600});
}

/* Anybody may find another text with the same MD5: such a signature proves nothing, at the security
 * level of the connection. */
Test(match, signature_that_can_be_forged)
{
    struct identity *ca =
        issue("middle", &scene.pki.root, (struct request){.ca = true, .key_type = PKI_RSA2048});
    struct identity *leaf = issue("end", ca, (struct request){.digest = EVP_md5()});

    pin_at(ca->pin, "any");
    weakness_fools_nobody(leaf, "pin_not_in_valid_chain");
    pin_at(leaf->pin, "any");
    struct trip trip = chain_trip(leaf, false, NULL);
    trip.server = "--weak";
    expect_pass(trip, "pin_matched", leaf->pin, "leaf");
}

/* What a path may look like, and still be one. */
Test(match, constraints_that_hold)
{
    struct identity *root = issue("top", NULL, CA);
    struct identity *ca =
        issue("middle", root,
              (struct request){.ca = true,
                               .basic = "critical,CA:TRUE,pathlen:0",
                               .constraints =
                                   "critical,permitted;DNS:example.test,permitted;DNS:localhost,"
                                   "permitted;IP:127.0.0.1/255.255.255.255"});
    struct identity *leaf =
        issue("end", ca, (struct request){.names = "DNS:" HOST ",IP:127.0.0.1"});

    SEND(leaf, "sent.pem", ca, root);
    holds(leaf, root, ca->pin, "intermediate");
    holds(leaf, root, root->pin, "root");
}

/* Issued anew with the same key, the old one's pin does what it says. */
Test(match, ca_issued_anew)
{
    struct identity *ca = issue("middle", &scene.pki.root, CA);
    struct identity *again =
        issue("again", &scene.pki.root,
              (struct request){.ca = true, .common_name = "middle", .key = ca->key});
    struct identity *leaf = issue("end", ca, LEAF);

    SEND(leaf, "sent.pem", again);
    holds(leaf, &scene.pki.root, ca->pin, "intermediate");
    holds(leaf, &scene.pki.root, again->cert_pin, "intermediate");
    pin_at(ca->cert_pin, "any");
    expect_refusal(chain_trip(leaf, true, scene.pki.ca_file), "no_pin_matched");
    expect_refusal(chain_trip(leaf, false, NULL), "no_pin_matched");
}

/* Only the key is pinned: the CA's dates are anybody's words, where nothing else vouches for them
 * (docs/limits.md). */
Test(match, words_around_a_pinned_key)
{
    struct identity *nobody = issue("nobody", NULL, CA);
    struct identity *ca =
        issue("middle", &scene.pki.root,
              (struct request){.ca = true, .not_before = -7200, .not_after = -3600});
    struct identity *reworded = issue(
        "reworded", nobody, (struct request){.ca = true, .common_name = "middle", .key = ca->key});
    struct identity *leaf = issue("end", ca, LEAF);

    SEND(leaf, "sent.pem", reworded);
    pin_at(ca->pin, "any");
    expect_pass(chain_trip(leaf, false, NULL), "pin_matched", ca->pin, "intermediate");
    pin_at(ca->cert_pin, "any");
    fools_nobody(leaf, "no_pin_matched");
    scene_policy("trust_anchors = root.pem\nverify = {chain}\n"
                 "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                 ca->pin);
    fools_nobody(leaf, "chain_invalid");
}

/* Two roots have signed for the same CA. Whichever certificate of it comes first, each is on a path
 * of its own, and so is each root, sent or not. */
static void crossed(bool swapped)
{
    struct identity *root[2] = {issue("one", NULL, CA), issue("two", NULL, CA)}, *ca[2];
    const char *roots = scratch_text(scene.scratch, "roots.pem", 0644, "%s%s",
                                     scratch_read(scene.scratch, root[0]->leaf_file),
                                     scratch_read(scene.scratch, root[1]->leaf_file));
    struct identity *leaf;

    ca[0] = issue("middle", root[0], CA);
    ca[1] = issue("crossed", root[1],
                  (struct request){.ca = true, .common_name = "middle", .key = ca[0]->key});
    leaf = issue("end", ca[0], LEAF);
    SEND(leaf, "sent.pem", ca[swapped], ca[!swapped]);
    for (unsigned i = 0; i < 2; i++) {
        pin_at(ca[i]->cert_pin, "intermediate");
        expect_pass(chain_trip(leaf, true, roots), "pin_matched", ca[i]->cert_pin, "intermediate");
        expect_pass(chain_trip(leaf, false, NULL), "pin_matched", ca[i]->cert_pin, "intermediate");
        pin_at(root[i]->pin, "root");
        expect_pass(chain_trip(leaf, true, roots), "pin_matched", root[i]->pin, "root");
        expect_refusal(chain_trip(leaf, false, NULL), "no_pin_matched");
        scene_policy("trust_anchors = \"%s\"\ndomain \"" HOST "\" { pins = {\"%s\"} }\n", roots,
                     root[i]->pin);
        expect_pass(chain_trip(leaf, false, NULL), "pin_matched", root[i]->pin, "root");
    }
}

Test(match, crossed)
{
    crossed(false);
}

Test(match, crossed_the_other_way_round)
{
    crossed(true);
}
