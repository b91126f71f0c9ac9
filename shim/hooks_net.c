/* What the program resolves and connects to, noted on the way (resolved.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "shim/hooks.h"
#include "shim/next.h"
#include "shim/resolved.h"
#include "shim/runtime.h"

/* Finds the real function once, the next preload's or libc's, which always has it. */
#define REAL(name)                                                                                 \
    static _Atomic(__typeof__(&(name))) cached;                                                    \
    __typeof__(&(name)) real = atomic_load_explicit(&cached, memory_order_relaxed);                \
    if (real == NULL) {                                                                            \
        real = (__typeof__(&(name)))next_function(#name);                                          \
        atomic_store_explicit(&cached, real, memory_order_relaxed);                                \
    }

static bool noting(void)
{
    enum runtime_state state = runtime_state();

    if (state == RUNTIME_UNKNOWN) { /* called by another library's constructor, before ours */
        runtime_start();
        state = runtime_state();
    }
    return state != RUNTIME_SLEEPING && !runtime_busy();
}

PINSHIM_EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    REAL(connect)
    int result = real(fd, address, length), saved = errno;
    struct address peer;
    uint16_t port;

    if ((result == 0 || saved == EINPROGRESS) && noting() && address != NULL &&
        length >= sizeof address->sa_family && address_from_sockaddr(address, length, &peer, &port))
        connected_note(fd, &peer, port);
    errno = saved;
    return result;
}

/* An address in a name's place names nobody, however it is written: it must not hide the name that
 * the program resolved before (BIO_do_connect of what inet_ntop gave). */
static bool is_name(const char *node)
{
    struct address address;
    struct in_addr in;

    return node != NULL && !address_parse(node, &address) && inet_aton(node, &in) == 0;
}

PINSHIM_EXPORT int getaddrinfo(const char *restrict node, const char *restrict service,
                               const struct addrinfo *restrict hints,
                               struct addrinfo **restrict results)
{
    REAL(getaddrinfo)
    int result = real(node, service, hints, results), saved = errno;

    if (result == 0 && noting() && is_name(node))
        resolved_note_addrinfo(node, *results);
    errno = saved;
    return result;
}

static void note(const char *name, const struct hostent *found)
{
    int saved = errno;

    if (found != NULL && noting() && is_name(name))
        resolved_note_hostent(name, found);
    errno = saved;
}

PINSHIM_EXPORT struct hostent *gethostbyname(const char *name)
{
    REAL(gethostbyname)
    struct hostent *found = real(name);

    note(name, found);
    return found;
}

PINSHIM_EXPORT struct hostent *gethostbyname2(const char *name, int family)
{
    REAL(gethostbyname2)
    struct hostent *found = real(name, family);

    note(name, found);
    return found;
}

PINSHIM_EXPORT int gethostbyname_r(const char *restrict name, struct hostent *restrict entry,
                                   char *restrict buffer, size_t size,
                                   struct hostent **restrict found, int *restrict error)
{
    REAL(gethostbyname_r)
    int result = real(name, entry, buffer, size, found, error);

    note(name, result == 0 ? *found : NULL);
    return result;
}

PINSHIM_EXPORT int gethostbyname2_r(const char *restrict name, int family,
                                    struct hostent *restrict entry, char *restrict buffer,
                                    size_t size, struct hostent **restrict found,
                                    int *restrict error)
{
    REAL(gethostbyname2_r)
    int result = real(name, family, entry, buffer, size, found, error);

    note(name, result == 0 ? *found : NULL);
    return result;
}
