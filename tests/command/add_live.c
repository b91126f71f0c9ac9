/* pinshim add --from: what is asked before a server is trusted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"
#include "tests/command/dialogue.h"

TestSuite(add_live, .init = open_desk, .fini = close_desk, .timeout = 120);

static const struct dialogue plain;

/* pinshim add a.test --from SERVER WORDS…; at a terminal where `answer` is typed, or without one.
 */
static struct outcome add(const struct identity *server, bool trusted, const char *words,
                          const char *answer)
{
    struct talker *talker = talker_start(&plain, server);
    char *pinshim = build_path("pinshim");
    const char *line =
        scratch_format(scratch, "exec '%s' add a.test --from 127.0.0.1:%s -c '%s' %s", pinshim,
                       talker_port(talker), desk_config, words);
    struct command command = {.input = answer};
    struct outcome outcome;

    free(pinshim);
    if (trusted)
        command_set(&command, scratch_format(scratch, "SSL_CERT_FILE=%s", pki.ca_file));
    if (answer)
        command_add(&command, "script", "-qec", line, "/dev/null", NULL);
    else
        command_add(&command, "sh", "-c", line, NULL);
    outcome = command_run(&command);
    talker_join(talker);
    return outcome;
}

Test(add_live, verified)
{
    expect_outcome(add(&pki.genuine, true, "--yes", NULL), 0, pki.genuine.pin, NULL);
    cr_expect(strstr(read_pins("a.test.conf"), pki.genuine.pin));
}

Test(add_live, no_terminal)
{
    expect_outcome(add(&pki.genuine, true, "", NULL), 2, "", "say --yes");
    cr_expect_str_eq(read_pins("a.test.conf"), "");
    cr_expect_neq(access(scratch_path(scratch, "store"), F_OK), 0);
}

Test(add_live, asks)
{
    struct outcome outcome = add(&pki.genuine, true, "", "n\n");

    cr_expect(strstr(outcome.out, "The chain verifies"), "%s", outcome.out);
    cr_expect(strstr(outcome.out, pki.genuine.pin), "%s", outcome.out);
    cr_expect(strstr(outcome.out, "api.example.test"), "%s", outcome.out);
    expect_outcome(outcome, 1, "Pin it? [y/N]", NULL);
    cr_expect_str_eq(read_pins("a.test.conf"), "");
    expect_outcome(add(&pki.genuine, true, "", "\n"), 1, "the answer was no", NULL);
    cr_expect_str_eq(read_pins("a.test.conf"), "");
    expect_outcome(add(&pki.genuine, true, "", "yes\n"), 0, "added", NULL);
    cr_expect(strstr(read_pins("a.test.conf"), pki.genuine.pin));
}

/* --yes answers the question, and says nothing of a chain that does not verify. */
Test(add_live, not_verified)
{
    expect_outcome(add(&pki.genuine, false, "--yes", NULL), 1, "", "does not verify");
    expect_outcome(add(&pki.self_signed, true, "--yes", NULL), 1, "", "--insecure-first-use");
    expect_outcome(add(&pki.genuine, true, "--yes --servername other.test", NULL), 1, "",
                   "does not verify");
    cr_expect_str_eq(read_pins("a.test.conf"), "");
    struct outcome outcome = add(&pki.self_signed, true, "--insecure-first-use", "y\n");
    cr_expect(strstr(outcome.out, "does NOT verify"), "%s", outcome.out);
    expect_outcome(outcome, 0, "added", NULL);
    cr_expect(strstr(read_pins("a.test.conf"), pki.self_signed.pin));
}

/* A private CA is named in the config. */
Test(add_live, trust_anchors)
{
    desk_config = write_config("include_dir = \"pins.d\"\ntrust_anchors = \"%s\"\n", pki.ca_file);
    expect_outcome(add(&pki.genuine, false, "--yes", NULL), 0, "added", NULL);
}

/* Only the first certificate is the server's: another that it sends along is nobody's. */
Test(add_live, sent_along)
{
    struct identity odd = pki.mis_issued;

    odd.chain_file = scratch_text(scratch, "odd.pem", 0644, "%s%s%s",
                                  scratch_read(scratch, pki.mis_issued.leaf_file),
                                  scratch_read(scratch, pki.genuine.leaf_file),
                                  scratch_read(scratch, pki.intermediate.leaf_file));
    expect_outcome(add(&odd, true, "--yes", NULL), 0, pki.mis_issued.pin, NULL);
    cr_expect_null(strstr(read_pins("a.test.conf"), pki.genuine.pin));
}

Test(add_live, hostile_certificate)
{
    const struct request evil = {.key_type = PKI_P256, .common_name = "\x1b[2J\nPin it? y"};
    struct identity identity;

    pki_issue(scratch, "evil", NULL, &evil, &identity);
    struct outcome outcome = add(&identity, true, "--insecure-first-use", "y\n");
    cr_expect_null(strchr(outcome.out, '\x1b'), "%s", outcome.out);
    expect_outcome(outcome, 0, "added", NULL);
    expect_outcome(PINSHIM("check", desk_config), 0, "1 section, 1 pin", NULL);
    identity_free(&identity);
}
