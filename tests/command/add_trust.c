/* pinshim add --trust: the system's trust store, in a mount namespace of the test's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"

TestSuite(add_trust, .init = open_desk, .fini = close_desk, .timeout = 120);

/* Both places that update-ca-certificates knows, empty; then pinshim, at a terminal if there is an
 * answer; then what lies there. */
static struct outcome trust(const char *words, const char *answer)
{
    static const char script[] =
        "mount -t tmpfs none /usr/local/share/ca-certificates && mount -t tmpfs none "
        "/etc/ssl/certs "
        "|| exit 99; %s; s=$?; ls /usr/local/share/ca-certificates; exit $s";
    const char *whole = scratch_text(scratch, "whole.pem", 0644, "%s%s",
                                     scratch_read(scratch, pki.genuine.chain_file),
                                     scratch_read(scratch, pki.ca_file));
    char *pinshim = build_path("pinshim");
    const char *add = scratch_format(scratch, "%s add a.test --cert %s -c %s --trust %s", pinshim,
                                     whole, desk_config, words);
    struct command command = {.input = answer};

    free(pinshim);
    if (answer)
        add = scratch_format(scratch, "script -qec '%s' /dev/null", add);
    command_add(&command, "unshare", "-m", "sh", "-c", scratch_format(scratch, script, add), NULL);
    return command_run(&command);
}

/* Root, in a place where it may mount. */
static void need_namespaces(void)
{
    struct command command = {0};
    struct outcome outcome;

    command_add(&command, "unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt", NULL);
    outcome = command_run(&command);
    if (outcome.status != 0)
        cr_skip_test("needs root and mount namespaces");
    outcome_free(&outcome);
}

Test(add_trust, told)
{
    need_namespaces();
    struct outcome outcome = trust("--yes-trust-ca", NULL);
    cr_expect(strstr(outcome.out, "trust store now"), "%s%s", outcome.out, outcome.err);
    expect_outcome(outcome, 0, "\npinshim-", NULL);
    cr_expect(strstr(read_pins("a.test.conf"), pki.genuine.pin));
}

/* Never silently: --yes is another question's answer. */
Test(add_trust, not_told)
{
    need_namespaces();
    struct outcome outcome = trust("--yes", NULL);
    cr_expect_null(strstr(outcome.out, "\npinshim-"), "%s", outcome.out);
    expect_outcome(outcome, 1, "added", "no --yes-trust-ca");
    outcome = trust("", "n\n");
    cr_expect_null(strstr(outcome.out, "\npinshim-"), "%s", outcome.out);
    expect_outcome(outcome, 1, "will trust whatever this CA signs", NULL);
    expect_outcome(trust("", "y\n"), 0, "\npinshim-", NULL);
}

Test(add_trust, nothing_to_trust)
{
    if (geteuid() != 0) {
        expect_outcome(DESK("add", "a.test", "--cert", pki.genuine.leaf_file, "--trust"), 2, "",
                       "only root changes the system's trust store");
        return;
    }
    expect_outcome(DESK("add", "a.test", "--cert", pki.genuine.leaf_file, "--trust"), 1, NULL,
                   "ends in no root CA");
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--trust"), 2, "", "needs a certificate");
}
