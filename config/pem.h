/* PEM (RFC 7468): the blocks of a text, one after the other; what is between them is skipped. */
#ifndef PINSHIM_CONFIG_PEM_H
#define PINSHIM_CONFIG_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pem_reader {
    const char *at, *end;
};

struct pem_block {
    const char *label; /* in the text: "CERTIFICATE"; not NUL-terminated */
    size_t label_length;
    const char *body, *body_end; /* base64, in the text */
    uint8_t *der;                /* pem_next: malloc'ed; the caller's to free */
    size_t length;
};

enum pem_result { PEM_BLOCK, PEM_END, PEM_BROKEN };

struct pem_reader pem_open(const uint8_t *data, size_t length);

/* Finds the next block, and leaves it encoded. Results as for pem_next. */
enum pem_result pem_find(struct pem_reader *reader, struct pem_block *out, char *why, size_t size);

/* Decodes a block into `out`, which has room for (body_end - body) octets. Returns how many it has;
 * -1 when it is not base64. */
ssize_t pem_decode(const struct pem_block *block, uint8_t *out);

/* Reads the next block. PEM_BROKEN: `why` has the reason and the mend, and `out` nothing to free.
 * A private key is refused so. */
enum pem_result pem_next(struct pem_reader *reader, struct pem_block *out, char *why, size_t size);

/* Is this its label? */
bool pem_is(const struct pem_block *block, const char *label);

/* Is it a certificate, in OpenSSL's TRUSTED form perhaps, which has more behind it? */
bool pem_is_certificate(const struct pem_block *block);
bool pem_is_trusted(const struct pem_block *block);

#endif
