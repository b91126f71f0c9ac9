/* The pinshim command: a table of sub-commands. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/suggest.h"

static const struct command {
    const char *name;
    int (*function)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"run", cmd_run, "start a program with its TLS connections pinned"},
    {"pin", cmd_pin, "print the pins of certificates and public keys"},
    {"show", cmd_show, "show a certificate chain, with the pin to use"},
    {"add", cmd_add, "add a pin, from a file, a server or by hand"},
    {"list", cmd_list, "the pins: whose they are, and until when"},
    {"remove", cmd_remove, "take pins, or a domain's section, out"},
    {"edit", cmd_edit, "edit a domain's section; checked before it lands"},
    {"store", cmd_store, "the keys and certificates that pins came from"},
    {"check", cmd_check, "read a config as the shim would, and warn"},
    {"compile", cmd_compile, "write the policy in the form that needs no parsing"},
    {"test", cmd_test, "what the policy says of a chain: a file's, or a server's"},
    {"report", cmd_report, "what a trial saw, and which domains are ready to enforce"},
    {"learn", cmd_learn, "a proposed config for what a trial saw"},
    {"import", cmd_import, "take in the pins of another system"},
    {"refresh", cmd_refresh, "meet the certificates of pins that are unknown"},
    {"export", cmd_export, "write the pins for another system"},
    {"script", cmd_script, "print a shell script that makes pins with openssl alone"},
    {"doctor", cmd_doctor, "will the shim see the TLS of a program, or of a process?"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int overview(FILE *stream)
{
    fputs("Usage: pinshim COMMAND [ARGUMENT...]\n\nCommands:\n", stream);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-8s %s\n", commands[i].name, commands[i].help);
    fputs("\n'pinshim help COMMAND' tells more; so does pinshim(1).\n", stream);
    return stream == stderr ? STATUS_USAGE : STATUS_GOOD;
}

static int unknown(const char *name)
{
    const char *names[COMMANDS], *nearest;

    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    nearest = suggest(name, names, COMMANDS);
    if (nearest)
        cli_usage_error("there is no command '%s'; did you mean '%s'?", name, nearest);
    else
        cli_usage_error("there is no command '%s'", name);
    return STATUS_USAGE;
}

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    char *help[] = {NULL, (char[]){"--help"}, NULL};
    const struct command *command;

    if (!name)
        return overview(stderr);
    if (strcmp(name, "--version") == 0) {
        puts("pinshim " PINSHIM_VERSION);
        return STATUS_GOOD;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
        (strcmp(name, "help") == 0 && argc == 2))
        return overview(stdout);
    if (strcmp(name, "help") == 0) {
        name = help[0] = argv[2];
        argc = 2;
        argv = help;
    } else {
        argc--;
        argv++;
    }
    command = find(name);
    if (!command)
        return unknown(name);
    cli_set_command(command->name);
    return command->function(argc, argv);
}

int main(int argc, char **argv)
{
    int status;

    setlocale(LC_CTYPE, "");
    status = dispatch(argc, argv);
    return cli_end_output() ? status : STATUS_USAGE;
}
