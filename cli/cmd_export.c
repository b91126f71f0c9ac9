/* pinshim export: the pins, for another system. */
#include <stdio.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/config_fault.h"
#include "cli/foreign.h"
#include "cli/foreign_policy.h"
#include "config/config.h"

static const struct command_line line = {
    .usage = "export --format FORMAT [OPTION...] [DOMAIN]",
    .about = "Prints the config's pins as another system writes them: Tyk's pinned_public_keys\n"
             "(tyk), the header of RFC 7469 (hpkp), Android's network-security-config (android),\n"
             "TrustKit's configuration as property list or, with --json, as JSON (trustkit),\n"
             "hosts with their pins for OkHttp (okhttp), curl's --pinnedpubkey (curl). hpkp and\n"
             "curl need DOMAIN; else it is only that section. What the format has no words for is\n"
             "told on standard error; a section that would come out as another one is left out.\n",
    .accepted = ARG(FORMAT) | ARG(CONFIG) | ARG(JSON),
    .examples = "  pinshim export --format okhttp\n"
                "  curl --pinnedpubkey \"$(pinshim export --format curl api.example.com)\" ...\n",
    .status = "0 good, also when something was left out, 1 nothing is left to write, or\n"
              "the config is wrong, 2 wrong usage, or the config cannot be read.\n",
};

static int write_out(const struct foreign_format *format, struct foreign *foreign, bool json)
{
    char why[WHY_SIZE];

    if (!foreign_narrow(format, foreign)) {
        cli_error("out of memory");
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < foreign->lost.count; i++)
        cli_print(stderr, "pinshim export: %s", ((char **)foreign->lost.items)[i]);
    if (foreign->sections.count == 0) {
        cli_error("there is no section left to write");
        return STATUS_NO;
    }
    if (foreign->sections.count > 1 && !(format->says & CAN_MANY)) {
        cli_error("%zu sections are of that domain; the format has room for one",
                  foreign->sections.count);
        return STATUS_NO;
    }
    if (!format->write(foreign, json, stdout, why, sizeof(why))) {
        cli_error("%s", why);
        return STATUS_USAGE;
    }
    return STATUS_GOOD;
}

static int export(const struct foreign_format *format, const struct arguments *arguments)
{
    const char *domain = arguments->count > 0 ? arguments->rest[0] : NULL;
    struct config config = {0};
    struct config_error error = {0};
    struct foreign foreign = {0};
    int status = STATUS_USAGE;

    if (!config_load(arguments_config(arguments), geteuid(), &config, &error)) {
        status = config_fault_print(&error);
    } else if (!foreign_from_config(&config, domain, &foreign)) {
        cli_error("out of memory");
    } else if (domain && foreign.sections.count == 0) {
        cli_error("no section is for \"%s\"; 'pinshim list' tells which there are", domain);
        status = STATUS_NO;
    } else {
        status = write_out(format, &foreign, given(arguments, ARG_JSON));
    }
    foreign_free(&foreign);
    config_free(&config);
    return status;
}

int cmd_export(int argc, char **argv)
{
    const struct foreign_format *format;
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    format = foreign_format_find(arguments.value[ARG_FORMAT]);
    if (!format)
        return STATUS_USAGE;
    if (arguments.count > 1 || (format->one_domain && arguments.count == 0)) {
        cli_usage_error(format->one_domain ? "name the DOMAIN" : "name one DOMAIN at most");
        return STATUS_USAGE;
    }
    return export(format, &arguments);
}
