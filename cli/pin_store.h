/* The store as a whole: what lies in it, and changes to it (config/store.h reads single entries).
 *
 * An entry is a PEM file: ID-FINGERPRINT.pem for a certificate, ID.pub.pem for a public key; ID and
 * FINGERPRINT are the first 16 hex digits of the SHA-256 of the key and of the certificate. */
#ifndef PINSHIM_CLI_PIN_STORE_H
#define PINSHIM_CLI_PIN_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/certs.h"
#include "config/list.h"

#define STORE_ID_SIZE 17

struct store_entry {
    char *file;             /* malloc'ed path */
    char id[STORE_ID_SIZE]; /* "": the file is no entry … */
    char *damage;           /* … and this is why; malloc'ed */
    struct cert cert;
    struct pin key, certificate; /* the latter only with cert.x509 */
};

struct pin_store {
    char *path;          /* malloc'ed */
    struct list entries; /* struct store_entry, sorted by file name */
    struct list index;   /* of entries, for pin_store_find */
};

/* Reads the directory; one that is not there is an empty store. On failure false, and `why`. Free
 * with pin_store_free in either case. */
bool pin_store_read(const char *path, struct pin_store *out, char *why, size_t size);
void pin_store_free(struct pin_store *store);

/* The entry for a key's pin or a certificate's; of several certificates the one that holds longest.
 * NULL: there is none. */
const struct store_entry *pin_store_find(const struct pin_store *store, const struct pin *pin);

/* Puts a certificate or key into the store at `path`, which is made if need be. *file: where
 * it lies, malloc'ed; *fresh: it was not there before. On failure false, and `why`. */
bool pin_store_put(const char *path, const struct cert *cert, char **file, bool *fresh, char *why,
                   size_t size);

/* The ID of a pin's digest. */
void store_id(const struct pin *key, char out[STORE_ID_SIZE]);

#endif
