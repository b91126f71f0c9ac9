/* Section titles: what they may be, and for each mistake people make, what to write instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/name.h"
#include "config/punycode.h"

static bool parse_network(const char *title, struct pattern *out, char *why, size_t size)
{
    const char *slash = strchr(title, '/');
    size_t length = slash == NULL ? strlen(title) : (size_t)(slash - title);
    char text[64], shown[ADDRESS_SIZE];
    struct address network;
    unsigned long prefix, written;
    char *end;

    if (length >= sizeof text)
        return false;
    memcpy(text, title, length);
    text[length] = '\0';
    if (!address_parse(text, &network))
        return false;
    prefix = network.bits;
    if (slash != NULL) {
        written = slash[1] >= '0' && slash[1] <= '9' ? strtoul(slash + 1, &end, 10) : 999;
        if (written != 999 && network.bits == 32 && strchr(text, ':') != NULL)
            written = written < 96 ? 999 : written - 96; /* ::ffff:10.0.0.0/104 is 10.0.0.0/8 */
        if (written > network.bits || *end != '\0') {
            snprintf(why, size, "the prefix length must be a number from 0 to %u", network.bits);
            return true;
        }
        prefix = written;
    }
    out->kind = PATTERN_NETWORK;
    out->name[0] = '\0';
    out->prefix = (uint8_t)prefix;
    out->network = network;
    address_mask(&out->network, (unsigned)prefix);
    if (!address_equal(&out->network, &network)) {
        address_format(&out->network, shown);
        snprintf(why, size, "it has bits behind the prefix; write \"%s/%lu\"", shown, prefix);
    }
    return true;
}

/* A name with a colon that is no IPv6 address: a URL, or host:port. */
static void explain_colon(const char *title, char *why, size_t size)
{
    const char *host = strstr(title, "://");
    const char *colon = strrchr(title, ':');
    int length;

    if (host != NULL) {
        host += 3;
        length = (int)strcspn(host, "/:?#");
        snprintf(why, size, "it is a URL; write the host alone: \"%.*s\"", length, host);
        return;
    }
    length = (int)(colon - title);
    if (colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1))
        snprintf(why, size, "a port does not belong here; write \"%.*s\" and ports = {%s}", length,
                 title, colon + 1);
    else
        snprintf(why, size, "it has a colon and is no IPv6 address; write a name or an address");
}

static void explain_name(const char *title, const char *name, char *why, size_t size)
{
    char a_label[2 * NAME_SIZE];
    bool ascii = true;

    for (const char *c = title; *c != '\0'; c++)
        ascii = ascii && (unsigned char)*c < 0x80;
    if (!ascii && punycode_name(title, a_label, sizeof a_label))
        snprintf(why, size, "names are written in ASCII; write the A-label: \"%s\"", a_label);
    else if (!ascii)
        snprintf(why, size, "it is not ASCII; write the A-label (xn--...)");
    else if (title[strspn(title, ".*")] == '\0')
        snprintf(why, size, "it names nothing; write a host name, *.name, **.name or an address");
    else if (name[0] == '.')
        snprintf(why, size, "it begins with a dot; write \"**%s\" for the name and all under it",
                 name);
    else if (strstr(name, "..") != NULL)
        snprintf(why, size, "it has an empty label: two dots in a row");
    else if (strlen(name) >= NAME_SIZE)
        snprintf(why, size, "it is longer than the 253 octets a name may have");
    else
        snprintf(why, size, "it has white space or a control character in it");
}

/* A last label that is a number is no host name (RFC 1123 section 2.1): some programs read 127.1,
 * 010.0.0.1 and 0x7f.1 as addresses. */
static bool looks_like_address(const char *name)
{
    const char *last = strrchr(name, '.');
    struct address address;

    last = last != NULL ? last + 1 : name;
    if (last[0] == '0' && (last[1] | 0x20) == 'x')
        last += 2 + strspn(last + 2, "0123456789abcdefABCDEF");
    else if (*last != '\0')
        last += strspn(last, "0123456789");
    return *last == '\0' && last != name && last[-1] != '.' && !address_parse(name, &address);
}

bool pattern_parse(const char *title, struct pattern *out, char *why, size_t size)
{
    struct pattern pattern = {.kind = PATTERN_EXACT};
    const char *name = title;

    why[0] = '\0';
    if (parse_network(title, &pattern, why, size)) {
        if (why[0] == '\0')
            *out = pattern;
        return why[0] == '\0';
    }
    if (strncmp(name, "**.", 3) == 0) {
        pattern.kind = PATTERN_ANY_DEPTH;
        name += 3;
    } else if (strncmp(name, "*.", 2) == 0) {
        pattern.kind = PATTERN_ONE_LABEL;
        name += 2;
    }
    if (looks_like_address(name))
        snprintf(why, size,
                 "it looks like an IPv4 address and is none; write all four numbers, in "
                 "decimal, without zeros in front");
    else if (strchr(name, ':') != NULL)
        explain_colon(title, why, size);
    else if (strchr(name, '/') != NULL)
        snprintf(why, size, "it has a slash and is no CIDR block; write the host name alone");
    else if (strchr(name, '*') != NULL && title[strspn(title, ".*")] != '\0')
        snprintf(why, size,
                 "a wildcard is the whole first label: *.name (one label) or **.name (any number)");
    else if (strchr(name, '*') != NULL || !name_normalise(name, strlen(name), pattern.name))
        explain_name(title, name, why, size);
    else if (pattern.kind != PATTERN_EXACT && address_parse(pattern.name, &pattern.network))
        snprintf(why, size, "a wildcard never stands for an address; write a CIDR block");
    else if (pattern.kind == PATTERN_EXACT)
        parse_network(pattern.name, &pattern, why, size); /* 192.0.2.7. with its dot */
    if (why[0] != '\0')
        return false;
    *out = pattern;
    return true;
}
