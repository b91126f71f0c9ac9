#include "cli/config_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

void config_fault_format(const struct config_error *error, char *out, size_t size)
{
    size_t length;

    config_error_format(error, out, size);
    length = strlen(out);
    if (error->unreadable && access(error->file, F_OK) != 0 && errno == ENOENT)
        snprintf(out + length, size - length,
                 "; write it, or name another with -c FILE or PINSHIM_CONFIG");
}

int config_fault_print(const struct config_error *error)
{
    char text[sizeof(error->file) + sizeof(error->text) + 128];

    config_fault_format(error, text, sizeof(text));
    cli_error("%s", text);
    return error->unreadable ? STATUS_USAGE : STATUS_NO;
}
