/* Names and addresses of peers, and the patterns that sections write for them.
 *
 * One set of rules for the config and for the wire (docs/names.md): ASCII, case-folded, all
 * trailing dots dropped (RFC 4343, RFC 1034 section 3.1); an empty label makes a name useless. */
#ifndef PINSHIM_CONFIG_NAME_H
#define PINSHIM_CONFIG_NAME_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* A DNS name is at most 253 octets as text (RFC 1035 section 2.3.4); one more for the NUL. */
#define NAME_SIZE 254

/* An IPv4 or IPv6 address. IPv4-mapped addresses are kept as IPv4. */
struct address {
    uint8_t bits;      /* 32 or 128; 0: not an address */
    uint8_t bytes[16]; /* network order; IPv4 in the first four */
};

/* Text form of an address: INET6_ADDRSTRLEN covers both families. */
#define ADDRESS_SIZE 46

/* What a section's title stands for. The order is the order of precedence for names. */
enum pattern_kind {
    PATTERN_EXACT,     /* example.com */
    PATTERN_ANY_DEPTH, /* **.example.com: the name and everything under it */
    PATTERN_ONE_LABEL, /* *.example.com: exactly one label under it */
    PATTERN_NETWORK,   /* an address (full prefix) or a CIDR block (RFC 4632) */
};

struct pattern {
    enum pattern_kind kind;
    char name[NAME_SIZE]; /* normalised, without the wildcard; empty for a network */
    struct address network;
    uint8_t prefix;
};

/* Normalises the `length` octets of `text` into `out`: lower case, trailing dots dropped.
 * False, and `out` untouched, when no peer can have that name: empty, too long, an empty label,
 * an octet that is not a printable ASCII character. */
bool name_normalise(const char *text, size_t length, char out[NAME_SIZE]);

/* Reads an address as text (RFC 4291 section 2.2 for IPv6; brackets and a zone are allowed and
 * dropped). False, and `out` untouched, when it is none. */
bool address_parse(const char *text, struct address *out);

/* Takes the address, and into `port` (when not NULL, host order) the port, out of a socket
 * address. False for families other than AF_INET and AF_INET6. */
bool address_from_sockaddr(const struct sockaddr *sa, socklen_t length, struct address *out,
                           uint16_t *port);

/* Writes the address as text. An address of 0 bits gives "". */
void address_format(const struct address *address, char out[ADDRESS_SIZE]);

bool address_equal(const struct address *a, const struct address *b);

/* Clears all bits behind the first `prefix`. */
void address_mask(struct address *address, unsigned prefix);

/* Reads a section's title. On failure returns false and puts into `why` (size octets) the reason
 * and what to write instead. */
bool pattern_parse(const char *title, struct pattern *out, char *why, size_t size);

#endif
