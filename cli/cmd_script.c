/* pinshim script: pins without pinshim. */
#include "cli/arguments.h"
#include "cli/cli.h"

static const struct command_line line = {
    .usage = "script",
    .about = "Prints a POSIX shell script that makes pins with the openssl command alone (1.1.1\n"
             "or later), for machines without pinshim. It prints what 'pinshim pin' prints, of\n"
             "files, or of the certificates that a server sends now; it tells its usage itself.\n",
    .examples = "  pinshim script >pins.sh\n"
                "  sh pins.sh server.pem\n"
                "  sh pins.sh --server api.example.com\n",
    .status = "0 good, 2 wrong usage.\n",
};

static const char script[] =
#include "pins_script.h"
    ;

int cmd_script(int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count != 0) {
        cli_usage_error("it takes no arguments: the script does, once it is printed");
        return STATUS_USAGE;
    }
    cli_write(script);
    return STATUS_GOOD;
}
