/* A chain to look at or to pin: out of a file, pasted, or from a server. */
#ifndef PINSHIM_CLI_CHAIN_SOURCE_H
#define PINSHIM_CLI_CHAIN_SOURCE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/arguments.h"
#include "cli/certs.h"
#include "cli/live_chain.h"
#include "config/policy.h"

struct chain_source {
    struct certs certs; /* from leaf to root; then what the store completes it with, then keys */
    size_t count;       /* the certificates among them */
    bool live;          /* from a server, which has proved to have the first one's key */
    struct live_server server;
    X509_STORE *store; /* the system's trust store */
    bool verified;     /* a path for a TLS server up to the store; live: for the name too */
    char reason[200];  /* why not */
};

/* Reads the file `path` ("-": standard input), and puts the certificates into their order. On
 * failure false, and `why`. Free with chain_source_free in either case. */
bool chain_source_file(const char *path, struct chain_source *out, char *why, size_t size);

/* The same from a server; --starttls, --servername and --timeout say how. */
bool chain_source_live(const char *text, const struct arguments *arguments,
                       struct chain_source *out, char *why, size_t size);

/* Where a certificate stands. */
enum position chain_source_position(const struct chain_source *source, size_t i);

/* Is it a file with one certificate, which could be a server's own as well as a CA's? */
bool chain_source_is_either(const struct chain_source *source);

void chain_source_free(struct chain_source *source);

#endif
