/* pinshim add and store: input that is none, disks that are full, two at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"

TestSuite(add_bad, .init = open_desk, .fini = close_desk, .timeout = 120);

/* Nothing has come of it: no section, no entry. */
static void expect_nothing_stored(void)
{
    cr_expect_str_eq(read_pins("a.test.conf"), "");
    cr_expect_neq(access(scratch_path(scratch, "store"), F_OK), 0);
}

static void refused(const char *path, const char *why)
{
    expect_outcome(DESK("add", "a.test", "--cert", path), 2, "", why);
    expect_outcome(DESK("store", "add", path), 2, "", NULL);
    expect_outcome(PINSHIM("show", path), 2, "", NULL);
    expect_nothing_stored();
}

Test(add_bad, input)
{
    const size_t garbage = (size_t)10 << 20;
    char *much = malloc(garbage);
    const char *der = scratch_path(scratch, "leaf.der");
    struct command command = {0};
    const char *whole;

    cr_assert(much);
    for (size_t i = 0; i < garbage; i++)
        much[i] = (char)(i * 7919 >> 3);
    refused(scratch_write(scratch, "garbage", 0644, much, garbage), "has no certificate");
    free(much);
    refused(scratch_text(scratch, "empty", 0644, "%s", ""), "is empty");
    refused(scratch_path(scratch, "missing"), "No such file");
    command_add(&command, "openssl", "x509", "-in", pki.genuine.leaf_file, "-outform", "der",
                "-out", der, NULL);
    expect_outcome(command_run(&command), 0, NULL, NULL);
    whole = scratch_read(scratch, der);
    refused(scratch_write(scratch, "cut.der", 0644, whole, 200), "it is cut short; copy it again");
    refused(scratch_text(scratch, "cut.pem", 0644, "%.300s",
                         scratch_read(scratch, pki.genuine.leaf_file)),
            "is damaged");
}

Test(add_bad, private_keys)
{
    const char *both = scratch_text(scratch, "both.pem", 0600, "%s%s",
                                    scratch_read(scratch, pki.genuine.leaf_file),
                                    scratch_read(scratch, pki.genuine.key_file));
    const char *der = scratch_path(scratch, "key.der");
    struct command command = {0};

    command_add(&command, "openssl", "pkey", "-in", pki.genuine.key_file, "-outform", "der", "-out",
                der, NULL);
    expect_outcome(command_run(&command), 0, NULL, NULL);
    expect_outcome(DESK("add", "a.test", "--cert", both), 2, "", "both.pem holds a private key");
    expect_outcome(DESK("add", "a.test", "--cert", der), 2, "", "private key");
    expect_outcome(DESK("add", "a.test", "--cert", pki.genuine.key_file), 2, "", "private key");
    expect_outcome(DESK("store", "add", both), 2, "", "nothing of it was stored");
    expect_nothing_stored();
}

Test(add_bad, several)
{
    const char *two =
        scratch_text(scratch, "two.pem", 0644, "%s%s", scratch_read(scratch, pki.genuine.leaf_file),
                     scratch_read(scratch, pki.mis_issued.leaf_file));
    struct command command = {.directory = scratch_dir(scratch)};

    expect_outcome(DESK("add", "a.test", "--cert", two), 2, "",
                   "it holds 2 certificates of that position (leaf)");
    command_add(
        &command, "sh", "-c",
        "for k in genuine mis-issued; do openssl x509 -in $k.pem -noout -pubkey; done >keys", NULL);
    struct outcome outcome = command_run(&command);
    if (outcome.status == 0)
        expect_outcome(DESK("add", "a.test", "--cert", scratch_path(scratch, "keys")), 2, "",
                       "it holds 2 keys");
    outcome_free(&outcome);
    expect_nothing_stored();
}

/* A disk without room for a byte: the old file stays, and nothing lies about. */
Test(add_bad, full_disk)
{
    const char *before = "domain \"a.test\" { pins = {\"" PIN_A "\"} }\n";
    const char *script = "trap '' XFSZ; ulimit -f 0; exec \"$@\" 2>/dev/stderr";
    struct command command = {0}, list = {.directory = scratch_path(scratch, "pins.d")};
    char *pinshim = build_path("pinshim");

    write_pins("a.conf", before);
    command_add(&command, "sh", "-c", script, "sh", pinshim, "add", "a.test", "--pin", PIN_E, "-c",
                desk_config, NULL);
    expect_outcome(command_run(&command), 2, "", "File too large; nothing has changed");
    cr_expect_str_eq(read_pins("a.conf"), before);
    command_add(&list, "sh", "-c", "ls -A | tr '\\n' ' '", NULL);
    expect_outcome(command_run(&list), 0, ".pinshim.lock a.conf ", "");
    command = (struct command){0};
    command_add(&command, "sh", "-c", script, "sh", pinshim, "add", "b.test", "--cert",
                pki.genuine.leaf_file, "-c", desk_config, NULL);
    expect_outcome(command_run(&command), 2, "", "nothing has changed");
    cr_expect_str_eq(read_pins("b.test.conf"), "");
    free(pinshim);
}

Test(add_bad, directory_that_may_not_be_written)
{
    struct command command = {0};

    if (geteuid() == 0)
        command.user = "nobody";
    else
        cr_assert(chmod(scratch_path(scratch, "pins.d"), 0500) == 0);
    cr_assert(chmod(desk_config, 0644) == 0);
    pinshim_add(&command, "add", "a.test", "--pin", PIN_A, "-c", desk_config, NULL);
    expect_outcome(pinshim_run(command), 2, "", "run it as the owner of ");
    chmod(scratch_path(scratch, "pins.d"), 0755);
    cr_expect_str_eq(read_pins("a.test.conf"), "");
}

/* Twenty at once, on one section and on others: all of them count. */
Test(add_bad, at_once)
{
    static const char script[] =
        "for c in A B C D E F G H I J; do p=sha256/$(printf \"$c%.0s\" $(seq 43))=\n"
        "\"$0\" add a.test --pin $p -c \"$1\" >/dev/null 2>&1 &\n"
        "\"$0\" add x$c.test --pin $p -c \"$1\" >/dev/null 2>&1 &\n"
        "done; wait";
    struct command command = {0};
    char *pinshim = build_path("pinshim");

    command_add(&command, "bash", "-c", script, pinshim, desk_config, NULL);
    expect_outcome(command_run(&command), 0, "", "");
    expect_outcome(PINSHIM("check", desk_config), 0, "11 sections, 20 pins", NULL);
    free(pinshim);
}
