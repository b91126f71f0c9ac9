#include "config/pin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/base64.h"
#include "config/text.h"

/* What hashing nothing gives: the output of a pipeline whose openssl failed. */
static const uint8_t HASH_OF_NOTHING[DIGEST_SIZE] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 64 hex digits, a colon allowed between octets. */
static bool hex_digest(const char *text, uint8_t out[DIGEST_SIZE])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        int high, low;
        if (i > 0 && *text == ':')
            text++;
        high = hex_value(text[0]);
        low = high < 0 ? -1 : hex_value(text[1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text == '\0';
}

static bool digest_parse(const char *text, bool hex, uint8_t out[DIGEST_SIZE], char *why,
                         size_t size)
{
    uint8_t decoded[DIGEST_SIZE * 2];
    ssize_t n;

    if (hex && hex_digest(text, out))
        return true;
    n = base64_decode(text, strlen(text), 0, decoded, sizeof decoded);
    if (n == DIGEST_SIZE) {
        memcpy(out, decoded, DIGEST_SIZE);
        return true;
    }
    if (strpbrk(text, " \t\r\n") != NULL)
        snprintf(why, size, "it has white space in it; write one pin without any");
    else if (n < 0)
        snprintf(why, size, "it is not %s of 32 octets",
                 hex ? "the hex digits (or base64)" : "the base64");
    else
        snprintf(why, size, "it has %zd octets and a SHA-256 has 32; copy the whole pin", n);
    return false;
}

/* Reads the digest of a pin of that kind. */
static bool pin_of(enum pin_kind kind, const char *digest, struct pin *out, char *why, size_t size)
{
    struct pin pin = {.kind = kind};

    if (!digest_parse(digest, kind == PIN_CERT, pin.digest, why, size))
        return false;
    if (memcmp(pin.digest, HASH_OF_NOTHING, DIGEST_SIZE) == 0) {
        snprintf(why, size,
                 "it is the SHA-256 of nothing: the command that made it had no input; make the "
                 "pin again with `pinshim pin FILE`");
        return false;
    }
    *out = pin;
    return true;
}

bool pin_parse_spki(const char *digest, struct pin *out, char *why, size_t size)
{
    return pin_of(PIN_SPKI, digest, out, why, size);
}

/* A '/' and 42 digits: a digest that begins with '/', without its padding; or one behind
 * "sha256//" that has lost its end, and would become another key's. */
static bool is_ambiguous(const char *digest)
{
    return *digest == '/' && strlen(digest) == 43 && strchr(digest, '=') == NULL;
}

bool pin_parse(const char *text, struct pin *out, char *why, size_t size)
{
    if (strncmp(text, "cert-sha256/", 12) == 0)
        return pin_of(PIN_CERT, text + 12, out, why, size);
    if (strncmp(text, "sha256/", 7) != 0) {
        snprintf(why, size,
                 "a pin begins with sha256/, cert-sha256/, file: or store:; `pinshim pin FILE` "
                 "prints one");
        return false;
    }
    text += 7;
    if (is_ambiguous(text)) {
        snprintf(why, size,
                 "it may be sha256// and a digest that has lost its end, or a digest that begins "
                 "with /; copy the whole pin, with the = at its end");
        return false;
    }
    /* curl and HPKP's users write two slashes; '/' may also be the first base64 digit, but then 42
     * more follow it. */
    return pin_of(PIN_SPKI, text + (*text == '/' && strcspn(text, "=") != 43), out, why, size);
}

void pin_format_digest(enum pin_kind kind, const uint8_t digest[DIGEST_SIZE],
                       char out[PIN_TEXT_SIZE])
{
    struct text text;

    text_init(&text, out, PIN_TEXT_SIZE);
    if (kind == PIN_CERT) {
        text_add(&text, "cert-sha256/");
        text_add_hex(&text, digest, DIGEST_SIZE);
    } else {
        char encoded[BASE64_SIZE(DIGEST_SIZE)];
        base64_encode(digest, DIGEST_SIZE, encoded);
        text_add(&text, "sha256/");
        text_add(&text, encoded);
    }
}

void pin_format(const struct pin *pin, char out[PIN_TEXT_SIZE])
{
    pin_format_digest(pin->kind, pin->digest, out);
}
