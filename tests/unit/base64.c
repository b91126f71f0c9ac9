#include "config/base64.h"

#include <string.h>

#include <criterion/criterion.h>

TestSuite(base64);

/* RFC 4648 section 10, and the octets that take the last two digits. */
static const struct {
    const char *plain, *encoded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
    {"\xff\xff\xff", "////"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="},
};

Test(base64, vectors)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const char *plain = vectors[i].plain, *encoded = vectors[i].encoded;
        ssize_t length = (ssize_t)strlen(plain);
        char text[64];
        uint8_t data[64];

        base64_encode((const uint8_t *)plain, strlen(plain), text);
        cr_expect_str_eq(text, encoded);
        cr_expect_eq(strlen(text) + 1, BASE64_SIZE(strlen(plain)));
        cr_expect_eq(base64_decode(encoded, strlen(encoded), 0, data, sizeof data), length, "%s",
                     encoded);
        cr_expect_arr_eq(data, plain, strlen(plain), "%s", encoded);
        /* Padding may be missing. */
        cr_expect_eq(base64_decode(encoded, strcspn(encoded, "="), 0, data, sizeof data), length,
                     "%s", encoded);
    }
}

static const struct {
    const char *text;
    int lenient;
    ssize_t want;
} decodings[] = {
    {"Zh==", 0, 1}, /* not canonical: unused bits are set */
    {"Zm9=", 0, 2},      {"Zg=", 0, -1},     {"Zg===", 0, -1},
    {"Zm8==", 0, -1},    {"Zm9v=", 0, -1},   {"Zm9vY", 0, -1}, /* six bits make no octet */
    {"Z", 0, -1},        {"=", 0, -1},       {"====", 0, -1},
    {"Zg==Zg==", 0, -1}, {"Zg=v", 0, -1},    {"Zm 9v", 0, -1},
    {"Zm9v\n", 0, -1},   {"Zm9v-", 0, -1},   {"Zm9-", 0, -1}, /* base64url is another alphabet */
    {"Zm9_", 0, -1},     {"Zm9\xc3", 0, -1}, {" Z\tm\r\n9 v ", 1, 3},
    {"Zg\n==\n", 1, 1},  {"Zm9v!", 1, -1},   {"\n", 1, 0},
};

Test(base64, malformed)
{
    for (size_t i = 0; i < sizeof decodings / sizeof *decodings; i++) {
        uint8_t data[16];

        cr_expect_eq(base64_decode(decodings[i].text, strlen(decodings[i].text),
                                   decodings[i].lenient, data, sizeof data),
                     decodings[i].want, "\"%s\"", decodings[i].text);
    }
}

Test(base64, nul_inside)
{
    uint8_t data[16];

    cr_expect_eq(base64_decode("Zm9v\0Zm9v", 9, 0, data, sizeof data), -1);
    cr_expect_eq(base64_decode("Zm9v\0Zm9v", 9, 1, data, sizeof data), -1);
}

Test(base64, no_octet_too_many)
{
    uint8_t data[8];

    for (size_t size = 0; size <= 7; size++) {
        memset(data, 0x77, sizeof data);
        cr_expect_eq(base64_decode("Zm9vYmFy", 8, 0, data, size), size >= 6 ? 6 : -1, "%zu", size);
        for (size_t i = size; i < sizeof data; i++)
            cr_expect_eq(data[i], 0x77, "wrote octet %zu of %zu", i, size);
    }
}
