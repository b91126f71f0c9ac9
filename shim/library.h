/* Finding OpenSSL when it is there: every libssl is bound before it is called through a hook, and
 * registered with (context.h) when there is a policy, before it makes its first SSL_CTX. */
#ifndef PINSHIM_SHIM_LIBRARY_H
#define PINSHIM_SHIM_LIBRARY_H

#include "shim/openssl.h"

/* Takes note of libssl objects that have come since the last call, and reads the policy when it
 * finds one. Cheap when none has: for each dlsym. Registering is the first call into OpenSSL that
 * allocates, after which the program's CRYPTO_set_mem_functions fails; so it is left to the first
 * SSL_CTX_new (`registers`), unless that could pass us by. */
void library_notice(bool registers);

/* May this library be called by who does not meet our hooks? */
bool library_passes_by(const struct openssl *o);

/* Somebody has got one of libssl's own functions in a hook's place, or may have. */
void library_passed_by(void);

/* A plugin is being opened RTLD_DEEPBIND. */
void library_deepbound(void);

/* An object is being opened in a namespace of its own (dlmopen), where nothing is seen of its TLS:
 * says so, once, where there is a policy; reads that for it. */
void library_apart(const char *file);

/* The binding for a call that hands over `object` (an SSL or SSL_CTX) or, for a new SSL_CTX, its
 * `method`; either may be NULL. NULL when no usable libssl is in the process. */
struct openssl *library_for(const void *object, const SSL_METHOD *method);

/* The same for an SSL that was made before: it comes from where library_for has looked, if anything
 * has been seen of it. */
struct openssl *library_of(const SSL *ssl);

#endif
