/* Keys and certificates in files, PEM (RFC 7468) or DER. */
#ifndef PINSHIM_CONFIG_KEY_FILE_H
#define PINSHIM_CONFIG_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/list.h"
#include "config/pin.h"

/* Makes the SPKI pin of the one public key or certificate in `data`. A private key is refused by
 * name, as are several keys in one file. On failure returns false and puts the reason and the
 * mend into `why`. */
bool pin_from_key_file(const uint8_t *data, size_t length, struct pin *out, char *why, size_t size);

/* Adds the certificates in `data` to a list of struct span (der.h), each with malloc'ed octets.
 * False, and `why`, when one is malformed or there is none. Free with certificates_free in either
 * case. */
bool certificates_from_file(const uint8_t *data, size_t length, struct list *certs, char *why,
                            size_t size);
void certificates_free(struct list *certs);

#endif
