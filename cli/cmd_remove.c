/* pinshim remove: takes pins out of the config. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/config_open.h"
#include "cli/section_choice.h"

static const struct command_line line = {
    .usage = "remove DOMAIN [PIN] [OPTION...]",
    .about =
        "Takes PIN out of the section for DOMAIN, from pins and backup_pins alike; without\n"
        "PIN the whole section. PIN is written as in the config, or in another form of the\n"
        "same digest. What stands behind a pin on its line goes with it; other comments\n"
        "stay. A section goes with its last pin, unless it is off, for one without pins is\n"
        "an error; and a file of include_dir with its last section and comment. The store\n"
        "is left alone.\n"
        "\n"
        "**.NAME is also NAME with include_subdomains. A plain NAME is the section for that\n"
        "name alone, where there is one. One of no program comes first; --program says\n"
        "which other. Where only some hold PIN, it is one of them. --ports, with all that the\n"
        "section has, tells apart what is named alike.\n",
    .accepted = ARG(PORTS) | ARG(PROGRAM) | ARG(CONFIG),
    .examples = "  pinshim remove api.example.com sha256/xp3s...5s8=\n"
                "  pinshim remove api.example.com\n"
                "  pinshim remove '**.example.com'\n",
    .status = "0 good; 1 there is no such section or pin, or the config would be\n"
              "wrong; 2 wrong usage, or it cannot be read or written.\n",
};

static void report(const struct removal *removal, const char *domain)
{
    cli_print(stdout, "removed %zu pin%s of domain \"%s\" from %s", removal->removed,
              plural(removal->removed), domain, removal->file);
    cli_flush();
    if (removal->empty)
        cli_print(stderr,
                  "pinshim remove: the section stays: with mode = \"off\" and no pins it takes its "
                  "peers out of wider sections; 'pinshim remove DOMAIN' takes it out");
    if (removal->section)
        cli_print(stderr,
                  "pinshim remove: the section is gone%s; its peers are judged by a wider "
                  "section now, else by `unpinned`",
                  removal->file_gone ? ", and its file" : "");
}

static int change_config(struct config_change *change, const struct arguments *arguments)
{
    const char *domain = arguments->rest[0];
    const char *pin = arguments->count > 1 ? arguments->rest[1] : NULL;
    char why[2 * WHY_SIZE];
    struct removal removal;
    struct config after = {0};
    uint32_t section;
    int status = STATUS_NO;

    if (!section_choose(change, domain, pin, arguments, &section, why, sizeof(why)) ||
        !config_change_remove(change, section, pin, &removal, why, sizeof(why)))
        cli_error("%s", why);
    else if (removal.removed == 0 && !removal.section)
        cli_error("domain \"%s\" has no pin %s; 'pinshim list --domain %s' tells which it has",
                  domain, pin, domain);
    else if (!config_change_look(change, &after, why, sizeof(why)))
        cli_error("%s; nothing has changed", why);
    else
        status = config_change_commit(change, why, sizeof(why)) ? STATUS_GOOD : STATUS_USAGE;
    if (status == STATUS_GOOD)
        report(&removal, domain);
    else if (status == STATUS_USAGE)
        cli_error("%s", why);
    config_free(&after);
    return status;
}

int cmd_remove(int argc, char **argv)
{
    struct config_change *change;
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count < 1 || arguments.count > 2) {
        cli_usage_error("name one DOMAIN, and perhaps one PIN");
        return STATUS_USAGE;
    }
    change = config_open(arguments_config(&arguments), false, &status);
    if (!change)
        return status;
    status = change_config(change, &arguments);
    config_change_end(change);
    return status;
}
