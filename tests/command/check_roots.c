/* pinshim check: sections that pin nothing narrower than a public root. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <criterion/criterion.h>
#include <criterion/logging.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"

#define LOCAL_CAS "/usr/local/share/ca-certificates"

static struct pki pki;
static const char *system_store; /* a variable that puts our root among the system's */

static void open_pki(void)
{
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
    system_store = scratch_format(scratch, "SSL_CERT_FILE=%s", pki.ca_file);
}

static void close_pki(void)
{
    pki_free(&pki);
    close_scratch();
}

TestSuite(check_roots, .init = open_pki, .fini = close_pki);

Test(check_roots, alone)
{
    const char *root = pki.root.pin, *leaf = pki.genuine.pin;
    const char *path = write_config(
        "domain \"key.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} }\n"
        "domain \"certificate.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} }\n"
        "domain \"both.test\" { pins = {\"%s\", \"%s\"} backup_pins = {" PIN_E "} }\n"
        "domain \"root.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} match = root }\n"
        "domain \"leaf.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} match = leaf }\n"
        "domain \"narrower.test\" { pins = {\"%s\", \"%s\"} backup_pins = {" PIN_E "} }\n"
        "domain \"reserve.test\" { pins = {\"%s\"} backup_pins = {\"%s\"} }\n"
        "domain \"intermediate.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} }\n"
        "domain \"idle.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} mode = off }\n",
        root, pki.root.cert_pin, root, pki.root.cert_pin, root, root, root, leaf, leaf, root,
        pki.intermediate.pin, root);

    WARNINGS_IN(path, system_store, {NULL, 1, "key.test", "only a public root is pinned, \"root\""},
                {NULL, 2, "certificate.test", "only a public root is pinned"},
                {NULL, 3, "both.test", "only a public root is pinned"},
                {NULL, 4, "root.test", "only a public root is pinned"},
                {NULL, 5, "leaf.test", "match = \"leaf\" lets only a server's own key count"});
    NO_WARNINGS(path); /* a root of nobody but us */
}

/* What a server signed for itself is no CA's, whoever trusts it. */
Test(check_roots, self_signed)
{
    const char *path = write_config(
        "domain \"a.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} }\n", pki.self_signed.pin);

    expect_warnings(path, scratch_format(scratch, "SSL_CERT_FILE=%s", pki.self_signed.leaf_file),
                    NULL, 0);
}

/* The first root of Debian's bundle. */
Test(check_roots, of_the_system)
{
    FILE *file = fopen("/etc/ssl/certs/ca-certificates.crt", "r");
    X509 *root = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    unsigned char digest[32];
    char hex[65];

    cr_assert(root, "ca-certificates is not installed");
    cr_assert(X509_digest(root, EVP_sha256(), digest, NULL) == 1);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    WARNINGS(write_config("domain \"a.test\" { pins = {\"cert-sha256/%s\"} backup_pins = {" PIN_E
                          "} }\n",
                          hex),
             {NULL, 1, "a.test", "only a public root is pinned"});
    X509_free(root);
    fclose(file);
}

/* Checks with other local CAs than the machine's, in a mount namespace. */
static struct outcome check_with_local(const char *directory, const char *path)
{
    static const char *const script = "mount --bind \"$1\" " LOCAL_CAS " && shift && exec \"$@\"";
    struct command command = {0};

    command_set(&command, system_store);
    command_add(&command, "unshare", "-m", "sh", "-c", script, "sh", directory, NULL);
    pinshim_add(&command, "check", path, NULL);
    return pinshim_run(command);
}

/* A root that the administrator has added is this site's own. */
Test(check_roots, of_this_site)
{
    const char *path = write_config(
        "domain \"a.test\" { pins = {\"%s\"} backup_pins = {" PIN_E "} }\n", pki.root.pin);
    struct command command = {0};
    struct outcome outcome;
    bool possible;

    command_add(&command, "unshare", "-m", "mount", "--bind", scratch_dir(scratch), LOCAL_CAS,
                NULL);
    outcome = command_run(&command);
    possible = outcome.status == 0;
    outcome_free(&outcome);
    if (!possible)
        cr_skip_test("no mount namespace, or no " LOCAL_CAS);
    expect_outcome(check_with_local(scratch_dir(scratch), path), 0, "1 section",
                   "only a public root is pinned");
    scratch_text(scratch, "own.crt", 0644, "%s", scratch_read(scratch, pki.ca_file));
    expect_outcome(check_with_local(scratch_dir(scratch), path), 0, "1 section", "");
}
