#include "shim/resolved.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

enum { NAMES_MAX = 512, CONNECTIONS_MAX = 256 };

/* `version` is odd while the entry is written, 0 before it ever was. `stamp` orders entries. */
struct resolved {
    atomic_uint version;
    atomic_ulong stamp;
    struct address address;
    char name[NAME_SIZE];
};

struct connection {
    atomic_uint version;
    atomic_ulong stamp;
    int fd;
    uint16_t port;
    struct address address;
};

static struct resolved names[NAMES_MAX];
static struct connection connections[CONNECTIONS_MAX];
static atomic_uint next_name, next_connection;
static atomic_ulong last_stamp;

static unsigned in_use(atomic_uint *next, unsigned max)
{
    unsigned n = atomic_load(next);

    return n < max ? n : max;
}

/* Takes the entry for writing; false when somebody else is at it. */
static bool begin_write(atomic_uint *version)
{
    unsigned now = atomic_load(version);

    return (now & 1) == 0 && atomic_compare_exchange_strong(version, &now, now + 1);
}

static void end_write(atomic_uint *version)
{
    atomic_fetch_add(version, 1);
}

/* Copies an entry's contents. False when it is empty or being written. */
static bool read_name(const struct resolved *entry, struct resolved *out)
{
    unsigned before = atomic_load(&entry->version);

    if (before == 0 || (before & 1) != 0)
        return false;
    out->address = entry->address;
    memcpy(out->name, entry->name, sizeof out->name);
    atomic_store(&out->stamp, atomic_load(&entry->stamp));
    atomic_thread_fence(memory_order_acquire);
    return atomic_load(&entry->version) == before;
}

static bool read_connection(const struct connection *entry, struct connection *out)
{
    unsigned before = atomic_load(&entry->version);

    if (before == 0 || (before & 1) != 0)
        return false;
    out->fd = entry->fd;
    out->port = entry->port;
    out->address = entry->address;
    atomic_store(&out->stamp, atomic_load(&entry->stamp));
    atomic_thread_fence(memory_order_acquire);
    return atomic_load(&entry->version) == before;
}

void resolved_note(const char *name, const struct address *address)
{
    unsigned long stamp = atomic_fetch_add(&last_stamp, 1) + 1;
    unsigned count = in_use(&next_name, NAMES_MAX);
    char normal[NAME_SIZE];
    struct resolved copy, *entry;

    if (!name_normalise(name, strlen(name), normal))
        return;
    for (unsigned i = 0; i < count; i++)
        if (read_name(&names[i], &copy) && address_equal(&copy.address, address) &&
            strcmp(copy.name, normal) == 0) {
            atomic_store(&names[i].stamp, stamp);
            return;
        }
    entry = &names[atomic_fetch_add(&next_name, 1) % NAMES_MAX];
    if (!begin_write(&entry->version))
        return;
    entry->address = *address;
    strcpy(entry->name, normal);
    atomic_store(&entry->stamp, stamp);
    end_write(&entry->version);
}

void resolved_note_addrinfo(const char *name, const struct addrinfo *results)
{
    const struct addrinfo *last = NULL;
    struct address address, before = {0};

    /* Each address comes once for each kind of socket. */
    for (; results != NULL; last = results, results = results->ai_next) {
        if (results->ai_addr == NULL ||
            !address_from_sockaddr(results->ai_addr, results->ai_addrlen, &address, NULL))
            continue;
        if (last == NULL || !address_equal(&address, &before))
            resolved_note(name, &address);
        before = address;
    }
}

void resolved_note_hostent(const char *name, const struct hostent *results)
{
    for (char **at = results->h_addr_list; at != NULL && *at != NULL; at++) {
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        struct address address;

        if (results->h_addrtype == AF_INET && results->h_length == sizeof in.sin_addr) {
            memcpy(&in.sin_addr, *at, sizeof in.sin_addr);
            address_from_sockaddr((struct sockaddr *)&in, sizeof in, &address, NULL);
        } else if (results->h_addrtype == AF_INET6 && results->h_length == sizeof in6.sin6_addr) {
            memcpy(&in6.sin6_addr, *at, sizeof in6.sin6_addr);
            address_from_sockaddr((struct sockaddr *)&in6, sizeof in6, &address, NULL);
        } else {
            continue;
        }
        resolved_note(name, &address);
    }
}

void connected_note(int fd, const struct address *address, uint16_t port)
{
    unsigned count = in_use(&next_connection, CONNECTIONS_MAX);
    struct connection copy, *entry = NULL;

    for (unsigned i = 0; i < count && entry == NULL; i++)
        if (read_connection(&connections[i], &copy) && copy.fd == fd)
            entry = &connections[i];
    if (entry == NULL)
        entry = &connections[atomic_fetch_add(&next_connection, 1) % CONNECTIONS_MAX];
    if (!begin_write(&entry->version))
        return;
    entry->fd = fd;
    entry->port = port;
    entry->address = *address;
    atomic_store(&entry->stamp, atomic_fetch_add(&last_stamp, 1) + 1);
    end_write(&entry->version);
}

bool resolved_name(const struct address *address, char out[NAME_SIZE])
{
    unsigned count = in_use(&next_name, NAMES_MAX);
    unsigned long latest = 0;
    struct resolved copy;

    for (unsigned i = 0; i < count; i++)
        if (read_name(&names[i], &copy) && address_equal(&copy.address, address) &&
            copy.stamp > latest) {
            latest = copy.stamp;
            strcpy(out, copy.name);
        }
    return latest != 0;
}

static bool resolved_to(const char *name, const struct address *address)
{
    unsigned count = in_use(&next_name, NAMES_MAX);
    struct resolved copy;

    for (unsigned i = 0; i < count; i++)
        if (read_name(&names[i], &copy) && address_equal(&copy.address, address) &&
            strcmp(copy.name, name) == 0)
            return true;
    return false;
}

/* A descriptor may have been closed, and its number reused, without our knowing. */
static bool still_connected(const struct connection *c)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    struct address address;
    uint16_t port;

    return getpeername(c->fd, (struct sockaddr *)&peer, &length) == 0 &&
           address_from_sockaddr((struct sockaddr *)&peer, length, &address, &port) &&
           port == c->port && address_equal(&address, &c->address);
}

bool connected_to(const char *name, struct address *address, uint16_t *port, bool *same_port)
{
    unsigned count = in_use(&next_connection, CONNECTIONS_MAX);
    char normal[NAME_SIZE];
    struct address literal = {0};
    unsigned long latest = 0;
    struct connection copy;

    if (!address_parse(name, &literal) && !name_normalise(name, strlen(name), normal))
        return false;
    *same_port = true;
    for (unsigned i = 0; i < count; i++) {
        if (!read_connection(&connections[i], &copy) ||
            !(literal.bits != 0 ? address_equal(&literal, &copy.address)
                                : resolved_to(normal, &copy.address)) ||
            !still_connected(&copy))
            continue;
        if (latest != 0 && copy.port != *port)
            *same_port = false;
        if (copy.stamp > latest) {
            latest = copy.stamp;
            *address = copy.address;
            *port = copy.port;
        }
    }
    return latest != 0;
}

bool connected_only(struct address *address, uint16_t *port)
{
    unsigned count = in_use(&next_connection, CONNECTIONS_MAX), found = 0;
    struct connection copy;

    for (unsigned i = 0; i < count && found < 2; i++)
        if (read_connection(&connections[i], &copy) && still_connected(&copy)) {
            found++;
            *address = copy.address;
            *port = copy.port;
        }
    return found == 1;
}
