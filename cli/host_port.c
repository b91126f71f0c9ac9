#include "cli/host_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool port_parse(const char *text, uint16_t *port)
{
    unsigned long number;

    if (strlen(text) > 5 || !*text || text[strspn(text, "0123456789")] != '\0')
        return false;
    number = strtoul(text, NULL, 10);
    if (number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

bool host_port_parse(const char *text, struct host_port *out, char *why, size_t size)
{
    struct host_port found = {.port = 0};
    const char *colon = strrchr(text, ':');
    size_t length = strlen(text);
    char name[NAME_SIZE];

    if (address_parse(text, &found.address))
        colon = NULL; /* IPv6: its own colons */
    if (colon && !port_parse(colon + 1, &found.port)) {
        snprintf(why, size, "'%s' is no port: a number from 1 to 65535", colon + 1);
        return false;
    }
    if (colon)
        length = (size_t)(colon - text);
    if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length < sizeof(found.host)) {
        memcpy(found.host, text, length);
        found.host[length] = '\0';
        if (address_parse(found.host, &found.address) || name_normalise(text, length, name)) {
            *out = found;
            return true;
        }
    }
    snprintf(why, size, "'%.*s' is no name that a server can have", (int)length, text);
    return false;
}
