/* What the command says of itself. */
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"

TestSuite(help, .init = open_scratch, .fini = close_scratch);

static const char *const commands[] = {
    "run",  "pin",    "show",  "add",    "list",   "edit",    "remove", "store",  "check",
    "test", "report", "learn", "import", "export", "refresh", "script", "doctor", "compile"};
enum { COMMANDS = sizeof commands / sizeof *commands };

Test(help, of_each_command)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *usage = scratch_format(scratch, "Usage: pinshim %s", commands[i]);
        struct outcome outcome = PINSHIM(commands[i], "--help");

        cr_expect_eq(strncmp(outcome.out, usage, strlen(usage)), 0, "%s", outcome.out);
        cr_expect(strstr(outcome.out, "Exit status:"), "%s", outcome.out);
        expect_outcome(PINSHIM("help", commands[i]), 0, outcome.out, "");
        expect_outcome(PINSHIM(commands[i], "-h"), 0, outcome.out, "");
        expect_outcome(outcome, 0, NULL, "");
    }
}

Test(help, overview)
{
    struct outcome outcome = PINSHIM("--help");

    for (size_t i = 0; i < COMMANDS; i++)
        cr_expect(strstr(outcome.out, scratch_format(scratch, "\n  %-6s ", commands[i])),
                  "no %s in: %s", commands[i], outcome.out);
    expect_outcome(PINSHIM("help"), 0, outcome.out, "");
    expect_outcome(PINSHIM("-h"), 0, outcome.out, "");
    expect_outcome(outcome, 0, "Usage: pinshim COMMAND", "");
}

Test(help, nothing_named)
{
    struct command command = {0};

    pinshim_add(&command, NULL);
    expect_outcome(pinshim_run(command), 2, "", "Usage: pinshim COMMAND");
}

Test(help, version)
{
    expect_outcome(PINSHIM("--version"), 0, "pinshim 0.", "");
}

Test(help, unknown_command)
{
    expect_outcome(PINSHIM("frobnicate"), 2, "", "there is no command 'frobnicate'");
    expect_outcome(PINSHIM("chekc"), 2, "", "did you mean 'check'?");
    expect_outcome(PINSHIM("help", "frobnicate"), 2, "", "there is no command 'frobnicate'");
    expect_outcome(PINSHIM("-x"), 2, "", "pinshim: ");
    expect_outcome(PINSHIM("che\x1b[2J"), 2, "", "che\\x1b[2J");
}

/* Nobody must take a full disk for a good answer. */
Test(help, full_disk)
{
    struct command command = {0};
    char *pinshim = build_path("pinshim");

    command_add(&command, "sh", "-c", scratch_format(scratch, "'%s' --help >/dev/full", pinshim),
                NULL);
    expect_outcome(command_run(&command), 2, "", "cannot write the output");
    free(pinshim);
}
