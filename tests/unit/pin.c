/* Pins as text. */
#include "config/pin.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

TestSuite(pin);

/* The digest 00 10 83 10 51 87 20 92 8b 30 d3 8f 41 14 93 51 55 97 61 96 9b 71 d7 9f 82 18 a3 92
 * 59 a7 a2 9a: the base64 alphabet in its order; and one that begins with the digit '/'. */
#define DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo"
#define HEX "00108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29a"
#define SLASH "/BCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo"
#define SLASH_HEX "fc108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29a"

static const struct {
    const char *text, *hex;
    enum pin_kind kind;
} good[] = {
    {"sha256/" DIGITS "=", HEX, PIN_SPKI},
    {"sha256//" DIGITS "=", HEX, PIN_SPKI}, /* as curl and HPKP's users write it */
    {"sha256/" DIGITS, HEX, PIN_SPKI},
    {"sha256//" DIGITS, HEX, PIN_SPKI},
    /* unused bits in the last digit: not canonical, and in circulation */
    {"sha256/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopp=", HEX, PIN_SPKI},
    {"sha256//ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopr=", HEX, PIN_SPKI},
    /* a slash that is a digit */
    {"sha256/" SLASH "=", SLASH_HEX, PIN_SPKI},
    {"sha256//" SLASH "=", SLASH_HEX, PIN_SPKI},
    {"sha256//" SLASH, SLASH_HEX, PIN_SPKI},
    {"cert-sha256/" HEX, HEX, PIN_CERT},
    {"cert-sha256/00108310518720928B30D38F41149351559761969B71D79F8218A39259A7A29A", HEX, PIN_CERT},
    {"cert-sha256/00:10:83:10:51:87:20:92:8b:30:d3:8f:41:14:93:51:"
     "55:97:61:96:9B:71:D7:9F:82:18:A3:92:59:A7:A2:9A",
     HEX, PIN_CERT},
    {"cert-sha256/0010831051872092:8b30d38f41149351:559761969b71d79f:8218a39259a7a29a", HEX,
     PIN_CERT},
    {"cert-sha256/" DIGITS "=", HEX, PIN_CERT},
    {"cert-sha256/" DIGITS, HEX, PIN_CERT},
    {"cert-sha256/" SLASH "=", SLASH_HEX, PIN_CERT},
};

static void expect_digest(const struct pin *pin, const char *hex, const char *row)
{
    char text[2 * DIGEST_SIZE + 1];

    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", pin->digest[i]);
    cr_expect_str_eq(text, hex, "%s is %s", row, text);
}

Test(pin, good)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct pin pin;
        char why[256] = "";
        bool parsed = pin_parse(good[i].text, &pin, why, sizeof why);

        cr_expect(parsed, "%s: %s", good[i].text, why);
        if (!parsed)
            continue;
        cr_expect_eq(pin.kind, good[i].kind, "%s", good[i].text);
        expect_digest(&pin, good[i].hex, good[i].text);
    }
}

Test(pin, format)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct pin pin, again;
        char why[256], text[PIN_TEXT_SIZE];

        cr_assert(pin_parse(good[i].text, &pin, why, sizeof why));
        pin_format(&pin, text);
        cr_expect_eq(strlen(text), pin.kind == PIN_SPKI ? 7 + 44 : 12 + 64, "%s", text);
        cr_expect_eq(strncmp(text, pin.kind == PIN_SPKI ? "sha256/" : "cert-sha256/",
                             pin.kind == PIN_SPKI ? 7 : 12),
                     0, "%s", text);
        cr_expect(pin_parse(text, &again, why, sizeof why));
        cr_expect(again.kind == pin.kind && memcmp(again.digest, pin.digest, DIGEST_SIZE) == 0,
                  "%s", text);
    }
}

static const struct {
    const char *text, *says;
} bad[] = {
    {"", "a pin begins with sha256/"},
    {"md5/1B2M2Y8AsgTpgAmY7PhCfg==", "a pin begins with sha256/"},
    {"sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "a pin begins with sha256/"},
    {"sha512/" DIGITS "=", "a pin begins with"},
    {"SHA256/" DIGITS "=", "a pin begins with"},
    {"sha256:" DIGITS "=", "a pin begins with"},
    {"sha256", "a pin begins with"},
    {" sha256/" DIGITS "=", "a pin begins with"},
    {DIGITS "=", "a pin begins with"},
    {HEX, "a pin begins with"},
    {"pin-sha256=\"" DIGITS "=\"", "a pin begins with"},
    {"sha256/", "it has 0 octets"},
    {"sha256//", "octets"},
    {"sha256/a", "it is not the base64 of 32 octets"},
    {"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "it has 31 octets"},
    {"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "it has 33 octets"},
    {"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "it has 33 octets"},
    {"sha256/2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "it has 20 octets and a SHA-256 has 32"},
    {"sha256/" HEX, "it has 48 octets"},
    {"sha256/" DIGITS "= ", "it has white space in it"},
    {"sha256/ " DIGITS "=", "it has white space in it"},
    {"sha256/" DIGITS "=\n", "it has white space in it"},
    {"sha256/" DIGITS "=, sha256/" DIGITS "=", "it has white space in it"},
    {"sha256/" DIGITS "=;sha256//" DIGITS "=", "it is not the base64"}, /* curl's list */
    {"sha256/" DIGITS "==", "it is not the base64"},
    {"sha256/" DIGITS "%3D", "it is not the base64"},
    {"sha256///" DIGITS "=", "it is not the base64"},
    /* Two slashes and a digest cut by one: it must not become another that begins with '/'. */
    {"sha256//BCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo", "copy the whole pin, with the ="},
    {"sha256//ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop", "copy the whole pin, with the ="},
    {"sha256//ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno", "octets"},
    {"sha256//ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno=", "not the base64"},
    {"cert-sha256/", "it has 0 octets"},
    {"cert-sha256/00", "octets"},
    {"cert-sha256/" HEX "00", "octets"},
    {"cert-sha256/" HEX ":", "it is not the hex digits (or base64) of 32 octets"},
    {"cert-sha256/:" HEX, "it is not the hex digits"},
    {"cert-sha256/0:0108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29a", "hex digits"},
    {"cert-sha256/00::108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29a",
     "hex digits"},
    {"cert-sha256/g0108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29a", "octets"},
    {"cert-sha256/00 10 83 10 51 87 20 92 8b 30 d3 8f 41 14 93 51 55 97 61 96 9b 71 d7 9f 82 18 "
     "a3 92 59 a7 a2 9a",
     "it has white space in it"},
    {"cert-sha256//" DIGITS "=", "hex digits"}, /* nobody writes that */
    /* the SHA-256 of nothing */
    {"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "the SHA-256 of nothing"},
    {"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "the SHA-256 of nothing"},
    {"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", "the SHA-256 of nothing"},
    {"cert-sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "the SHA-256 of nothing"},
};

Test(pin, bad)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pin pin = {.kind = PIN_SPKI}, before = pin;
        char why[256] = "";

        cr_expect_not(pin_parse(bad[i].text, &pin, why, sizeof why), "%s was accepted",
                      bad[i].text);
        cr_expect(strstr(why, bad[i].says), "%s: %s", bad[i].text, why);
        cr_expect_arr_eq(&pin, &before, sizeof pin, "%s", bad[i].text);
    }
}

/* Without a prefix there is no slash but that of the digest. */
Test(pin, digest_alone)
{
    struct pin pin;
    char why[256];

    cr_expect(pin_parse_spki(SLASH "=", &pin, why, sizeof why));
    expect_digest(&pin, SLASH_HEX, SLASH "=");
    cr_expect(pin_parse_spki(SLASH, &pin, why, sizeof why), "%s", why);
    expect_digest(&pin, SLASH_HEX, SLASH);
    cr_expect_not(pin_parse_spki("/" DIGITS "=", &pin, why, sizeof why));
    cr_expect_not(pin_parse_spki("sha256/" DIGITS "=", &pin, why, sizeof why));
    cr_expect_not(
        pin_parse_spki("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", &pin, why, sizeof why));
}
