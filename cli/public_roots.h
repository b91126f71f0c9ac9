/* The roots that everybody trusts: those of the system's trust store that did not come from this
 * machine's own administrator. */
#ifndef PINSHIM_CLI_PUBLIC_ROOTS_H
#define PINSHIM_CLI_PUBLIC_ROOTS_H

#include <openssl/x509.h>

#include "config/policy.h"

struct public_roots;

/* Reads them. NULL when memory is out. Free with public_roots_free. */
struct public_roots *public_roots_new(void);

/* A root whose key or certificate the pin names; NULL when it names none. */
X509 *public_roots_find(const struct public_roots *roots, const struct policy_pin *pin);

void public_roots_free(struct public_roots *roots);

#endif
