#include "cli/config_open.h"

#include "cli/cli.h"

struct config_change *config_open(const char *path, bool look, int *status)
{
    struct config_change *change;
    char why[2 * WHY_SIZE];
    bool unreadable;

    change = look ? config_change_peek(path, &unreadable, why, sizeof(why))
                  : config_change_begin(path, &unreadable, why, sizeof(why));
    if (!change) {
        cli_error("%s", why);
        *status = unreadable ? STATUS_USAGE : STATUS_NO;
    }
    return change;
}
