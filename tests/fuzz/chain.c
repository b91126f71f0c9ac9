/* Chains into the verdict, with real OpenSSL, as the shim and `pinshim test` judge them. What
 * passes must have its pin on the leaf, or on a CA that signatures lead up to; that is worked out a
 * second time. The input: the section; then for each certificate which it is, and what is put at
 * which place of its DER; or DER as it is. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "config/sha256.h"
#include "shim/evidence.h"
#include "tests/fuzz/support/certificates.h"
#include "tests/fuzz/support/fuzz.h"

enum { SENT_MAX = 6 };

#define LEAF_PIN "sha256/qlbnH9+5pin8cY8FG1wIqw0GWBK+Tq9mMBD+Ky/O/Aw="
#define INTERMEDIATE_PIN "sha256/XX8ZiieFaSg4QFS94syEPH/HE2usyAmqNgJ434v9pz4="
#define ROOT_PIN "sha256/vX2I/i68JqC4kP08JepzmQxRKr/Byb9/Khs+RXNG+P0="
#define SECTION(name, pin, rest) "domain \"" name ".test\" { pins = {\"" pin "\"} " rest "}\n"

static const char *const hosts[] = {"leaf.test",  "intermediate.test", "root.test",
                                    "chain.test", "any.test",          CERTIFICATE_HOST};
enum { HOSTS = sizeof hosts / sizeof *hosts };

static const char policy_text[] =
    "trust_anchors = \"root.pem\" unpinned = block\n" SECTION("leaf", LEAF_PIN, "")
        SECTION("intermediate", INTERMEDIATE_PIN, "match = ca ") SECTION("root", ROOT_PIN, "")
            SECTION("chain", LEAF_PIN, "verify = {\"chain\"} ")
                SECTION("any", INTERMEDIATE_PIN,
                        "") "domain \"" CERTIFICATE_HOST
                            "\" { verify = {\"hostname\"} pins = {\"" LEAF_PIN "\", \"" ROOT_PIN
                            "\"} }\n"
                            "program \"inspected\" { inspection_cas = {\"file:root.pem\"} }\n";

static struct config config;
static struct anchors *anchors;
static struct openssl *openssl;
static X509 *root;

static void start(void)
{
    const char *path = fuzz_write("policy.conf", policy_text, strlen(policy_text));
    const char *pem = CERTIFICATES[CERTIFICATE_ROOT];
    struct config_error error;

    HOLDS(OPENSSL_init_ssl(0, NULL) == 1 && openssl_discover(NULL) == 1);
    openssl = openssl_at(0);
    fuzz_write("root.pem", pem, strlen(pem));
    if (!config_load(path, geteuid(), &config, &error))
        fuzz_fail(error.file, (int)error.line, error.text);
    anchors = anchors_open(fuzz_path("root.pem"), geteuid(), true);
    root = certificate_read(CERTIFICATE_ROOT);
    HOLDS(anchors != NULL);
}

/* The next certificate that was sent, or NULL. */
static X509 *next(struct fuzz_input *input)
{
    uint8_t what = fuzz_octet(input), *der = NULL, changes = what >> 4;
    const uint8_t *at;
    X509 *cert, *changed;
    int length;

    if ((what & 15) >= CERTIFICATE_COUNT) { /* as it is */
        size_t left = (size_t)(input->end - input->at), size = fuzz_number(input);
        at = input->at;
        cert = d2i_X509(NULL, &at, (long)(size < left ? size : left));
        input->at = cert != NULL ? at : input->end;
        return cert;
    }
    cert = certificate_read(what & 15);
    length = i2d_X509(cert, &der);
    HOLDS(length > 0);
    for (; changes > 0; changes--) {
        size_t place = fuzz_number(input) % (size_t)length;
        der[place] = fuzz_octet(input);
    }
    at = der;
    changed = d2i_X509(NULL, &at, length);
    OPENSSL_free(der);
    X509_free(cert);
    return changed;
}

static void pin_of(X509 *cert, uint8_t out[DIGEST_SIZE])
{
    uint8_t *der = NULL;
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

    HOLDS(length > 0);
    sha256(der, (size_t)length, out);
    OPENSSL_free(der);
}

static bool has_key(X509 *cert, const uint8_t key[DIGEST_SIZE])
{
    uint8_t own[DIGEST_SIZE];

    pin_of(cert, own);
    return memcmp(own, key, DIGEST_SIZE) == 0;
}

/* Do signatures lead from this certificate, over those sent, to one with the key? */
static bool leads_to(X509 *cert, STACK_OF(X509) * sent, const uint8_t key[DIGEST_SIZE], int depth)
{
    for (int i = -1; depth > 0 && i < sk_X509_num(sent); i++) {
        X509 *issuer = i < 0 ? root : sk_X509_value(sent, i);
        EVP_PKEY *signer = X509_get0_pubkey(issuer);
        if (signer != NULL && X509_verify(cert, signer) == 1 &&
            (has_key(issuer, key) || leads_to(issuer, sent, key, depth - 1)))
            return true;
    }
    return false;
}

/* Is what passed right to pass? */
static void expect_proof(const struct policy_view *view, const struct policy_match *match,
                         STACK_OF(X509) * sent, const struct decision *decision)
{
    X509 *leaf = sk_X509_value(sent, 0);
    uint8_t root_key[DIGEST_SIZE];
    unsigned checks = policy_verify(view, match->section);

    pin_of(root, root_key);
    if (decision->reason == REASON_INSPECTION_CA) {
        HOLDS(policy_inspection_count(view) > 0);
        HOLDS(leads_to(leaf, sent, root_key, SENT_MAX + 1));
    } else {
        HOLDS(decision->pin != NULL && decision->pin->kind == PIN_SPKI);
        HOLDS((match->section->match & decision->position) != 0);
        if (decision->position == POSITION_LEAF)
            HOLDS(has_key(leaf, decision->pin->digest));
        else
            HOLDS(leads_to(leaf, sent, decision->pin->digest, SENT_MAX + 1));
    }
    if ((checks & VERIFY_CHAIN) != 0)
        HOLDS(leads_to(leaf, sent, root_key, SENT_MAX + 1));
    if ((checks & VERIFY_HOSTNAME) != 0)
        HOLDS(X509_check_host(leaf, match->host, 0, 0, NULL) == 1);
}

/* Judges what was sent, with the paths that were verified before (NULL: with none). False: it is
 * refused, whatever the policy. */
static bool judge_with(struct paths *paths, const struct policy_view *view,
                       const struct policy_match *match, STACK_OF(X509) * sent,
                       struct decision *decision)
{
    struct cert_list list;
    struct evidence evidence = {
        .untrusted = sent, .anchors = anchors, .level = 1, .sent = &list, .paths = paths};
    bool good;

    chain_start(sk_X509_value(sent, 0), sent, &list);
    good = evidence_judge(openssl, view, match, match->host, &evidence, time(NULL), decision);
    chain_release(&list);
    return good;
}

static void judge(const char *host, bool inspected, STACK_OF(X509) * sent)
{
    static struct paths paths; /* of all inputs so far */
    struct policy_view view = {.policy = config.policy, .override = MODE_UNSET};
    const struct peer peer = {.sni = host};
    struct policy_match match;
    struct decision decision, again;

    view.scope = policy_scope_for(view.policy, "", inspected ? "inspected" : "other");
    HOLDS((view.scope != 0) == inspected);
    policy_find(&view, &peer, &match);
    HOLDS(match.section != NULL);
    memset(&decision, 0, sizeof decision);
    memset(&again, 0, sizeof again);
    if (!judge_with(NULL, &view, &match, sent, &decision))
        return;
    HOLDS(decision.need == NEEDS_NOTHING && decision.verdict != VERDICT_UNPINNED);
    HOLDS((decision.verdict == VERDICT_PASS) == (decision.action == ACTION_ALLOW));
    if (decision.verdict == VERDICT_PASS)
        expect_proof(&view, &match, sent, &decision);
    HOLDS(judge_with(&paths, &view, &match, sent, &again));
    HOLDS(decision.verdict == again.verdict && decision.reason == again.reason &&
          decision.pin == again.pin && decision.position == again.position);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fuzz_input all = {input, input + size};
    STACK_OF(X509) *sent = sk_X509_new_null();
    uint8_t section = fuzz_octet(&all);
    X509 *cert;

    if (openssl == NULL)
        start();
    while (all.at < all.end && sk_X509_num(sent) < SENT_MAX && (cert = next(&all)) != NULL)
        HOLDS(sk_X509_push(sent, cert) > 0);
    if (sk_X509_num(sent) > 0)
        judge(hosts[section % HOSTS], section >= 128, sent);
    sk_X509_pop_free(sent, X509_free);
    ERR_clear_error();
    return 0;
}
