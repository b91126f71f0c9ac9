/* Pins: RFC 7469 section 2.4 (SHA-256 of the DER SubjectPublicKeyInfo) and whole certificates. */
#ifndef PINSHIM_CONFIG_PIN_H
#define PINSHIM_CONFIG_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32

enum pin_kind {
    PIN_SPKI, /* sha256/…: the key */
    PIN_CERT, /* cert-sha256/…: one certificate */
};

struct pin {
    enum pin_kind kind;
    uint8_t digest[DIGEST_SIZE];
};

/* "sha256/" and 44 characters, or "cert-sha256/" and 64 hex digits, and a NUL. */
#define PIN_TEXT_SIZE 80

/* Reads "sha256/BASE64", "sha256//BASE64", "cert-sha256/HEX" (colons and case free) or
 * "cert-sha256/BASE64". The '=' at the end of base64 may be missing, but for "sha256/" and a digest
 * that begins with '/': that could be "sha256//" and a digest cut short. On failure returns false
 * and puts reason and mend into `why`. */
bool pin_parse(const char *text, struct pin *out, char *why, size_t size);

/* The same for the base64 alone, of an SPKI's SHA-256. */
bool pin_parse_spki(const char *digest, struct pin *out, char *why, size_t size);

/* Writes the canonical text: "sha256/BASE64" or "cert-sha256/hex". */
void pin_format(const struct pin *pin, char out[PIN_TEXT_SIZE]);

/* The same for a digest that is not in a struct pin. */
void pin_format_digest(enum pin_kind kind, const uint8_t digest[DIGEST_SIZE],
                       char out[PIN_TEXT_SIZE]);

#endif
