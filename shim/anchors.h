/* The trust anchors that `trust_anchors` names: read once, parsed when they are first asked for. */
#ifndef PINSHIM_SHIM_ANCHORS_H
#define PINSHIM_SHIM_ANCHORS_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/openssl.h"

struct anchors;

/* Anchors in the PEM or DER file `path`, or in the *.pem, *.crt and *.cer files of that directory;
 * nothing is read yet. `user`: see trust.h. NULL when memory is short. */
struct anchors *anchors_new(const char *path, uid_t user);

/* Reads the files now, for a process that may lose sight of them later, or be killed for opening
 * them. To be called before another thread knows of them. */
void anchors_fetch(struct anchors *anchors);

/* Parses them, too, so that no handshake has to. */
void anchors_read(struct anchors *anchors);

/* The anchors as a store of this OpenSSL; not the caller's to free. NULL when there are none that
 * can be read. */
X509_STORE *anchors_store(struct anchors *anchors, struct openssl *o);

/* NULL is fine. */
void anchors_free(struct anchors *anchors);

#endif
