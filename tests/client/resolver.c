#include "tests/client/resolver.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/client/options.h"

static void by_getaddrinfo(const char *name)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *results;
    int error = getaddrinfo(name, NULL, &hints, &results);

    if (error != 0)
        die("%s: %s", name, gai_strerror(error));
    freeaddrinfo(results);
}

static void by_gethostbyname_r(const char *name)
{
    char buffer[4096];
    struct hostent entry, *found;
    int error;

    if (gethostbyname_r(name, &entry, buffer, sizeof buffer, &found, &error) != 0 || !found)
        die("%s: gethostbyname_r", name);
}

void resolver_run(void)
{
    const char *by = options.resolver ? options.resolver : "getaddrinfo";

    if (!options.resolve || strcmp(by, "none") == 0)
        return;
    if (strcmp(by, "gethostbyname") == 0) {
        if (!gethostbyname(options.resolve))
            die("%s: gethostbyname", options.resolve);
    } else if (strcmp(by, "gethostbyname_r") == 0) {
        by_gethostbyname_r(options.resolve);
    } else {
        by_getaddrinfo(options.resolve);
    }
}
