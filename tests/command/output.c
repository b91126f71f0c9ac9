/* What each command says when nobody can have its output. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"

TestSuite(output, .init = open_desk, .fini = close_desk, .timeout = 120);

/* The exit status is 2, and the reason the true one. */
static void expect_full(const char *line)
{
    struct command command = {.directory = scratch_dir(scratch)};
    char *pinshim = build_path("pinshim");

    command_set(&command, scratch_format(scratch, "PINSHIM_CONFIG=%s", desk_config));
    command_add(&command, "sh", "-c", scratch_format(scratch, "\"$0\" %s >/dev/full", line),
                pinshim, NULL);
    expect_outcome(command_run(&command), 2, "",
                   "cannot write the output: No space left on device\n");
    free(pinshim);
}

Test(output, full)
{
    static const char *const lines[] = {
        "--help",
        "--version",
        "list --help",
        "add a.test --cert genuine.pem",
        ("add b.test --pin " PIN_A),
        "list",
        "list --json",
        "store list",
        "store add genuine.pem",
        "store get $(ls store | cut -c 1-16)",
        "check",
        "check --json",
        "compile",
        "test a.test --chain genuine.pem",
        "show genuine.pem",
        "pin genuine.pem",
        "export --format okhttp",
        "script",
        "remove b.test",
        "doctor /bin/true",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_full(lines[i]);
}

/* A reason is that of the first failure, however much was printed after it. */
Test(output, full_by_much)
{
    const char *text = "";

    for (int i = 0; i < 400; i++)
        text =
            scratch_format(scratch, "%sdomain \"h%d.test\" { pins = {\"" PIN_A "\"} }\n", text, i);
    write_pins("x.conf", text);
    expect_full("list");
    expect_full("list --json");
    expect_full("check");
}
