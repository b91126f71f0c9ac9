/* A preload that stands in for a name server: every name under example.test is the loopback, for
 * the whole family of calls. Machines differ in what they resolve without a network. */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#pragma GCC visibility push(default)

static const char *address_of(const char *name, int family)
{
    static const char suffix[] = ".example.test";
    size_t length = name ? strlen(name) : 0, end = sizeof suffix - 1;

    if (length < end || strcasecmp(name + length - end, suffix) != 0)
        return name;
    return family == AF_INET6 ? "::1" : "127.0.0.1";
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **results)
{
    int family = hints ? hints->ai_family : AF_UNSPEC;
    int result = REAL(getaddrinfo)(address_of(node, family), service, hints, results);
    struct addrinfo **end = results;

    if (result != 0 || family != AF_UNSPEC || address_of(node, family) == node)
        return result;
    while (*end)
        end = &(*end)->ai_next;
    return REAL(getaddrinfo)(address_of(node, AF_INET6), service, hints, end);
}

struct hostent *gethostbyname(const char *name)
{
    return REAL(gethostbyname)(address_of(name, AF_INET));
}

struct hostent *gethostbyname2(const char *name, int family)
{
    return REAL(gethostbyname2)(address_of(name, family), family);
}

int gethostbyname_r(const char *name, struct hostent *entry, char *buffer, size_t size,
                    struct hostent **found, int *error)
{
    return REAL(gethostbyname_r)(address_of(name, AF_INET), entry, buffer, size, found, error);
}

int gethostbyname2_r(const char *name, int family, struct hostent *entry, char *buffer, size_t size,
                     struct hostent **found, int *error)
{
    return REAL(gethostbyname2_r)(address_of(name, family), family, entry, buffer, size, found,
                                  error);
}
