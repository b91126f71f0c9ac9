/* The trust anchors that `trust_anchors` names.
 *
 * A process may lose sight of files (chroot, setuid, a sandbox that kills whoever opens one), so no
 * handshake opens any: what may be asked for is read, or at least opened, with the policy. */
#ifndef PINSHIM_SHIM_ANCHORS_H
#define PINSHIM_SHIM_ANCHORS_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/der.h"
#include "config/policy.h"
#include "shim/openssl.h"

struct anchors;

/* Anchors in the PEM or DER file `path`, or in the *.pem, *.crt and *.cer files of that directory.
 * `whole`: reads them all, for anchors_store; else the file is only held open, for
 * anchors_pinned. What cannot be read, or others may write, has none. `user`: see trust.h. NULL
 * when memory or descriptors are short: later there may be more. */
struct anchors *anchors_open(const char *path, uid_t user, bool whole);

/* Adds one certificate to a store that is kept. One that OpenSSL cannot use adds nothing; false
 * when memory is short, and then the store is not to be kept. */
bool anchors_take(struct openssl *o, X509_STORE *store, const struct span *cert);

/* All of them as a store of this OpenSSL; not the caller's to free. NULL when there are none, or
 * when memory is short: the next call tries again. */
X509_STORE *anchors_store(struct anchors *anchors, struct openssl *o);

/* Those that the section pins, in a store of their own, which is the caller's. NULL when there are
 * none. */
X509_STORE *anchors_pinned(struct anchors *anchors, struct openssl *o, const struct policy *policy,
                           const struct policy_section *section);

/* Are these the same certificates, as far as they were read whole? NULL has none. */
bool anchors_same(const struct anchors *before, const struct anchors *now);

/* NULL is fine. */
void anchors_close(struct anchors *anchors);

#endif
