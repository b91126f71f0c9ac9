/* Which TLS is in a file, by its name and by what is in it. */
#ifndef PINSHIM_CLI_TLS_LIBRARY_H
#define PINSHIM_CLI_TLS_LIBRARY_H

#include <stdbool.h>

#include "cli/elf_content.h"
#include "config/list.h"

enum tls_library {
    TLS_OPENSSL,
    TLS_LIBRESSL,
    TLS_BORINGSSL,
    TLS_GNUTLS,
    TLS_NSS,
    TLS_MBEDTLS,
    TLS_WOLFSSL,
    TLS_GO,
    TLS_RUSTLS,
    TLS_JAVA,
    TLS_BUSYBOX,
};

/* How it comes into the process. */
enum tls_how {
    TLS_LINKED,   /* a shared library, there from the start */
    TLS_OPENED,   /* a shared library whose name stands in the file, for dlopen */
    TLS_BUILT_IN, /* in the file itself */
};

#define TLS_VERSION_SIZE 24

struct tls_use {
    enum tls_library library;
    enum tls_how how;
    char *file;                     /* malloc'ed: the library, or the file it is in */
    char *by;                       /* malloc'ed: what brings it; NULL: the program itself */
    char version[TLS_VERSION_SIZE]; /* "": not known */
    char missing[64];               /* OpenSSL: a function that the shim needs and it lacks */
    bool seen;                      /* the shim sees what it does */
};

/* Is a file of that name a TLS library? */
bool tls_library_named(const char *path, enum tls_library *out);

/* Adds to `uses` (struct tls_use) what TLS the object has: by its name `path`, and what else is
 * built into it, or opened by it. OpenSSL's own libcrypto is at `crypto`, NULL when that is not
 * known. False when memory is out. Free with tls_uses_free. */
bool tls_library_find(const struct elf_content *content, const char *path, const char *crypto,
                      struct list *uses);

void tls_uses_free(struct list *uses);

/* "OpenSSL". */
const char *tls_library_name(enum tls_library library);
/* "linked". */
const char *tls_how_name(enum tls_how how);

#endif
