/* HOST[:PORT] as people type it. */
#ifndef PINSHIM_CLI_HOST_PORT_H
#define PINSHIM_CLI_HOST_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/name.h"

struct host_port {
    char host[NAME_SIZE];   /* as typed, without brackets */
    struct address address; /* 0 bits: the host is a name */
    uint16_t port;          /* 0: not given */
};

/* Reads HOST, HOST:PORT, an address, ADDRESS:PORT for IPv4, [ADDRESS]:PORT for IPv6. On failure
 * false, and the reason in `why`. */
bool host_port_parse(const char *text, struct host_port *out, char *why, size_t size);

/* Reads a port: a number from 1 to 65535. */
bool port_parse(const char *text, uint16_t *port);

#endif
