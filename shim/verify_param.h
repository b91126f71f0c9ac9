/* The name that the program asked OpenSSL to verify (X509_VERIFY_PARAM_set1_host and its like). */
#ifndef PINSHIM_SHIM_VERIFY_PARAM_H
#define PINSHIM_SHIM_VERIFY_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/openssl.h"

/* OpenSSL 1.1.1 has no getter: finds where it keeps name and address, by setting ones of our own
 * in an object of our own. To be called once, when OpenSSL may be called. */
void verify_param_learn(struct openssl *o);

/* The first name in `param`, else its address as text; cut when `out` is too small for it. False
 * when there is neither. */
bool verify_param_host(struct openssl *o, const X509_VERIFY_PARAM *param, char *out, size_t size);

#endif
