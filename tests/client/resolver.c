#include "tests/client/resolver.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/client/options.h"

/* Of the address that is connected to. */
static int family(void)
{
    return strchr(options.address, ':') ? AF_INET6 : AF_INET;
}

static void by_getaddrinfo(const char *name)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *results;
    int error = getaddrinfo(name, NULL, &hints, &results);

    if (error != 0)
        die("%s: %s", name, gai_strerror(error));
    freeaddrinfo(results);
}

static void *thread_main(void *name)
{
    by_getaddrinfo(name);
    return NULL;
}

/* In a thread that is gone when the connection is made. */
static void by_thread(char *name)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, thread_main, name) != 0)
        die("pthread_create");
    pthread_join(thread, NULL);
}

static void by_gethostbyname(const char *name)
{
    if (!gethostbyname(name))
        die("%s: gethostbyname", name);
}

static void by_gethostbyname2(const char *name)
{
    if (!gethostbyname2(name, family()))
        die("%s: gethostbyname2", name);
}

static void by_gethostbyname_r(const char *name)
{
    char buffer[4096];
    struct hostent entry, *found;
    int error;

    if (gethostbyname_r(name, &entry, buffer, sizeof buffer, &found, &error) != 0 || !found)
        die("%s: gethostbyname_r", name);
}

static void by_gethostbyname2_r(const char *name)
{
    char buffer[4096];
    struct hostent entry, *found;
    int error;

    if (gethostbyname2_r(name, family(), &entry, buffer, sizeof buffer, &found, &error) != 0 ||
        !found)
        die("%s: gethostbyname2_r", name);
}

static void resolve(char *name)
{
    const char *by = options.resolver ? options.resolver : "getaddrinfo";

    if (strcmp(by, "gethostbyname") == 0)
        by_gethostbyname(name);
    else if (strcmp(by, "gethostbyname_r") == 0)
        by_gethostbyname_r(name);
    else if (strcmp(by, "gethostbyname2") == 0)
        by_gethostbyname2(name);
    else if (strcmp(by, "gethostbyname2_r") == 0)
        by_gethostbyname2_r(name);
    else if (strcmp(by, "thread") == 0)
        by_thread(name);
    else
        by_getaddrinfo(name);
}

void resolver_run(void)
{
    char *names, *rest, *name;

    if (!options.resolve || option_is(options.resolver, "none"))
        return;
    names = rest = strdup(options.resolve);
    while ((name = strsep(&rest, ",")))
        resolve(name);
    free(names);
}
