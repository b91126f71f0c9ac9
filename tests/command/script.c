/* pinshim script: what the script prints is what `pinshim pin` prints, in other shells too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/background.h"
#include "tests/support/recorder.h"

static struct pki pki;
static const char *script;

static void open_script(void)
{
    struct outcome outcome;

    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
    outcome = PINSHIM("script");
    script = scratch_text(scratch, "pins script.sh", 0644, "%s", outcome.out);
    expect_outcome(outcome, 0, "#!/bin/sh", "");
}

static void close_script(void)
{
    background_kill_all();
    pki_free(&pki);
    close_scratch();
}

TestSuite(script, .init = open_script, .fini = close_script, .timeout = 300);

static const char *const shells[][2] = {{"dash", NULL}, {"busybox", "sh"}};
#define SHELLS (sizeof shells / sizeof *shells)

/* Runs the script on these arguments, the second may be NULL. */
static struct outcome run(const char *const shell[2], const char *path, const char *first,
                          const char *second)
{
    struct command command = {.directory = scratch_dir(scratch)};

    if (path)
        command_set(&command, path);
    command_add(&command, shell[0], NULL);
    if (shell[1])
        command_add(&command, shell[1], NULL);
    command_add(&command, script, first, second, NULL);
    return command_run(&command);
}

/* The files of the scratch directory, in as many forms as a key has; made by openssl. */
#define MAKE                                                                                       \
    "openssl req -x509 -newkey %s -nodes -keyout key.pem -out cert.pem -subj /CN=a.test -days 9 "  \
    "2>/dev/null; openssl x509 -in cert.pem -outform der -out cert.der; "                          \
    "openssl x509 -in cert.pem -noout -pubkey >pub.pem; "                                          \
    "openssl pkey -pubin -in pub.pem -outform der -out pub.der; "                                  \
    "openssl pkey -in key.pem -outform der -out key.der; "                                         \
    "openssl x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem; "                  \
    "openssl crl2pkcs7 -nocrl -certfile cert.pem -certfile trusted.pem -out cert.p7b; "            \
    "openssl crl2pkcs7 -nocrl -certfile cert.pem -outform der -out cert.p7c; "                     \
    "sed 's/PKCS7/CMS/' cert.p7b >cms.pem; openssl x509 -in cert.pem -text -out text.pem; "        \
    "cat cert.der pub.der cert.p7c >many.der; cat cert.der key.der >key-behind.der; "              \
    "{ cat cert.der; echo words; } >words-behind.der; head -c 300 cert.pem >cut.pem; "             \
    "head -c 300 cert.der >cut.der; sed 's/$/\\r/' cert.pem >dos.pem; "                            \
    "cat cert.pem key.pem >mixed.pem; cat cert.pem text.pem pub.pem >bundle.pem; "                 \
    "cp cert.pem 'with blank $x.pem'; : >empty; echo words >words"

static const char *const files[] = {
    "cert.pem", "cert.der",   "pub.pem",   "pub.der", "trusted.pem",      "cert.p7b",
    "cert.p7c", "cms.pem",    "text.pem",  "key.pem", "key.der",          "many.der",
    "dos.pem",  "bundle.pem", "mixed.pem", "cut.pem", "key-behind.der",   "words-behind.der",
    "cut.der",  "empty",      "words",     "missing", "with blank $x.pem"};

static void expect_same(const char *const shell[2], const char *file)
{
    struct outcome outcome = run(shell, NULL, file, NULL);
    struct outcome expected = PINSHIM("pin", scratch_path(scratch, file));

    cr_expect_str_eq(outcome.out, expected.out, "%s, %s: %s%s", shell[0], file, outcome.out,
                     outcome.err);
    cr_expect_eq(outcome.status, expected.status, "%s, %s: %d", shell[0], file, outcome.status);
    cr_expect_eq(outcome.status != 0, *outcome.err != '\0', "%s, %s", shell[0], file);
    outcome_free(&outcome);
    outcome_free(&expected);
}

/* The first `count` files. */
static void compare(const char *key, size_t count)
{
    struct command command = {.directory = scratch_dir(scratch)};

    command_add(&command, "sh", "-ec", scratch_format(scratch, MAKE, key), NULL);
    expect_outcome(command_run(&command), 0, "", "");
    for (size_t s = 0; s < SHELLS; s++)
        for (size_t i = 0; i < count; i++)
            expect_same(shells[s], files[i]);
}

Test(script, rsa)
{
    struct command command = {.directory = scratch_dir(scratch)};

    compare("rsa:2048", sizeof files / sizeof *files);
    command_add(&command, "sh", "-ec",
                "openssl rsa -pubin -in pub.pem -RSAPublicKey_out -out rsa.pem 2>&1; "
                "openssl rsa -pubin -in pub.pem -RSAPublicKey_out -outform der -out rsa.der 2>&1",
                NULL);
    expect_outcome(command_run(&command), 0, NULL, "");
    for (size_t s = 0; s < SHELLS; s++) {
        expect_same(shells[s], "rsa.pem");
        expect_same(shells[s], "rsa.der");
    }
}

Test(script, p384)
{
    compare("ec -pkeyopt ec_paramgen_curve:P-384", 4);
}

Test(script, ed25519)
{
    compare("ed25519", 4);
}

/* A key of an algorithm that openssl does not know: its octets count. */
Test(script, unknown_algorithm)
{
    struct command command = {.directory = scratch_dir(scratch)};
    char *text, *algorithm;

    command_add(&command, "sh", "-ec", scratch_format(scratch, MAKE, "ed25519"), NULL);
    expect_outcome(command_run(&command), 0, "", "");
    text = scratch_read(scratch, scratch_path(scratch, "pub.pem"));
    algorithm = strstr(text, "MCowBQYDK2Vw"); /* 1.3.101.112 */
    cr_assert(algorithm);
    memcpy(algorithm, "MCowBQYDK2V/", 12); /* 1.3.101.127 is nobody's */
    scratch_text(scratch, "odd.pem", 0644, "%s", text);
    for (size_t s = 0; s < SHELLS; s++)
        expect_same(shells[s], "odd.pem");
}

Test(script, standard_input)
{
    for (size_t s = 0; s < SHELLS; s++) {
        struct command command = {.input = scratch_read(scratch, pki.genuine.chain_file)};

        command_add(&command, shells[s][0], NULL);
        if (shells[s][1])
            command_add(&command, shells[s][1], NULL);
        command_add(&command, script, "-", NULL);
        expect_outcome(command_run(&command), 0,
                       scratch_format(scratch, "%s\n%s\n", pki.genuine.pin, pki.intermediate.pin),
                       "");
    }
}

/* What an editor or an indenting hand puts in front of lines hides no certificate: neither the
 * first, which is the leaf, nor another. */
Test(script, margins)
{
    static const char make[] =
        "m=$(printf '\\357\\273\\277'); { printf \"$m\"; cat chain.pem; } >mark.pem; "
        "{ cat chain.pem; printf \"$m\"; cat chain.pem; } >inner-mark.pem; "
        "{ printf \"$m\"; sed 's/$/\\r/' chain.pem; } >dos-mark.pem; "
        "sed 's/^/    /' chain.pem >indented.pem; sed '1s/^/ /' chain.pem >first.pem; "
        "sed 's/^-/\\t-/' chain.pem >tabs.pem; { printf '\\r\\f'; cat chain.pem; } >feed.pem; "
        "{ printf '  '; cat key.pem chain.pem; } >private.pem; "
        "{ printf \"$m\"; echo words; } >words.pem";
    static const char *const names[] = {"mark.pem",  "inner-mark.pem", "dos-mark.pem",
                                        "first.pem", "indented.pem",   "tabs.pem",
                                        "feed.pem",  "private.pem",    "words.pem"};
    struct command command = {.directory = scratch_dir(scratch)};
    const char *pins = scratch_format(scratch, "%s\n%s\n", pki.genuine.pin, pki.intermediate.pin);

    scratch_text(scratch, "chain.pem", 0644, "%s", scratch_read(scratch, pki.genuine.chain_file));
    scratch_text(scratch, "key.pem", 0600, "%s", scratch_read(scratch, pki.genuine.key_file));
    command_add(&command, "sh", "-ec", make, NULL);
    expect_outcome(command_run(&command), 0, "", "");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool bad = i >= sizeof names / sizeof *names - 2;

        expect_outcome(PINSHIM("pin", scratch_path(scratch, names[i])), bad ? 2 : 0,
                       bad ? "" : pins, bad ? NULL : "");
        for (size_t s = 0; s < SHELLS; s++)
            expect_same(shells[s], names[i]);
    }
}

/* The others are printed all the same. */
Test(script, several)
{
    const char *words = scratch_text(scratch, "words", 0644, "hello\n");

    for (size_t s = 0; s < SHELLS; s++)
        expect_outcome(run(shells[s], NULL, words, pki.genuine.leaf_file), 2, pki.genuine.pin,
                       "words");
}

Test(script, server)
{
    struct recorder recorder;
    const char *address;

    recorder_start(&recorder, &pki.genuine, NULL);
    address = scratch_format(scratch, "127.0.0.1:%u", recorder.port);
    for (size_t s = 0; s < SHELLS; s++) {
        expect_outcome(run(shells[s], NULL, "--server", address), 0,
                       scratch_format(scratch, "%s\n%s\n", pki.genuine.pin, pki.intermediate.pin),
                       "");
        expect_outcome(run(shells[s], NULL, "--server",
                           scratch_format(scratch, "localhost:%u", recorder.port)),
                       0, pki.genuine.pin, "");
        expect_outcome(run(shells[s], NULL, "--server", "127.0.0.1:1"), 2, "", "cannot be reached");
        expect_outcome(run(shells[s], NULL, "--server", NULL), 2, "", "needs HOST");
    }
    json_decref(recorder_stop(&recorder));
}

/* An openssl that fails at some step must not give the pin of nothing. */
Test(script, failing_openssl)
{
    static const char *const steps[] = {"asn1parse", "dgst", "base64", "x509"};
    const char *path = scratch_format(scratch, "PATH=%s:/usr/bin:/bin", scratch_dir(scratch));

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        scratch_text(scratch, "openssl", 0755,
                     "#!/bin/sh\n[ \"$1\" = %s ] && exit 1\nexec /usr/bin/openssl \"$@\"\n",
                     steps[i]);
        for (size_t s = 0; s < SHELLS; s++)
            expect_outcome(run(shells[s], path, pki.genuine.leaf_file, NULL), 2, "", "pins.sh: ");
        /* … and one that gives nothing and is content. */
        scratch_text(scratch, "openssl", 0755,
                     "#!/bin/sh\n[ \"$1\" = %s ] && exit 0\nexec /usr/bin/openssl \"$@\"\n",
                     steps[i]);
        if (strcmp(steps[i], "x509") != 0) /* only asked whether it is one */
            expect_outcome(run(shells[0], path, pki.genuine.leaf_file, NULL), 2, "", "pins.sh: ");
    }
}

/* … nor one that cuts nothing out. */
Test(script, empty_key)
{
    const char *path = scratch_format(scratch, "PATH=%s:/usr/bin:/bin", scratch_dir(scratch));

    scratch_text(scratch, "openssl", 0755,
                 "#!/bin/sh\ncase \"$*\" in *-length*) exit 0 ;; esac\n"
                 "exec /usr/bin/openssl \"$@\"\n");
    for (size_t s = 0; s < SHELLS; s++)
        expect_outcome(run(shells[s], path, pki.genuine.leaf_file, NULL), 2, "", "pins.sh: ");
}

Test(script, shellcheck)
{
    struct command command = {0};
    struct outcome outcome;

    command_add(&command, "shellcheck", script, NULL);
    outcome = command_run(&command);
    if (outcome.status == 127)
        cr_skip_test("there is no shellcheck");
    expect_outcome(outcome, 0, "", "");
}

Test(script, usage)
{
    expect_outcome(run(shells[0], NULL, NULL, NULL), 2, "", "Usage: ");
    expect_outcome(run(shells[0], NULL, "--help", NULL), 0, "Usage: ", "");
    expect_outcome(PINSHIM("script", "file.pem"), 2, "", "it takes no arguments");
}
