#include "config/sha256.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/evp.h>

#include "config/text.h"

TestSuite(sha256);

/* NIST's examples for FIPS 180-4. */
static const struct {
    const char *message, *digest;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

static void expect_hex(const uint8_t digest[32], const char *want)
{
    char hex[65];
    struct text text;

    text_init(&text, hex, sizeof hex);
    text_add_hex(&text, digest, 32);
    cr_expect_str_eq(hex, want);
}

Test(sha256, vectors)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint8_t digest[32];

        sha256(vectors[i].message, strlen(vectors[i].message), digest);
        expect_hex(digest, vectors[i].digest);
    }
}

Test(sha256, a_million_times_a)
{
    struct sha256 ctx;
    uint8_t digest[32];
    char block[1000];

    memset(block, 'a', sizeof block);
    sha256_init(&ctx);
    for (int i = 0; i < 1000; i++)
        sha256_update(&ctx, block, sizeof block);
    sha256_final(&ctx, digest);
    expect_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void openssl_sha256(const void *data, size_t length, uint8_t digest[32])
{
    cr_assert(EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) == 1);
}

Test(sha256, every_length_as_openssl)
{
    uint8_t data[200], digest[32], want[32];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 37 + 11);
    for (size_t length = 0; length <= sizeof data; length++) {
        sha256(data, length, digest);
        openssl_sha256(data, length, want);
        cr_expect_arr_eq(digest, want, 32, "%zu octets", length);
    }
}

Test(sha256, in_pieces)
{
    uint8_t data[300], digest[32], want[32];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 101 + 3);
    openssl_sha256(data, sizeof data, want);
    for (size_t piece = 1; piece <= 130; piece++) {
        struct sha256 ctx;

        sha256_init(&ctx);
        for (size_t at = 0; at < sizeof data; at += piece)
            sha256_update(&ctx, data + at, sizeof data - at < piece ? sizeof data - at : piece);
        sha256_final(&ctx, digest);
        cr_expect_arr_eq(digest, want, 32, "in pieces of %zu", piece);
    }
}
