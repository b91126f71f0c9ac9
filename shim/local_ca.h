/* The CAs that somebody added to this machine's trust store, beside those of its distribution: what
 * TLS inspection signs with. No decision asks for them; events tell of them.
 *
 * Their files are read with the policy, for no handshake opens any; what is in them is looked at
 * for the first event. */
#ifndef PINSHIM_SHIM_LOCAL_CA_H
#define PINSHIM_SHIM_LOCAL_CA_H

#include <sys/types.h>

#include "config/list.h"
#include "shim/chain.h"
#include "shim/paths.h"

struct local_cas;

/* Reads the files that the distributions take an administrator's own CAs from. What cannot be read,
 * or others may write, has none. Their directories are added to `sources` (sources.h). `user`: see
 * trust.h. NULL when there are none, or memory is short. */
struct local_cas *local_cas_open(uid_t user, struct list *sources);

/* Does a chain end in one of them: is there a path that verifies from `start` to it? All of `sent`
 * has been looked at, in words; `paths` remembers what was found, at the time `now`. NOT_ASKED when
 * memory is short. `cas` may be NULL: then none is there. The caller marks and restores the error
 * queue. */
enum answer local_cas_end(struct local_cas *cas, struct openssl *o, const struct cert_list *sent,
                          const struct path_start *start, int64_t now, struct paths *paths);

/* NULL is fine. */
void local_cas_close(struct local_cas *cas);

#endif
