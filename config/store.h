/* The store: a directory of public keys and certificates, each in a file (PEM or DER) whose name
 * begins with the first 16 or more hex digits of its SPKI's SHA-256, in lower case. `store:ID`
 * names one. */
#ifndef PINSHIM_CONFIG_STORE_H
#define PINSHIM_CONFIG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/list.h"
#include "config/pin.h"

/* The fewest hex digits of an ID. */
#define STORE_ID_MIN 16

/* What to do where an entry is missing. */
#define STORE_MEND "; `pinshim store add FILE` puts it there"

struct store {
    char *path;        /* malloc'ed; of the directory */
    struct list names; /* malloc'ed strings, sorted */
};

/* Is `id` 16 to 64 hex digits? */
bool store_id_valid(const char *id);

/* Reads the directory. On failure false, with the reason and the mend in `why`. Free with
 * store_close in either case. */
bool store_open(struct store *store, const char *path, uid_t user, char *why, size_t size);
void store_close(struct store *store);

/* The pin of the entry `id`; what lies under a name is believed only if its key has that ID. Files
 * are added to `sources` (sources.h) before they are read. On failure false, and `why`. */
bool store_find(const struct store *store, const char *id, uid_t user, struct list *sources,
                struct pin *out, char *why, size_t size);

#endif
