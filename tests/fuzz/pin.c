/* Pins as text. What is accepted is written and read again as the same pin, and OpenSSL decodes it
 * to the same octets; any octets make a pin that is read as what they are. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "config/base64.h"
#include "config/pin.h"
#include "tests/fuzz/support/fuzz.h"

static bool same(const struct pin *a, const struct pin *b)
{
    return a->kind == b->kind && memcmp(a->digest, b->digest, DIGEST_SIZE) == 0;
}

/* Reads what was written. */
static void expect_round_trip(const struct pin *pin)
{
    static const uint8_t nothing[DIGEST_SIZE] = {/* SHA-256 of no octets */
                                                 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                                 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                                 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                                 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
    char text[PIN_TEXT_SIZE], again[PIN_TEXT_SIZE], why[300] = "";
    struct pin back;
    bool good;

    pin_format(pin, text);
    good = pin_parse(text, &back, why, sizeof why);
    if (memcmp(pin->digest, nothing, sizeof nothing) == 0) {
        HOLDS(!good && why[0] != '\0');
        return;
    }
    HOLDS(good);
    HOLDS(same(pin, &back));
    pin_format(&back, again);
    HOLDS(strcmp(text, again) == 0);
}

/* Base 64 as OpenSSL reads it, which wants its padding. */
static void expect_same_base64(const char *text, const struct pin *pin)
{
    unsigned char out[48];

    if (strlen(text) != 44 || text[43] != '=' || text[42] == '=')
        return;
    HOLDS(EVP_DecodeBlock(out, (const unsigned char *)text, 44) == 33);
    HOLDS(memcmp(out, pin->digest, DIGEST_SIZE) == 0);
}

static void read_text(const char *text)
{
    struct pin pin, untouched;
    char why[300] = "";

    memset(&pin, 0xa5, sizeof pin);
    untouched = pin;
    if (pin_parse(text, &pin, why, sizeof why)) {
        expect_round_trip(&pin);
        HOLDS(strncmp(text, pin.kind == PIN_CERT ? "cert-sha256/" : "sha256/",
                      pin.kind == PIN_CERT ? 12 : 7) == 0);
        if (pin.kind == PIN_SPKI)
            expect_same_base64(text + (text[7] == '/' && strlen(text) > 51 ? 8 : 7), &pin);
    } else {
        HOLDS(memcmp(&pin, &untouched, sizeof pin) == 0);
        HOLDS(why[0] != '\0' && strlen(why) < sizeof why);
    }
}

static void decode(const uint8_t *input, size_t size)
{
    char *text = malloc(BASE64_SIZE(size));
    uint8_t *out = malloc(size + 1);

    HOLDS(text != NULL && out != NULL);
    base64_encode(input, size, text);
    HOLDS(base64_decode(text, strlen(text), 0, out, size) == (ssize_t)size);
    HOLDS(size == 0 || memcmp(out, input, size) == 0);
    HOLDS(size == 0 || base64_decode(text, strlen(text), 0, out, size - 1) == -1);
    HOLDS(base64_decode((const char *)input, size, 1, out, size + 1) <= (ssize_t)size);
    free(text);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fuzz_input all = {input, input + size};
    char *text = fuzz_text(&all, "\n", NULL);
    struct pin pin = {.kind = size % 2 ? PIN_SPKI : PIN_CERT};

    read_text(text);
    memcpy(pin.digest, input, size < DIGEST_SIZE ? size : DIGEST_SIZE);
    expect_round_trip(&pin);
    decode(input, size);
    free(text);
    return 0;
}
