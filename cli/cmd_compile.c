/* pinshim compile: the policy in the form that the shim maps without parsing. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/config_fault.h"
#include "config/config.h"
#include "config/image.h"

static const struct command_line line = {
    .usage = "compile [OPTION...] [FILE]",
    .about = "Writes the policy of a config (FILE, or as below) to FILE.compiled. Processes map\n"
             "that instead of parsing, for as long as the config and all that it names\n"
             "(includes, keys, the store) have the size and time that they had; after a change\n"
             "they parse again, until this is run again.\n",
    .accepted = ARG(CHECK) | ARG(CONFIG),
    .examples = "  pinshim compile /etc/pinshim/pinshim.conf\n"
                "  pinshim compile --check\n",
    .status = "0 good; 1 the config is wrong, or --check says no; 2 wrong usage,\n"
              "or a file that cannot be read or written.\n",
};

/* What a form holds. */
static void tell(const char *compiled, uint32_t sections, const char *id)
{
    cli_print(stdout, "%s: %u section%s, policy %s", compiled, sections, plural(sections), id);
}

static int check(const char *path, const char *compiled)
{
    struct image *image;
    char why[WHY_SIZE];
    enum image_result result = image_open(compiled, path, geteuid(), &image, why, sizeof(why));

    if (result == IMAGE_GOOD)
        tell(compiled, image->policy->sections.count, image->id);
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
    char why[WHY_SIZE], id[17];
    int status = STATUS_GOOD;

    if (!config_load(path, geteuid(), &config, &error)) {
        status = config_fault_print(&error);
    } else if (!image_write(compiled, &config, why, sizeof(why))) {
        cli_error("%s: %s", compiled, why);
        status = STATUS_USAGE;
    } else {
        policy_id(config.policy, id);
        tell(compiled, config.policy->sections.count, id);
    }
    config_free(&config);
    return status;
}

int cmd_compile(int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);
    char *absolute, *compiled;
    const char *path;

    if (status >= 0)
        return status;
    status = STATUS_USAGE;
    path = arguments_config_file(&arguments);
    if (!path)
        return status;
    absolute = cli_absolute(path);
    compiled = absolute ? image_path(absolute) : NULL;
    if (!compiled)
        cli_error("%m");
    else
        status = (given(&arguments, ARG_CHECK) ? check : compile)(absolute, compiled);
    free(compiled);
    free(absolute);
    return status;
}
