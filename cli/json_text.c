#include "cli/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "config/text.h"

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
