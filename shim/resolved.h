/* What the program resolved and where it connected to: two small tables that give a peer its
 * name and port when OpenSSL knows neither (no SNI, a BIO of the program's own).
 *
 * Lock-free: an entry that is being written, by whomever, even by a thread that a fork left
 * behind, is skipped by readers. Bounded: the oldest entries are written over. */
#ifndef PINSHIM_SHIM_RESOLVED_H
#define PINSHIM_SHIM_RESOLVED_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/name.h"

/* Notes that the program resolved `name` to `address`. */
void resolved_note(const char *name, const struct address *address);

/* The same for all results of getaddrinfo, and of the gethostbyname family. */
void resolved_note_addrinfo(const char *name, const struct addrinfo *results);
void resolved_note_hostent(const char *name, const struct hostent *results);

/* Notes that descriptor `fd` was connected to `address` and `port` (host order). */
void connected_note(int fd, const struct address *address, uint16_t port);

/* The name that was last resolved to `address`; false when none was. */
bool resolved_name(const struct address *address, char out[NAME_SIZE]);

/* The latest connection that still stands to an address that `name` was resolved to, or, when
 * `name` is itself an address, to that; `same_port`: all such connections have its port. False
 * when there is none. */
bool connected_to(const char *name, struct address *address, uint16_t *port, bool *same_port);

/* A connection that stands in this process. */
struct standing {
    struct address address;
    uint16_t port;
    int fd;
    unsigned long stamp; /* later ones have greater ones */
};

/* The connections that stand and belong to nobody, or to `owner`: one a call, from `*at` = 0 on,
 * false when there are no more. Owner 0: all of them. */
bool connected_next(unsigned *at, uintptr_t owner, struct standing *out);

/* Descriptor `fd` belongs to `owner`, until it is connected anew. */
void connected_own(int fd, uintptr_t owner);

#endif
