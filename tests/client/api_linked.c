/* For the executable that is linked to libssl. */
#include "tests/client/api.h"

#include <string.h>

#include "tests/client/options.h"

void api_load(const char *how)
{
    if (strcmp(how, "plt") != 0)
        die("--load %s: tls-client-dl does that", how);
    api_direct(&api);
}

void api_unload(void)
{
    die("--reload: tls-client-dl does that");
}
