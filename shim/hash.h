/* A hash of octets that nobody can aim at without the salt. */
#ifndef PINSHIM_SHIM_HASH_H
#define PINSHIM_SHIM_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 hash_product;

/* Both halves of a product: each bit of both factors has a part in each bit of it, or nearly. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    hash_product product = (hash_product)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* `hash` with these octets taken in. The salt is 64 random bits. */
static inline uint64_t hash_octets(uint64_t salt, uint64_t hash, const void *octets, size_t length)
{
    const uint64_t some = 0x9e3779b97f4a7c15, others = 0xd1b54a32d192ed03; /* no more than odd */
    const char *from = octets;

    for (size_t done = 0; done < length; done += sizeof hash) {
        uint64_t word = 0;
        memcpy(&word, from + done, length - done < sizeof word ? length - done : sizeof word);
        hash = hash_fold(hash ^ word ^ some, salt ^ others);
    }
    return hash_fold(hash ^ length ^ others, salt ^ some);
}

#endif
