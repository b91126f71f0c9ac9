/* Tags of sessions must not agree by chance, nor by anybody's choice of a name. */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "shim/hash.h"

static uint64_t random_salt(void)
{
    uint64_t salt = 0;

    for (int i = 0; i < 8; i++)
        salt = salt << 8 | (unsigned)(rand() & 0xff);
    return salt;
}

enum { SALTS = 2000 };

/* Changes of one and the same bit in words that follow each other cancel out in weaker ones. */
Test(hash, names_that_differ_in_one_bit_of_each_word)
{
    char one[24], other[24];
    unsigned same = 0;

    for (unsigned bit = 0; bit < 64; bit++)
        for (unsigned words = 1; words < 8; words++) {
            memset(one, 'a', sizeof one);
            memset(other, 'a', sizeof other);
            for (unsigned word = 0; word < 3; word++)
                if ((words >> word & 1) != 0)
                    other[8 * word + bit / 8] ^= (char)(1 << bit % 8);
            for (unsigned i = 0; i < SALTS / 10; i++) {
                uint64_t salt = random_salt();
                same += hash_octets(salt, 1, one, sizeof one) ==
                        hash_octets(salt, 1, other, sizeof other);
            }
        }
    cr_expect_eq(same, 0, "%u of them", same);
}

Test(hash, length_and_start_and_salt_count)
{
    static const char zeros[16];

    for (unsigned i = 0; i < SALTS; i++) {
        uint64_t salt = random_salt(), hash = hash_octets(salt, 0, zeros, 8);
        cr_expect_neq(hash, hash_octets(salt, 0, zeros, 7));
        cr_expect_neq(hash, hash_octets(salt, 0, zeros, 16));
        cr_expect_neq(hash, hash_octets(salt, 1, zeros, 8));
        cr_expect_neq(hash, hash_octets(random_salt(), 0, zeros, 8));
    }
}

/* Half of all bits, wherever the octets differ. */
Test(hash, spreads)
{
    for (unsigned bit = 0; bit < 128; bit++) {
        unsigned changed = 0;
        for (unsigned i = 0; i < SALTS; i++) {
            unsigned char octets[16] = {0};
            uint64_t salt = random_salt(), before = hash_octets(salt, 0, octets, sizeof octets);
            octets[bit / 8] ^= (unsigned char)(1 << bit % 8);
            before ^= hash_octets(salt, 0, octets, sizeof octets);
            changed += (unsigned)__builtin_popcountll(before);
        }
        cr_expect(changed > 30 * SALTS && changed < 34 * SALTS, "bit %u: %u", bit, changed);
    }
}
