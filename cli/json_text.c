#include "cli/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "config/text.h"

void json_print(const char *json)
{
    const char *from = json;
    char escape[TEXT_ESCAPE_SIZE];

    while (*json) {
        size_t n = *json == '\x7f' ? 1 : text_acting((const uint8_t *)json, escape);

        if (n > 0) {
            cli_write_octets(from, (size_t)(json - from));
            cli_write(n == 1 ? "\\u007f" : escape);
            from = json + n;
        }
        json += n > 0 ? n : 1;
    }
    cli_write(from);
}

json_t *json_text(const char *string)
{
    size_t size = string ? 6 * strlen(string) + 3 : 0;
    char *buffer;
    struct text text;
    json_t *json;

    if (!string)
        return json_null();
    buffer = malloc(size);
    if (!buffer)
        return NULL;
    text_init(&text, buffer, size);
    text_add_json(&text, string);
    json = json_loadb(buffer, text.length, JSON_DECODE_ANY, NULL);
    free(buffer);
    return json;
}
