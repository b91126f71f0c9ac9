/* pinshim test: what the policy says of a chain. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"

static struct pki pki;

static void open_pki(void)
{
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
}

static void close_pki(void)
{
    pki_free(&pki);
    close_scratch();
}

TestSuite(test, .init = open_pki, .fini = close_pki);

/* A config for a.test with a pin and, unless NULL, a backup pin. */
static const char *pinned(const char *pin, const char *backup)
{
    return write_config("mode = audit\ndomain \"a.test\" {\n pins = {\"%s\"}\n%s%s%s}\n", pin,
                        backup ? "backup_pins = {\"" : "", backup ? backup : "",
                        backup ? "\"}\n" : "");
}

#define TEST(config, chain) PINSHIM("test", "-c", config, "a.test", "--chain", chain)

/* A response that ends the process is told. */
Test(test, terminate)
{
    const char *config =
        write_config("domain \"a.test\" {\n    pins = {\"%s\"}\n    on_failure = {terminate}\n}\n",
                     pki.genuine.pin);
    struct outcome outcome = TEST(config, pki.mis_issued.chain_file);

    cr_expect(strstr(outcome.out, "refuses the connection, and ends the process"), "%s",
              outcome.out);
    cr_expect_eq(outcome.status, 1);
    outcome_free(&outcome);
}

Test(test, leaf_pin)
{
    const char *config = pinned(pki.genuine.pin, NULL);
    struct outcome outcome = TEST(config, pki.mis_issued.chain_file);

    /* What people compare: the peer's pins and the policy's. */
    cr_expect(strstr(outcome.out, pki.mis_issued.pin), "%s", outcome.out);
    cr_expect(strstr(outcome.out, pki.genuine.pin), "%s", outcome.out);
    cr_expect(strstr(outcome.out, "refuses the connection"), "%s", outcome.out);
    expect_outcome(outcome, 1, "no_pin_matched", "");
    expect_outcome(TEST(config, pki.genuine.chain_file), 0, "pin_matched", "");
    expect_outcome(TEST(config, pki.genuine.leaf_file), 0, "lets it through", "");
    expect_outcome(TEST(config, pki.self_signed.leaf_file), 1, "no_pin_matched", "");
}

Test(test, backup_pin)
{
    const char *config = pinned(pki.mis_issued.pin, pki.genuine.pin);

    expect_outcome(TEST(config, pki.genuine.chain_file), 0, "backup_pin_matched", "");
}

Test(test, certificate_pin)
{
    const char *config = pinned(pki.genuine.cert_pin, NULL);

    expect_outcome(TEST(config, pki.genuine.chain_file), 0, "pin_matched", "");
    expect_outcome(TEST(config, pki.mis_issued.chain_file), 1, "no_pin_matched", "");
}

/* A CA's pin counts on a path that verifies, not where the CA is merely sent along. */
Test(test, intermediate_pin)
{
    const char *config = pinned(pki.intermediate.pin, NULL);
    const char *appended = scratch_text(scratch, "appended.pem", 0644, "%s%s",
                                        scratch_read(scratch, pki.self_signed.leaf_file),
                                        scratch_read(scratch, pki.intermediate.leaf_file));

    expect_outcome(TEST(config, pki.genuine.chain_file), 0, "at the intermediate", "");
    expect_outcome(TEST(config, pki.genuine.leaf_file), 1, "no_pin_matched", "");
    expect_outcome(TEST(config, appended), 1, "pin_not_in_valid_chain", "");
}

/* A pin that may not match where it stands must not end the path before one that may. */
Test(test, match)
{
    const char *whole = scratch_text(scratch, "whole.pem", 0644, "%s%s",
                                     scratch_read(scratch, pki.genuine.chain_file),
                                     scratch_read(scratch, pki.root.leaf_file));
    const struct {
        const char *match;
        int status;
        const char *out;
    } rows[] = {
        {"root", 0, "at the root"},    {"ca", 0, "at the "},
        {"any", 0, "at the "},         {"intermediate", 0, "at the intermediate"},
        {"leaf", 1, "no_pin_matched"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *config =
            write_config("domain \"a.test\" { pins = {\"%s\", \"%s\"} match = %s }\n",
                         pki.intermediate.pin, pki.root.pin, rows[i].match);
        expect_outcome(TEST(config, whole), rows[i].status, rows[i].out, "");
    }
}

/* A certificate that may not serve TLS, or no more, is on no path that counts. */
Test(test, purpose_and_dates)
{
    const struct request old = {.not_before = -7200, .not_after = -3600};
    struct identity expired;
    const char *config = pinned(pki.intermediate.pin, NULL);

    pki_issue(scratch, "expired", &pki.intermediate, &old, &expired);
    expect_outcome(TEST(config, expired.chain_file), 1, "pin_not_in_valid_chain", "");
    expect_outcome(TEST(config, pki.client.chain_file), 1, "pin_not_in_valid_chain", "");
    /* The leaf's own pin holds whatever its dates. */
    expect_outcome(TEST(pinned(expired.pin, NULL), expired.chain_file), 0, "pin_matched", "");
    identity_free(&expired);
}

/* Another CA's certificate under the pinned one's name does not help. */
Test(test, forged_intermediate)
{
    const struct request ca = {.ca = true, .common_name = "intermediate"};
    const struct request server = {.common_name = "genuine"};
    struct identity forged_ca, forged;

    pki_issue(scratch, "forged-ca", NULL, &ca, &forged_ca);
    pki_issue(scratch, "forged", &forged_ca, &server, &forged);
    const char *chain = scratch_text(scratch, "forged-chain.pem", 0644, "%s%s",
                                     scratch_read(scratch, forged.leaf_file),
                                     scratch_read(scratch, pki.intermediate.leaf_file));
    expect_outcome(TEST(pinned(pki.intermediate.pin, NULL), chain), 1, "pin_not_in_valid_chain",
                   "");
    identity_free(&forged_ca);
    identity_free(&forged);
}

Test(test, root_pin)
{
    const char *config = pinned(pki.root.pin, NULL);
    const char *whole = scratch_text(scratch, "whole.pem", 0644, "%s%s",
                                     scratch_read(scratch, pki.genuine.chain_file),
                                     scratch_read(scratch, pki.root.leaf_file));
    struct command command = {0};

    expect_outcome(TEST(config, whole), 0, "at the root", "");
    expect_outcome(TEST(config, pki.genuine.chain_file), 1, "no_pin_matched", "");
    /* The root is not sent, but the system trusts it. */
    command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", pki.ca_file));
    pinshim_add(&command, "test", "-c", config, "a.test", "--chain", pki.genuine.chain_file, NULL);
    expect_outcome(pinshim_run(command), 0, "at the root", "");
}

/* A chain, against a policy with these options and this pin (NULL: no section). */
static void judged(const char *options, const char *pin, const char *chain, int status,
                   const char *out)
{
    const char *section =
        pin ? scratch_format(scratch, "domain \"a.test\" { pins = {\"%s\"} }\n", pin) : "";

    expect_outcome(TEST(write_config("%s\n%s", options, section), chain), status, out, "");
}

#define ANCHORS "trust_anchors = root.pem\n"

Test(test, trust_anchors)
{
    judged("", pki.root.pin, pki.genuine.chain_file, 1, "no_pin_matched");
    judged(ANCHORS, pki.root.pin, pki.genuine.chain_file, 0, "at the root");
    judged("trust_anchors = \".\"", pki.root.pin, pki.genuine.chain_file, 0, "at the root");
    judged("trust_anchors = self-signed.pem", pki.root.pin, pki.genuine.chain_file, 1,
           "no_pin_matched");
}

Test(test, verify_chain)
{
    judged(ANCHORS "verify = {chain}", NULL, pki.genuine.chain_file, 0, "unpinned");
    judged(ANCHORS "verify = {chain}", NULL, pki.genuine.leaf_file, 1, "chain_invalid");
    judged(ANCHORS "verify = {chain}", NULL, pki.self_signed.leaf_file, 1, "chain_invalid");
    judged(ANCHORS "verify = {chain}", pki.genuine.pin, pki.genuine.chain_file, 0, "pin_matched");
    judged(ANCHORS "verify = {chain}", pki.self_signed.pin, pki.self_signed.leaf_file, 1,
           "chain_invalid");
    judged(ANCHORS, pki.self_signed.pin, pki.self_signed.leaf_file, 0, "pin_matched");
}

Test(test, verify_hostname)
{
    const struct request request = {.names = "DNS:a.test,IP:192.0.2.7"};
    struct identity leaf;

    pki_issue(scratch, "named", &pki.intermediate, &request, &leaf);
    judged("verify = {hostname}", NULL, leaf.chain_file, 0, "unpinned");
    judged("verify = {hostname}", NULL, pki.genuine.chain_file, 1, "hostname_mismatch");
    judged("verify = {hostname}", leaf.pin, leaf.chain_file, 0, "pin_matched");
    judged("verify = {hostname}", pki.genuine.pin, pki.genuine.chain_file, 1, "hostname_mismatch");
    const char *config = write_config("verify = {hostname}\n");
    expect_outcome(PINSHIM("test", "-c", config, "192.0.2.7", "--chain", leaf.chain_file), 0,
                   "no_n", "");
    expect_outcome(PINSHIM("test", "-c", config, "192.0.2.8", "--chain", leaf.chain_file), 1,
                   "hostname_mismatch", "");
    identity_free(&leaf);
}

Test(test, verify_of_a_program)
{
    const char *config =
        write_config(ANCHORS "program \"curl\" { verify = {chain} }\nunpinned = allow\n");

    expect_outcome(TEST(config, pki.self_signed.leaf_file), 0, "no_section", "");
    expect_outcome(PINSHIM("test", "-c", config, "--program", "curl", "a.test", "--chain",
                           pki.self_signed.leaf_file),
                   1, "chain_invalid", "");
}

Test(test, inspection_cas)
{
    judged("inspection_cas = {\"file:root.pem\"}", pki.self_signed.pin, pki.genuine.chain_file, 0,
           "inspection_ca");
    judged("inspection_cas = {\"file:root.pem\"}", pki.self_signed.pin, pki.genuine.leaf_file, 1,
           "no_pin_matched");
    judged("inspection_cas = {\"file:intermediate.pem\"}", pki.self_signed.pin,
           pki.genuine.chain_file, 0, "inspection_ca");
    judged("inspection_cas = {}", pki.self_signed.pin, pki.genuine.chain_file, 1, "no_pin_matched");
    judged("inspection_cas = {\"file:root.pem\"}\ntrust_anchors = self-signed.pem\n"
           "verify = {chain}",
           NULL, pki.genuine.chain_file, 0, "inspection_ca");
    judged("inspection_cas = {\"file:root.pem\"}", pki.genuine.pin, pki.genuine.chain_file, 0,
           "pin_matched");
}

/* A rule that says audit reports, and refuses nothing in enforce either; what `verify` has against
 * the peer does. */
Test(test, rule_of_audit)
{
    const struct {
        const char *config, *host, *would;
        int status;
        const char *says;
    } rows[] = {
        {"unpinned = audit", "b.test", "block", 0, "lets it through, and reports what block"},
        {"unpinned = audit mode = audit", "b.test", "block", 0, "lets it through, and reports"},
        {"unpinned = audit on_failure = {terminate}", "b.test", "terminate", 0, "and reports"},
        {"unpinned = audit", "a.test", "block", 1, "refuses the connection"},
        {"unpinned = block", "b.test", "block", 1, "refuses the connection"},
        {"unpinned = allow", "b.test", "allow", 0, "lets it through\n"},
        {"unpinned = block unnamed = audit", "192.0.2.7", "block", 0, "and reports what block"},
        {"unpinned = audit unnamed = block", "192.0.2.7", "block", 1, "refuses the connection"},
        {"unpinned = audit verify = {chain} trust_anchors = root.pem", "b.test", "block", 1,
         "chain_invalid"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *config = write_config("%s\ndomain \"a.test\" { pins = {\"%s\"} }\n",
                                          rows[i].config, pki.genuine.pin);
        json_t *json = expect_json(PINSHIM("test", "--json", "-c", config, rows[i].host, "--chain",
                                           pki.self_signed.leaf_file),
                                   rows[i].status);

        /* As the event has it. */
        expect_string(json_array_get(json_object_get(json, "decisions"), 0), "would",
                      rows[i].would);
        json_decref(json);
        expect_outcome(
            PINSHIM("test", "-c", config, rows[i].host, "--chain", pki.self_signed.leaf_file),
            rows[i].status, rows[i].says, "");
    }
}

/* A signature by MD5 makes no path, at the security level that connections have by default. */
Test(test, weak_signature)
{
    const struct request ca = {.ca = true, .key_type = PKI_RSA2048}, leaf = {.digest = EVP_md5()};
    struct identity weak_ca, weak;

    pki_issue(scratch, "weak-ca", &pki.root, &ca, &weak_ca);
    pki_issue(scratch, "weak", &weak_ca, &leaf, &weak);
    judged("", weak_ca.pin, weak.chain_file, 1, "pin_not_in_valid_chain");
    judged("", weak.pin, weak.chain_file, 0, "pin_matched");
    identity_free(&weak_ca);
    identity_free(&weak);
}

Test(test, json)
{
    const char *config = write_config("mode = audit\n\ndomain \"a.test\" {\n  pins = {\"%s\"}\n}\n",
                                      pki.genuine.pin);
    json_t *json = expect_json(
        PINSHIM("test", "--json", "-c", config, "A.test.:8443", "--chain", pki.genuine.chain_file),
        0);
    const json_t *decision = json_array_get(json_object_get(json, "decisions"), 0);

    expect_string(decision, "host", "a.test");
    expect_number(decision, "port", 8443);
    expect_string(decision, "domain", "a.test");
    expect_number(decision, "line", 3);
    expect_string(decision, "mode", "audit");
    expect_string(decision, "verdict", "pass");
    expect_string(decision, "reason", "pin_matched");
    expect_string(decision, "action", "allow");
    expect_string(decision, "would", "allow");
    expect_string(decision, "pin", pki.genuine.pin);
    expect_string(decision, "pin_role", "pin");
    expect_string(decision, "pin_position", "leaf");
    cr_expect_eq(strlen(field_string(decision, "policy")), 16);
    json_decref(json);
}

Test(test, json_of_a_refusal)
{
    const char *config = pinned(pki.genuine.pin, NULL);
    json_t *json = expect_json(
        PINSHIM("test", "--json", "-c", config, "a.test", "--chain", pki.mis_issued.chain_file),
        1); /* what enforce would do */
    const json_t *decision = json_array_get(json_object_get(json, "decisions"), 0);

    expect_string(decision, "verdict", "fail");
    expect_string(decision, "reason", "no_pin_matched");
    expect_string(decision, "action", "allow");
    expect_string(decision, "would", "block");
    expect_string(decision, "pin", NULL);
    cr_expect(json_is_null(json_object_get(decision, "port")));
    json_decref(json);
}

/* The section is found as the shim finds it. */
Test(test, hosts)
{
    const char *config = write_config(
        "unpinned = block\n"
        "domain \"a.test\" { pins = {\"%s\"} ports = {443} }\n"
        "domain \"**.b.test\" { pins = {\"%s\"} }\n"
        "domain \"10.0.0.0/8\" { pins = {\"%s\"} }\n"
        "domain \"2001:db8::/32\" { pins = {\"%s\"} }\n"
        "program \"curl\" { domain \"c.test\" { pins = {\"%s\"} } }\n",
        pki.genuine.pin, pki.genuine.pin, pki.genuine.pin, pki.genuine.pin, pki.genuine.pin);
    const struct {
        const char *host;
        int status;
        const char *out;
    } rows[] = {
        {"a.test", 0, "domain \"a.test\", line 2"},
        {"A.TEST.:443", 0, "domain \"a.test\""},
        {"a.test:444", 1, "no_section"},
        {"x.y.b.test", 0, "domain \"**.b.test\", line 3"},
        {"10.1.2.3:8443", 0, "domain \"10.0.0.0/8\""},
        {"11.1.2.3", 1, "no_n"},
        {"2001:db8::1", 0, "domain \"2001:db8::/32\""},
        {"[2001:db8::1]:443", 0, "domain \"2001:db8::/32\""},
        {"c.test", 1, "no_section"},
        {"a.test:0", 2, ""},
        {"a.test:65536", 2, ""},
        {"a.test:https", 2, ""},
        {"a..test", 2, ""},
        {"", 2, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_outcome(
            PINSHIM("test", "-c", config, rows[i].host, "--chain", pki.genuine.chain_file),
            rows[i].status, rows[i].out, rows[i].status == 2 ? "pinshim test:" : "");
    expect_outcome(PINSHIM("test", "-c", config, "--program", "/usr/bin/curl", "c.test", "--chain",
                           pki.genuine.chain_file),
                   0, "domain \"c.test\"", "");
}

Test(test, bad)
{
    const char *config = pinned(pki.genuine.pin, NULL);
    const char *wrong = scratch_text(scratch, "wrong.conf", 0600, "mode = x\n");
    const char *words = scratch_text(scratch, "words", 0644, "hello\n");

    expect_outcome(PINSHIM("test"), 2, "", "name one HOST[:PORT], and --chain FILE");
    expect_outcome(PINSHIM("test", "-c", config, "a.test"), 2, "", "--chain FILE");
    expect_outcome(PINSHIM("test", "-c", config, "a.test", "--chain"), 2, "", "needs a value");
    expect_outcome(TEST(wrong, pki.genuine.chain_file), 2, "", "wrong.conf:1: mode \"x\"");
    expect_outcome(TEST(scratch_path(scratch, "missing"), pki.genuine.chain_file), 2, "",
                   "No such file");
    expect_outcome(TEST(config, words), 2, "", "no certificate");
    expect_outcome(TEST(config, pki.genuine.key_file), 2, "", "private key");
    expect_outcome(TEST(config, scratch_path(scratch, "missing")), 2, "", "No such file");
    expect_outcome(
        TEST(write_config("\ninspection_cas = {\"file:words\"}\n"), pki.genuine.chain_file), 2, "",
        ":2: inspection_cas \"file:words\": it holds something that is no certificate");
    expect_outcome(
        TEST(write_config("\ninspection_cas = {\"file:root.key\"}\n"), pki.genuine.chain_file), 2,
        "", ":2: inspection_cas \"file:root.key\"");
    expect_outcome(TEST(write_config("trust_anchors = missing.pem\n"), pki.genuine.chain_file), 2,
                   "", ":1: trust_anchors \"missing.pem\"");
}
