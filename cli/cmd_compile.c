/* pinshim compile: the policy in the form that the shim maps without parsing. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config/config.h"
#include "config/image.h"

static const char help[] =
    "Usage: pinshim compile [--check] [FILE]\n"
    "\n"
    "Writes the policy of a config (without FILE: $PINSHIM_CONFIG, else\n" DEFAULT_CONFIG
    ") to FILE.compiled. Processes map that instead of\n"
    "parsing, for as long as the config and all that it names (includes, keys, the\n"
    "store) have the size and time that they had; after a change they parse again,\n"
    "until this is run again.\n"
    "\n"
    "  --check  write nothing; is there a compiled form that would be used?\n"
    "  --help   this text\n"
    "\n"
    "Exit status: 0 good; 1 the config is wrong, or --check says no; 2 wrong usage,\n"
    "or a file that cannot be read or written.\n";

static int check(const char *path, const char *compiled)
{
    struct image *image;
    char why[WHY_SIZE];
    enum image_result result = image_open(compiled, path, geteuid(), &image, why, sizeof(why));

    if (result == IMAGE_GOOD)
        cli_print(stdout, "%s: %u sections, policy %s", compiled, image->policy->sections.count,
                  image->id);
    else
        cli_error("%s: %s", compiled,
                  result == IMAGE_NONE    ? "there is none; run pinshim compile"
                  : result == IMAGE_STALE ? "the config has changed since; run pinshim compile"
                                          : why);
    image_close(image);
    return result == IMAGE_GOOD ? STATUS_GOOD : STATUS_NO;
}

static int compile(const char *path, const char *compiled)
{
    struct config config;
    struct config_error error;
    char why[WHY_SIZE], line[sizeof(error.file) + sizeof(error.text) + 32], id[17];
    int status = STATUS_GOOD;

    if (!config_load(path, geteuid(), &config, &error)) {
        config_error_format(&error, line, sizeof(line));
        cli_error("%s", line);
        status = error.unreadable ? STATUS_USAGE : STATUS_NO;
    } else if (!image_write(compiled, &config, why, sizeof(why))) {
        cli_error("%s: %s", compiled, why);
        status = STATUS_USAGE;
    } else {
        policy_id(config.policy, id);
        cli_print(stdout, "%s: %u sections, policy %s", compiled, config.policy->sections.count,
                  id);
    }
    config_free(&config);
    return status;
}

int cmd_compile(int argc, char **argv)
{
    static const struct option longs[] = {
        {"check", no_argument, NULL, 'k'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *path = cli_environment("PINSHIM_CONFIG");
    char *absolute, *compiled;
    bool only_check = false;
    int option, status = STATUS_USAGE;

    while ((option = cli_option(argc, argv, ":h", longs)) != -1) {
        if (option == 'h')
            return cli_help(help);
        if (option == '?')
            return STATUS_USAGE;
        only_check = true;
    }
    if (argc - optind > 1) {
        cli_usage_error("one file at a time");
        return STATUS_USAGE;
    }
    if (optind < argc)
        path = argv[optind];
    absolute = cli_absolute(path ? path : DEFAULT_CONFIG);
    compiled = absolute ? image_path(absolute) : NULL;
    if (!compiled)
        cli_error("%m");
    else
        status = only_check ? check(absolute, compiled) : compile(absolute, compiled);
    free(compiled);
    free(absolute);
    return status;
}
