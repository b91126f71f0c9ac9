/* Finding OpenSSL when it is there: every libssl is bound before it is called through a hook, and
 * registered with (context.h) when there is a policy, before it makes its first SSL_CTX. */
#ifndef PINSHIM_SHIM_LIBRARY_H
#define PINSHIM_SHIM_LIBRARY_H

#include "shim/openssl.h"

/* Takes note of libssl objects that have come since the last call. Cheap when none has: for each
 * dlsym. Calls nothing in OpenSSL but what registers. */
void library_notice(void);

/* The binding for a call that hands over `object` (an SSL or SSL_CTX) or, for a new SSL_CTX, its
 * `method`; either may be NULL. NULL when no usable libssl is in the process. */
struct openssl *library_for(const void *object, const SSL_METHOD *method);

#endif
