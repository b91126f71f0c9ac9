#include "config/base64.h"

#include <stdbool.h>

static int value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

ssize_t base64_decode(const char *text, size_t length, int lenient, uint8_t *out, size_t size)
{
    uint32_t bits = 0;
    unsigned characters = 0, padding = 0;
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        int v;

        if (lenient && is_space(text[i]))
            continue;
        if (text[i] == '=') {
            padding++;
            continue;
        }
        v = value(text[i]);
        if (v < 0 || padding > 0)
            return -1;
        bits = bits << 6 | (uint32_t)v;
        if (++characters % 4 != 1) {
            if (n == size)
                return -1;
            out[n++] = (uint8_t)(bits >> (6 - 2 * ((characters + 3) % 4)));
        }
    }
    if (characters % 4 == 1 || padding > 2 || (padding > 0 && (characters + padding) % 4 != 0))
        return -1;
    return (ssize_t)n;
}

void base64_encode(const uint8_t *data, size_t length, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t)data[i] << 16;
        if (left > 1)
            bits |= (uint32_t)data[i + 1] << 8;
        if (left > 2)
            bits |= data[i + 2];
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 63];
        *out++ = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? alphabet[bits & 63] : '=';
    }
    *out = '\0';
}
