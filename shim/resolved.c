#include "shim/resolved.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

enum { NAMES_MAX = 512, CONNECTIONS_MAX = 256 };

/* What one entry says. */
struct named {
    struct address address;
    char name[NAME_SIZE];
};

struct connected {
    int fd; /* in the first word, see is_of */
    uint16_t port;
    struct address address;
};

/* Threads read an entry while others write it: so what it says is kept in words, each of which is
 * read and written whole. `version` is odd while that is written, 0 before it ever was. `stamp`
 * orders entries, from 1 on. */
struct entry {
    atomic_uint version;
    atomic_ulong stamp;
};

typedef atomic_ulong word;
#define WORDS(type) ((sizeof(type) + sizeof(word) - 1) / sizeof(word))

struct named_entry {
    struct entry entry;
    word words[WORDS(struct named)];
};

struct connected_entry {
    struct entry entry;
    atomic_uintptr_t owner; /* 0: nobody's yet */
    word words[WORDS(struct connected)];
};

static struct named_entry names[NAMES_MAX];
static struct connected_entry connections[CONNECTIONS_MAX];
static atomic_uint next_name, next_connection;
static atomic_ulong last_stamp;

static unsigned in_use(atomic_uint *next, unsigned max)
{
    unsigned n = atomic_load(next);

    return n < max ? n : max;
}

static unsigned long next_stamp(void)
{
    return atomic_fetch_add(&last_stamp, 1) + 1;
}

/* Does nothing when another thread is at it. Whoever reads a word of a new content, by acquiring
 * it, then finds the version changed. */
static void write_entry(struct entry *entry, word *words, const void *from, size_t size,
                        unsigned long stamp)
{
    unsigned now = atomic_load(&entry->version);

    if ((now & 1) != 0 || !atomic_compare_exchange_strong(&entry->version, &now, now + 1))
        return;
    for (size_t done = 0; done < size; done += sizeof *words) {
        unsigned long value = 0, left = size - done;
        memcpy(&value, (const char *)from + done, left < sizeof value ? left : sizeof value);
        atomic_store_explicit(words++, value, memory_order_release);
    }
    atomic_store(&entry->stamp, stamp);
    atomic_fetch_add(&entry->version, 1);
}

/* Copies the first `size` octets of what an entry says. Returns its stamp; 0 when it is empty or
 * being written. */
static unsigned long read_entry(const struct entry *entry, const word *words, void *to, size_t size)
{
    unsigned before = atomic_load(&entry->version);
    unsigned long stamp = atomic_load(&entry->stamp);

    if (before == 0 || (before & 1) != 0)
        return 0;
    for (size_t done = 0; done < size; done += sizeof *words) {
        unsigned long value = atomic_load_explicit(words++, memory_order_acquire);
        size_t left = size - done;
        memcpy((char *)to + done, &value, left < sizeof value ? left : sizeof value);
    }
    return atomic_load(&entry->version) == before ? stamp : 0;
}

/* The same of an entry for this address; 0 for others, without reading all of them. */
static unsigned long read_name(const struct named_entry *from, const struct address *address,
                               struct named *out)
{
    unsigned long stamp = read_entry(&from->entry, from->words, out, sizeof out->address);

    if (stamp == 0 || !address_equal(&out->address, address))
        return 0;
    stamp = read_entry(&from->entry, from->words, out, sizeof *out);
    return address_equal(&out->address, address) ? stamp : 0;
}

static unsigned long read_connection(const struct connected_entry *from, struct connected *out)
{
    return read_entry(&from->entry, from->words, out, sizeof *out);
}

/* Is the entry this descriptor's, to be written anew? Only one word of it is read for that. */
static bool is_of(const struct connected_entry *entry, int fd)
{
    unsigned long first = atomic_load_explicit(&entry->words[0], memory_order_acquire);
    unsigned version = atomic_load(&entry->entry.version);

    return version != 0 && (version & 1) == 0 && memcmp(&first, &fd, sizeof fd) == 0;
}

/* Where a new entry goes in a table of `max` of `size` octets each: behind the others, else over
 * the one that was used longest ago, and that nobody is writing (a thread that a fork left behind
 * may seem to for ever). */
static void *place_for_new(void *table, size_t size, atomic_uint *next, unsigned max)
{
    unsigned place = atomic_load(next), version;
    unsigned long oldest = ULONG_MAX, stamp;

    if (place < max && (place = atomic_fetch_add(next, 1)) < max)
        return (char *)table + place * size;
    place = 0;
    for (unsigned i = 0; i < max; i++) {
        const struct entry *entry = (const void *)((char *)table + i * size);
        version = atomic_load_explicit(&entry->version, memory_order_relaxed);
        stamp = atomic_load_explicit(&entry->stamp, memory_order_relaxed);
        if ((version & 1) == 0 && stamp < oldest) {
            oldest = stamp;
            place = i;
        }
    }
    return (char *)table + place * size;
}

void resolved_note(const char *name, const struct address *address)
{
    unsigned long stamp = next_stamp();
    unsigned count = in_use(&next_name, NAMES_MAX);
    struct named noted = {.address = *address}, copy;
    struct named_entry *to;

    if (!name_normalise(name, strlen(name), noted.name))
        return;
    for (unsigned i = 0; i < count; i++)
        if (read_name(&names[i], address, &copy) != 0 && strcmp(copy.name, noted.name) == 0) {
            atomic_store(&names[i].entry.stamp, stamp);
            return;
        }
    to = place_for_new(names, sizeof *names, &next_name, NAMES_MAX);
    write_entry(&to->entry, to->words, &noted, sizeof noted, stamp);
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
    struct connected noted = {.address = *address, .port = port, .fd = fd};
    struct connected_entry *to = NULL;

    for (unsigned i = 0; i < count && to == NULL; i++)
        if (is_of(&connections[i], fd))
            to = &connections[i];
    if (to == NULL)
        to = place_for_new(connections, sizeof *connections, &next_connection, CONNECTIONS_MAX);
    atomic_store(&to->owner, 0);
    write_entry(&to->entry, to->words, &noted, sizeof noted, next_stamp());
}

void connected_own(int fd, uintptr_t owner)
{
    unsigned count = in_use(&next_connection, CONNECTIONS_MAX);

    for (unsigned i = 0; i < count; i++)
        if (is_of(&connections[i], fd)) {
            atomic_store(&connections[i].owner, owner);
            return;
        }
}

bool resolved_name(const struct address *address, char out[NAME_SIZE])
{
    unsigned count = in_use(&next_name, NAMES_MAX);
    unsigned long latest = 0, stamp;
    struct named copy;

    for (unsigned i = 0; i < count; i++)
        if ((stamp = read_name(&names[i], address, &copy)) > latest) {
            latest = stamp;
            strcpy(out, copy.name);
        }
    return latest != 0;
}

static bool resolved_to(const char *name, const struct address *address)
{
    unsigned count = in_use(&next_name, NAMES_MAX);
    struct named copy;

    for (unsigned i = 0; i < count; i++)
        if (read_name(&names[i], address, &copy) != 0 && strcmp(copy.name, name) == 0)
            return true;
    return false;
}

/* A descriptor may have been closed, and its number reused, without our knowing. */
static bool still_connected(const struct connected *c)
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
    unsigned long latest = 0, stamp;
    struct connected copy;

    if (!address_parse(name, &literal) && !name_normalise(name, strlen(name), normal))
        return false;
    *same_port = true;
    for (unsigned i = 0; i < count; i++) {
        if ((stamp = read_connection(&connections[i], &copy)) == 0 ||
            !(literal.bits != 0 ? address_equal(&literal, &copy.address)
                                : resolved_to(normal, &copy.address)) ||
            !still_connected(&copy))
            continue;
        if (latest != 0 && copy.port != *port)
            *same_port = false;
        if (stamp > latest) {
            latest = stamp;
            *address = copy.address;
            *port = copy.port;
        }
    }
    return latest != 0;
}

bool connected_next(unsigned *at, uintptr_t owner, struct standing *out)
{
    unsigned count = in_use(&next_connection, CONNECTIONS_MAX);
    struct connected copy;

    while (*at < count) {
        const struct connected_entry *entry = &connections[(*at)++];
        uintptr_t belongs = atomic_load(&entry->owner);

        if ((owner != 0 && belongs != 0 && belongs != owner) ||
            (out->stamp = read_connection(entry, &copy)) == 0 || !still_connected(&copy))
            continue;
        out->address = copy.address;
        out->port = copy.port;
        out->fd = copy.fd;
        return true;
    }
    return false;
}
