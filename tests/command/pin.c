/* pinshim pin: against the pipeline of openssl that it stands for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"

TestSuite(pin_command, .init = open_scratch, .fini = close_scratch, .timeout = 60);

/* The output of a shell, in the scratch directory. */
static struct outcome shell(const char *script)
{
    struct command command = {.directory = scratch_dir(scratch)};

    command_add(&command, "sh", "-ec", script, NULL);
    return command_run(&command);
}

/* The key of cert.pem in all forms; then its pin. */
#define MAKE                                                                                       \
    "openssl req -x509 -newkey %s -nodes -keyout key.pem -out cert.pem -subj /CN=a.test -days 9 "  \
    "2>/dev/null; openssl x509 -in cert.pem -outform der -out cert.der; "                          \
    "openssl x509 -in cert.pem -noout -pubkey >pub.pem; "                                          \
    "openssl pkey -pubin -in pub.pem -outform der -out pub.der; "                                  \
    "openssl pkey -in key.pem -outform der -out key.der; "                                         \
    "openssl x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem; "                  \
    "openssl crl2pkcs7 -nocrl -certfile cert.pem -out cert.p7b; "                                  \
    "openssl crl2pkcs7 -nocrl -certfile cert.pem -outform der -out cert.p7c; "                     \
    "openssl x509 -in cert.pem -text -out text.pem; "                                              \
    "echo sha256/$(openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform der | " \
    "openssl dgst -sha256 -binary | base64)"

static const char *const keys[] = {"rsa:2048", "rsa:4096", "ec -pkeyopt ec_paramgen_curve:P-256",
                                   "ec -pkeyopt ec_paramgen_curve:P-384", "ed25519"};

static const char *const public[] = {"cert.pem",    "cert.der", "pub.pem",  "pub.der",
                                     "trusted.pem", "cert.p7b", "cert.p7c", "text.pem"};

Test(pin_command, as_openssl)
{
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        struct outcome openssl = shell(scratch_format(scratch, MAKE, keys[k]));

        cr_assert_eq(openssl.status, 0, "%s: %s", keys[k], openssl.err);
        for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
            struct outcome outcome = PINSHIM("pin", scratch_path(scratch, public[i]));
            cr_expect_str_eq(outcome.out, openssl.out, "%s, %s: %s%s", keys[k], public[i],
                             outcome.out, outcome.err);
            expect_outcome(outcome, 0, NULL, "");
        }
        expect_outcome(PINSHIM("pin", scratch_path(scratch, "key.pem")), 2, "",
                       "is a private key; pins are made from the certificate or the public key");
        expect_outcome(PINSHIM("pin", scratch_path(scratch, "key.der")), 2, "", "private key");
        outcome_free(&openssl);
    }
}

Test(pin_command, rsa_public_key)
{
    struct outcome openssl = shell(scratch_format(
        scratch,
        MAKE "; openssl rsa -pubin -in pub.pem -RSAPublicKey_out -out rsa.pem 2>&1; "
             "openssl rsa -pubin -in pub.pem -RSAPublicKey_out -outform der -out rsa.der",
        keys[0]));

    cr_assert_eq(openssl.status, 0, "%s", openssl.err);
    openssl.out[strcspn(openssl.out, "\n")] = 0;
    expect_outcome(PINSHIM("pin", scratch_path(scratch, "rsa.pem")), 0, openssl.out, "");
    expect_outcome(PINSHIM("pin", scratch_path(scratch, "rsa.der")), 0, openssl.out, "");
    outcome_free(&openssl);
}

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

TestSuite(pin_files, .init = open_pki, .fini = close_pki);

Test(pin_files, several)
{
    const char *both = scratch_format(scratch, "%s\n%s\n", pki.genuine.pin, pki.intermediate.pin);
    const char *three = scratch_format(scratch, "%s%s\n", both, pki.root.pin);
    struct outcome outcome = PINSHIM("pin", pki.genuine.chain_file);

    cr_expect_str_eq(outcome.out, both);
    expect_outcome(outcome, 0, NULL, "");
    outcome = PINSHIM("pin", pki.genuine.chain_file, pki.root.leaf_file);
    cr_expect_str_eq(outcome.out, three);
    expect_outcome(outcome, 0, NULL, "");
}

Test(pin_files, standard_input)
{
    struct command command = {.input = scratch_read(scratch, pki.genuine.leaf_file)};

    pinshim_add(&command, "pin", "-", NULL);
    expect_outcome(pinshim_run(command), 0, pki.genuine.pin, "");
    command.input = "";
    expect_outcome(pinshim_run(command), 2, "", "standard input is empty");
}

Test(pin_files, bad)
{
    const char *mixed = scratch_text(scratch, "mixed.pem", 0600, "%s%s",
                                     scratch_read(scratch, pki.genuine.leaf_file),
                                     scratch_read(scratch, pki.genuine.key_file));
    const char *words = scratch_text(scratch, "words", 0644, "hello\n");
    const char *broken = scratch_text(scratch, "broken.pem", 0644, "%.200s",
                                      scratch_read(scratch, pki.genuine.leaf_file));
    const char *empty = scratch_text(scratch, "empty", 0644, "%s", "");

    expect_outcome(PINSHIM("pin"), 2, "", "name at least one file");
    expect_outcome(PINSHIM("pin", "--frob"), 2, "", "there is no option '--frob'");
    expect_outcome(PINSHIM("pin", scratch_path(scratch, "missing")), 2, "",
                   "No such file or directory");
    expect_outcome(PINSHIM("pin", scratch_dir(scratch)), 2, "", "cannot read");
    expect_outcome(PINSHIM("pin", mixed), 2, "", "holds a private key");
    expect_outcome(PINSHIM("pin", words), 2, "", "has no certificate and no public key");
    expect_outcome(PINSHIM("pin", broken), 2, "", "PEM block number 1 is damaged");
    expect_outcome(PINSHIM("pin", empty), 2, "", "is empty");
    /* The others are printed all the same. */
    expect_outcome(PINSHIM("pin", words, pki.genuine.leaf_file), 2, pki.genuine.pin, "words");
}

Test(pin_files, json)
{
    json_t *json = expect_json(PINSHIM("pin", "--json", pki.genuine.chain_file), 0);
    const json_t *pins = json_object_get(json, "pins"), *leaf = json_array_get(pins, 0);

    cr_assert_eq(json_array_size(pins), 2);
    expect_string(leaf, "file", pki.genuine.chain_file);
    expect_string(leaf, "subject", "CN=genuine");
    expect_string(leaf, "pin", pki.genuine.pin);
    expect_string(json_array_get(pins, 1), "pin", pki.intermediate.pin);
    cr_expect_eq(strlen(field_string(leaf, "fingerprint")), 95);
    cr_expect_eq(strlen(field_string(leaf, "not_after")), 20);
    json_decref(json);
}
