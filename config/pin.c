#include "config/pin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/base64.h"
#include "config/der.h"
#include "config/sha256.h"
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

bool pin_parse(const char *text, struct pin *out, char *why, size_t size)
{
    struct pin pin;
    const char *digest;

    if (strncmp(text, "cert-sha256/", 12) == 0) {
        pin.kind = PIN_CERT;
        digest = text + 12;
    } else if (strncmp(text, "sha256/", 7) == 0) {
        pin.kind = PIN_SPKI;
        /* curl and HPKP's users write two slashes; '/' may also be the first base64 digit, but
         * then 43 more follow it and the digest without it would be a digit short. */
        digest = text + 7 + (text[7] == '/' && strcspn(text + 7, "=") != 43);
    } else {
        snprintf(why, size,
                 "a pin begins with sha256/, cert-sha256/, file: or store:; `pinshim pin FILE` "
                 "prints one");
        return false;
    }
    if (!digest_parse(digest, pin.kind == PIN_CERT, pin.digest, why, size))
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

/* The SubjectPublicKeyInfo of a PKCS#1 key: its octets behind RSA's AlgorithmIdentifier. */
static void hash_rsa_public_key(struct span key, uint8_t digest[DIGEST_SIZE])
{
    static const uint8_t algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    uint8_t header[2][6];
    size_t header_length[2], inner = key.length + 1;
    struct sha256 ctx;

    for (int i = 0; i < 2; i++) { /* the BIT STRING's, then the SEQUENCE's around it */
        uint8_t *h = header[i];
        size_t n = 0;
        h[n++] = i == 0 ? 0x03 : 0x30;
        if (inner >= 0x80) {
            unsigned octets = inner > 0xffff ? 3 : inner > 0xff ? 2 : 1;
            h[n++] = (uint8_t)(0x80 | octets);
            while (octets-- > 0)
                h[n++] = (uint8_t)(inner >> 8 * octets);
        } else {
            h[n++] = (uint8_t)inner;
        }
        header_length[i] = n;
        inner += n + sizeof algorithm;
    }
    sha256_init(&ctx);
    sha256_update(&ctx, header[1], header_length[1]);
    sha256_update(&ctx, algorithm, sizeof algorithm);
    sha256_update(&ctx, header[0], header_length[0]);
    sha256_update(&ctx, "", 1); /* no unused bits */
    sha256_update(&ctx, key.data, key.length);
    sha256_final(&ctx, digest);
}

/* Adds the key in `der` to `out`. False with a reason when there is none or one it must not be. */
static bool pin_from_der(struct span der, bool trailing, struct pin *out, char *why, size_t size)
{
    struct span spki;

    out->kind = PIN_SPKI;
    if (der_certificate_spki(der, trailing, &spki)) {
        sha256(spki.data, spki.length, out->digest);
    } else if (der_is_spki(der)) {
        sha256(der.data, der.length, out->digest);
    } else if (der_is_rsa_public_key(der)) {
        hash_rsa_public_key(der, out->digest);
    } else if (der_is_private_key(der)) {
        snprintf(why, size,
                 "it holds a private key; keep that away from here and name the certificate or "
                 "the public key (openssl pkey -in KEY -pubout)");
        return false;
    } else {
        snprintf(why, size, "it holds no certificate and no public key, in PEM or DER");
        return false;
    }
    return true;
}

static const char *find(const char *in, const char *end, const char *what)
{
    return memmem(in, (size_t)(end - in), what, strlen(what));
}

/* One PEM block (RFC 7468), from behind its "-----BEGIN " on; *next is set behind it. */
static bool pin_from_pem(const char *begin, const char *end, const char **next, struct pin *out,
                         char *why, size_t size)
{
    const char *body = find(begin, end, "-----"), *stop;
    size_t label = body == NULL ? 0 : (size_t)(body - begin);
    uint8_t *der;
    ssize_t n;
    bool good;

    stop = body == NULL ? NULL : find(body + 5, end, "-----END ");
    if (stop == NULL) {
        snprintf(why, size, "its PEM block has no END line; copy the whole of it");
        return false;
    }
    *next = stop + 9;
    if (memmem(begin, label, "PRIVATE KEY", 11) != NULL) {
        snprintf(why, size,
                 "it holds a private key; keep that away from here and name the certificate or "
                 "the public key (openssl pkey -in KEY -pubout)");
        return false;
    }
    der = malloc((size_t)(stop - body));
    n = der == NULL
            ? -1
            : base64_decode(body + 5, (size_t)(stop - body) - 5, 1, der, (size_t)(stop - body));
    if (n < 0)
        snprintf(why, size, "its PEM block is not base64; copy it again");
    good = n >= 0 && pin_from_der((struct span){der, (size_t)n},
                                  memmem(begin, label, "TRUSTED", 7) != NULL, out, why, size);
    free(der);
    return good;
}

bool pin_from_key_file(const uint8_t *data, size_t length, struct pin *out, char *why, size_t size)
{
    const char *at = (const char *)data, *end = at + length;
    struct pin pin, other;
    unsigned found = 0;

    if (length == 0) {
        snprintf(why, size, "it is empty");
        return false;
    }
    while ((at = find(at, end, "-----BEGIN ")) != NULL) {
        if (find(at, end, "-----BEGIN EC PARAMETERS-----") == at) {
            at += 11; /* openssl writes them in front of keys; they are no key */
            continue;
        }
        if (!pin_from_pem(at + 11, end, &at, found == 0 ? &pin : &other, why, size))
            return false;
        found++;
    }
    if (found > 1) {
        snprintf(why, size, "it holds %u keys or certificates; name a file with the one to pin",
                 found);
        return false;
    }
    if (found == 0 && !pin_from_der((struct span){data, length}, false, &pin, why, size))
        return false;
    *out = pin;
    return true;
}
