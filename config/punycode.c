#include "config/punycode.h"

#include <stdint.h>
#include <string.h>

#include "config/text.h"

/* A label is at most 63 octets as an A-label, so it never has more code points. */
enum { LABEL_POINTS = 63, BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700 };

static uint32_t fold(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
        (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    return c;
}

/* Decodes up to the next dot. Returns the number of code points, -1 when it is not UTF-8 or
 * too long; *name is set to the dot or the end. */
static int decode_label(const char **name, uint32_t points[LABEL_POINTS])
{
    const uint8_t *s = (const uint8_t *)*name;
    int n = 0;

    while (*s != '\0' && *s != '.') {
        unsigned more = *s < 0x80 ? 0 : *s < 0xc2 ? 9 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
        uint32_t c = more == 0 ? *s : *s & (0x3fu >> more);
        if (more == 9 || n == LABEL_POINTS)
            return -1;
        for (s++; more > 0; more--, s++) {
            if ((*s & 0xc0) != 0x80)
                return -1;
            c = c << 6 | (*s & 0x3fu);
        }
        points[n++] = fold(c);
    }
    *name = (const char *)s;
    return n;
}

static char digit(uint32_t d)
{
    return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static void add_number(struct text *out, uint32_t q, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (q < t)
            break;
        text_add_char(out, digit(t + (q - t) % (BASE - t)));
        q = (q - t) / (BASE - t);
    }
    text_add_char(out, digit(q));
}

/* RFC 3492 section 6.3. With at most 63 points below 2^21 nothing overflows 32 bits. */
static void encode_label(const uint32_t *points, uint32_t count, struct text *out)
{
    uint32_t n = 128, delta = 0, bias = 72, basic = 0, done;

    text_add(out, "xn--");
    for (uint32_t i = 0; i < count; i++)
        if (points[i] < 128) {
            text_add_char(out, (char)points[i]);
            basic++;
        }
    if (basic > 0)
        text_add_char(out, '-');
    for (done = basic; done < count; delta++, n++) {
        uint32_t next = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++)
            if (points[i] >= n && points[i] < next)
                next = points[i];
        delta += (next - n) * (done + 1);
        n = next;
        for (uint32_t i = 0; i < count; i++) {
            if (points[i] < n)
                delta++;
            if (points[i] == n) {
                add_number(out, delta, bias);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
    }
}

bool punycode_name(const char *name, char *out, size_t size)
{
    uint32_t points[LABEL_POINTS];
    struct text text;

    text_init(&text, out, size);
    for (;;) {
        int n = decode_label(&name, points);
        bool ascii = true;

        if (n < 0)
            return false;
        for (int i = 0; i < n; i++)
            ascii = ascii && points[i] < 128;
        if (ascii)
            for (int i = 0; i < n; i++)
                text_add_char(&text, (char)points[i]);
        else
            encode_label(points, (uint32_t)n, &text);
        if (*name == '\0')
            return !text.cut;
        text_add_char(&text, *name++);
    }
}
