/* The system's trust store, changed as an administrator of Debian does it. */
#ifndef PINSHIM_CLI_SYSTEM_TRUST_H
#define PINSHIM_CLI_SYSTEM_TRUST_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

/* Where update-ca-certificates(8) takes an administrator's own CAs from. */
#define LOCAL_CAS "/usr/local/share/ca-certificates"

/* May this process do so? False, and the reason and the mend in `why`, when it is not root or there
 * is no update-ca-certificates(8). */
bool system_trust_possible(char *why, size_t size);

/* Writes the CA to LOCAL_CAS and runs update-ca-certificates. When that
 * fails the file is taken away again: false, and `why`. */
bool system_trust_add(X509 *ca, char *why, size_t size);

#endif
