/* The trust anchors that `trust_anchors` names: read once, decoded when they are first asked for.
 */
#ifndef PINSHIM_SHIM_ANCHORS_H
#define PINSHIM_SHIM_ANCHORS_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/openssl.h"

struct anchors;

/* Anchors in the PEM or DER file `path`, or in the *.pem, *.crt and *.cer files of that directory;
 * nothing is read yet. `user`: see trust.h. NULL when memory is short. */
struct anchors *anchors_new(const char *path, uid_t user);

/* Reads the files now, for a process that may lose sight of them later. */
void anchors_read(struct anchors *anchors);

/* Are these the same certificates? Reads those that came later, unless nobody has asked for the
 * ones before. */
bool anchors_same(struct anchors *before, struct anchors *now);

/* The anchors as a store of this OpenSSL; not the caller's to free. NULL when there are none that
 * can be read. */
X509_STORE *anchors_store(struct anchors *anchors, struct openssl *o);

/* NULL is fine. */
void anchors_free(struct anchors *anchors);

#endif
