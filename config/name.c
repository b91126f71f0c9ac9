#include "config/name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool name_normalise(const char *text, size_t length, char out[NAME_SIZE])
{
    char name[NAME_SIZE];
    unsigned before = '.';

    while (length > 0 && text[length - 1] == '.')
        length--;
    if (length == 0 || length >= NAME_SIZE)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned c = (unsigned char)text[i];
        if (c - '!' > '~' - '!' || (c == '.' && before == '.'))
            return false;
        name[i] = (char)(c - 'A' < 26 ? c + 32 : c);
        before = c;
    }
    memcpy(out, name, length);
    out[length] = '\0';
    return true;
}

static void address_set(struct address *out, const void *bytes, uint8_t bits)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const uint8_t *from = bytes;

    memset(out, 0, sizeof *out);
    if (bits == 128 && memcmp(from, mapped, sizeof mapped) == 0) {
        from += sizeof mapped;
        bits = 32;
    }
    out->bits = bits;
    memcpy(out->bytes, from, bits / 8);
}

/* Names, which is what most texts are, are told at their first letters. */
static bool may_be_address(const char *text)
{
    for (; *text != '\0' && *text != ':' && *text != '['; text++)
        if ((*text < '0' || *text > '9') && *text != '.')
            return strchr(text, ':') != NULL;
    return true;
}

bool address_parse(const char *text, struct address *out)
{
    char plain[ADDRESS_SIZE];
    uint8_t bytes[16];
    size_t length;

    if (!may_be_address(text))
        return false;
    length = strlen(text);
    if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (memchr(text, ':', length) != NULL) {
        const char *zone = memchr(text, '%', length);
        if (zone != NULL)
            length = (size_t)(zone - text);
    }
    if (length >= sizeof plain)
        return false;
    memcpy(plain, text, length);
    plain[length] = '\0';
    if (inet_pton(AF_INET, plain, bytes) == 1)
        address_set(out, bytes, 32);
    else if (inet_pton(AF_INET6, plain, bytes) == 1)
        address_set(out, bytes, 128);
    else
        return false;
    return true;
}

bool address_from_sockaddr(const struct sockaddr *sa, socklen_t length, struct address *out,
                           uint16_t *port)
{
    if (sa->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        address_set(out, &in.sin_addr, 32);
        if (port != NULL)
            *port = ntohs(in.sin_port);
        return true;
    }
    if (sa->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        address_set(out, &in6.sin6_addr, 128);
        if (port != NULL)
            *port = ntohs(in6.sin6_port);
        return true;
    }
    return false;
}

void address_format(const struct address *address, char out[ADDRESS_SIZE])
{
    out[0] = '\0';
    if (address->bits != 0)
        inet_ntop(address->bits == 32 ? AF_INET : AF_INET6, address->bytes, out, ADDRESS_SIZE);
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->bits == b->bits && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void address_mask(struct address *address, unsigned prefix)
{
    for (unsigned i = 0; i < sizeof address->bytes; i++) {
        unsigned keep = prefix > 8 * i ? prefix - 8 * i : 0;
        if (keep < 8)
            address->bytes[i] &= (uint8_t)(0xff00u >> keep);
    }
}
