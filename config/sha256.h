/* SHA-256 (FIPS 180-4), for what is hashed before a program's OpenSSL may be called: pin files
 * and the policy's id. Certificates in a handshake are hashed by the program's own OpenSSL. */
#ifndef PINSHIM_CONFIG_SHA256_H
#define PINSHIM_CONFIG_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* octets so far */
    uint8_t block[64];
};

void sha256_init(struct sha256 *ctx);
void sha256_update(struct sha256 *ctx, const void *data, size_t length);
void sha256_final(struct sha256 *ctx, uint8_t digest[32]);

/* All of the above for one buffer. */
void sha256(const void *data, size_t length, uint8_t digest[32]);

#endif
