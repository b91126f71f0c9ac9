/* What the command says of itself. */
#include <ctype.h>
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

/* What the manual page says of a command: its part of the synopsis, and its section. */
static const char *manual_of(const char *page, const char *name)
{
    const char *use = strstr(page, scratch_format(scratch, "\n.Nm pinshim %s\n", name));
    const char *section = strstr(page, scratch_format(scratch, "\n.Ss pinshim %s\n", name));

    cr_assert(use && section, "no %s in the manual page", name);
    return scratch_format(scratch, "%.*s%.*s", (int)(strstr(use + 4, "\n.Nm pinshim") - use), use,
                          (int)(strstr(section + 4, "\n.S") - section), section);
}

/* Does a word stand there, with nothing of a word behind it? */
static bool has_word(const char *text, const char *word)
{
    while ((text = strstr(text, word)) &&
           (isalnum(text[strlen(word)]) || text[strlen(word)] == '-'))
        text++;
    return text != NULL;
}

/* An option that help has and the manual page has not is one that nobody finds. */
Test(help, options_in_the_manual)
{
    const char *page = scratch_read(scratch, "docs/pinshim.1");

    for (size_t i = 0; i < COMMANDS; i++) {
        struct outcome outcome = PINSHIM(commands[i], "--help");
        const char *manual = manual_of(page, commands[i]), *line = outcome.out;

        for (; (line = strstr(line, "\n  -")); line++) {
            char letter = line[4] == '-' ? '\0' : line[4];
            const char *option = letter ? line + 7 : line + 3;
            int length = (int)strspn(option, "-abcdefghijklmnopqrstuvwxyz");
            const char *name = scratch_format(scratch, "%.*s", length, option);

            if (strcmp(name, "--help") == 0)
                continue;
            cr_expect(has_word(manual, scratch_format(scratch, " %s", name + 1)) ||
                          (letter && has_word(manual, scratch_format(scratch, "Fl %c", letter))),
                      "%s: no %s", commands[i], name);
        }
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
