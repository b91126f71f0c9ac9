/* pinshim run: starts a program with libpinshim.so preloaded. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/preload.h"
#include "cli/target.h"
#include "config/policy.h"
#include "config/sink_name.h"

static const char help[] =
    "Usage: pinshim run [-c FILE] [-m MODE] [-e SINKS] [--] PROGRAM [ARGUMENT...]\n"
    "\n"
    "Starts PROGRAM in this very process, with libpinshim.so preloaded: its TLS\n"
    "connections are then held against the pins of the config. A program that the\n"
    "shim cannot be loaded into is not started.\n"
    "\n"
    "  -c, --config FILE    the config (else $PINSHIM_CONFIG, else\n"
    "                       " DEFAULT_CONFIG ")\n"
    "  -m, --mode MODE      off, audit or enforce, instead of the config's\n"
    "  -e, --events SINKS   where events go, separated by commas: stderr, file:PATH,\n"
    "                       syslog, journald, unix:PATH, none\n"
    "  -h, --help           this text\n"
    "\n"
    "Exit status: the program's own; 125 pinshim failed, 126 PROGRAM cannot be\n"
    "executed protected, 127 it was not found.\n";

struct run {
    const char *config, *mode, *sinks;
};

static bool export(const char *name, const char *value)
{
    if (setenv(name, value, 1) == 0)
        return true;
    cli_error("cannot set %s: %m", name);
    return false;
}

/* The shim must find the config from wherever the program goes. What is in it is for the shim to
 * judge: it knows how to fail closed. */
static bool export_config(const struct run *run)
{
    const char *path = run->config ? run->config : cli_environment("PINSHIM_CONFIG");
    char *absolute;
    bool good;

    if (!path) {
        unsetenv("PINSHIM_CONFIG");
        return true;
    }
    absolute = cli_absolute(path);
    if (!absolute) {
        cli_error("cannot tell where %s is: %m", path);
        return false;
    }
    good = export("PINSHIM_CONFIG", absolute);
    free(absolute);
    return good;
}

/* Without any config the shim sleeps: a program believed to be protected would run as it is. */
static bool has_config(const struct run *run)
{
    const char *mode = run->mode ? run->mode : cli_environment("PINSHIM_MODE");

    if (run->config || cli_environment("PINSHIM_CONFIG") || access(DEFAULT_CONFIG, F_OK) == 0 ||
        errno != ENOENT || (mode && strcmp(mode, "off") == 0))
        return true;
    cli_error("there is no config, so nothing would be protected: name one with -c FILE, or "
              "write " DEFAULT_CONFIG);
    return false;
}

/* The sink with its path, if it has one, from the root on; malloc'ed. NULL when that fails. */
static char *absolute_sink(const char *sink)
{
    const char *path = config_sink_path(sink);
    char *absolute, *result = NULL;

    if (!path || !path[0])
        return strdup(sink);
    absolute = cli_absolute(path);
    if (!absolute || asprintf(&result, "%.*s%s", (int)(path - sink), sink, absolute) < 0)
        result = NULL;
    free(absolute);
    return result;
}

/* Adds one sink to the comma-separated list in *list. */
static bool add_sink(char **list, const char *sink)
{
    char why[WHY_SIZE], *absolute = absolute_sink(sink), *longer = NULL;
    bool good = false;

    if (!absolute)
        cli_error("cannot make %s absolute: %m", sink);
    else if (strchr(absolute, ','))
        cli_error("cannot write events to %s: the current directory has a comma in its name", sink);
    else if (!config_sink_valid(absolute, why, sizeof(why)))
        cli_usage_error("events '%s': %s", sink, why);
    else if (asprintf(&longer, "%s%s%s", *list ? *list : "", *list ? "," : "", absolute) < 0)
        cli_error("out of memory");
    else
        good = true;
    free(absolute);
    if (good) {
        free(*list);
        *list = longer;
    }
    return good;
}

static bool export_sinks(const char *sinks)
{
    char *copy = strdup(sinks), *rest = copy, *sink, *list = NULL;
    bool good = copy != NULL;

    while (good && (sink = strsep(&rest, ",")))
        good = add_sink(&list, sink);
    good = good && export("PINSHIM_EVENTS", list);
    free(list);
    free(copy);
    return good;
}

static bool export_preload(void)
{
    char why[WHY_SIZE], *object = preload_object(why, sizeof(why)), *value;
    bool good;

    if (!object) {
        cli_error("%s", why);
        return false;
    }
    value = preload_value(object, cli_environment("LD_PRELOAD"));
    good = value && export("LD_PRELOAD", value);
    free(value);
    free(object);
    return good;
}

static bool export_all(const struct run *run)
{
    return (!run->sinks || export_sinks(run->sinks)) && has_config(run) && export_config(run) &&
           (!run->mode || export("PINSHIM_MODE", run->mode)) && export_preload();
}

static int start(const struct run *run, char **argv)
{
    char why[WHY_SIZE], *path = NULL;
    int status = target_find(argv[0], &path, why, sizeof(why));

    if (status == 0)
        status = target_check(path, why, sizeof(why));
    if (status != 0) {
        cli_error("%s", why);
    } else if (!export_all(run)) {
        status = STATUS_OWN_FAILURE;
    } else {
        /* Like execvp of the name: it has a slash, so nothing is searched again, and a script
         * without "#!" goes to the shell. */
        execvp(path, argv);
        cli_error("cannot execute %s: %m", path);
        status = STATUS_CANNOT_EXECUTE;
    }
    free(path);
    return status;
}

/* One option; false when it was wrong, and that is said. */
static bool take(int option, struct run *run)
{
    enum mode mode;

    switch (option) {
    case 'c':
        run->config = optarg;
        break;
    case 'm':
        run->mode = optarg;
        if (!mode_parse(optarg, &mode)) {
            cli_usage_error("there is no mode '%s': it is off, audit or enforce", optarg);
            return false;
        }
        break;
    case 'e':
        run->sinks = optarg;
        break;
    default:
        return false;
    }
    if (*optarg)
        return true;
    cli_usage_error("option -%c needs a value that is not empty", option);
    return false;
}

int cmd_run(int argc, char **argv)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"mode", required_argument, NULL, 'm'},
                                          {"events", required_argument, NULL, 'e'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct run run = {0};
    int option;

    while ((option = cli_option(argc, argv, "+:c:m:e:h", longs)) != -1) {
        if (option == 'h')
            return cli_help(help);
        if (!take(option, &run))
            return STATUS_OWN_FAILURE;
    }
    if (optind == argc) {
        cli_usage_error("name the program to run");
        return STATUS_OWN_FAILURE;
    }
    return start(&run, argv + optind);
}
