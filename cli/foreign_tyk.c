/* Tyk's pinned_public_keys: {"domain": "KEY-ID,/path/to/key.pem"}, on its own, in an API
 * definition, or under "security" in tyk.conf. The ID of a public key is its DER's SHA-256 in hex,
 * behind the organisation's ID. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/foreign.h"
#include "cli/json_text.h"
#include "config/base64.h"
#include "config/pin.h"

#define HEX_SIZE ((size_t)2 * DIGEST_SIZE)

static bool is_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

/* The SHA-256 at the end of an ID, as a pin. */
static bool add_id(struct foreign_section *section, const char *id, size_t length)
{
    char text[PIN_TEXT_SIZE], hex[3] = "";
    uint8_t digest[DIGEST_SIZE];

    id += length - HEX_SIZE;
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        memcpy(hex, id + 2 * i, 2);
        digest[i] = (uint8_t)strtoul(hex, NULL, 16);
    }
    pin_format_digest(PIN_SPKI, digest, text);
    return foreign_add_pin(section, text, false);
}

static bool add_path(struct foreign_section *section, const char *path, size_t length)
{
    char *copy = strndup(path, length), *absolute = copy ? cli_absolute(copy) : NULL, *text = NULL;
    bool good = absolute && asprintf(&text, "file:%s", absolute) >= 0;

    good = good && foreign_add_pin(section, text, false);
    free(text);
    free(absolute);
    free(copy);
    return good;
}

static bool add_keys(struct foreign *out, struct foreign_section *section, const char *keys)
{
    bool good = true;

    while (good && *keys) {
        size_t length;

        keys += strspn(keys, ", \t\r\n");
        length = strcspn(keys, ",");
        while (length > 0 && isspace((unsigned char)keys[length - 1]))
            length--;
        if (length == 0)
            break;
        if (length >= HEX_SIZE && is_hex(keys, length))
            good = add_id(section, keys, length);
        else if (memchr(keys, '/', length) || memchr(keys, '.', length))
            good = add_path(section, keys, length);
        else
            good =
                foreign_tell(out,
                             "%s: '%.*s' is an ID in Tyk's store that does not end in a SHA-256, "
                             "and is left out; write the key to a file, and its path here",
                             section->domain, (int)(length < 100 ? length : 100), keys);
        keys += length + strspn(keys + length, " \t\r\n");
    }
    return good;
}

static const json_t *find_map(const json_t *root)
{
    const json_t *inner = json_object_get(root, "security");

    if (json_is_object(json_object_get(inner, "pinned_public_keys")))
        return json_object_get(inner, "pinned_public_keys");
    inner = json_object_get(root, "pinned_public_keys");
    return json_is_object(inner) ? inner : root;
}

static bool add_map(const json_t *map, struct foreign *out, char *why, size_t size)
{
    const char *domain;
    json_t *keys;

    json_object_foreach((json_t *)map, domain, keys)
    {
        struct foreign_section *section;

        if (!json_is_string(keys)) {
            snprintf(why, size,
                     "\"%.100s\" has no text of key IDs or paths: this is no pinned_public_keys",
                     domain);
            return false;
        }
        section = foreign_add(out, domain, strlen(domain));
        if (!section || !add_keys(out, section, json_string_value(keys)))
            return foreign_no_memory(why, size);
    }
    return true;
}

static bool read_tyk(const char *text, size_t length, const char *domain, struct foreign *out,
                     char *why, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    bool good = false;

    (void)domain;
    if (!root)
        snprintf(why, size, "line %d: %s", error.line, error.text);
    else if (!json_is_object(root))
        snprintf(why, size, "it is no JSON object");
    else
        good = add_map(find_map(root), out, why, size);
    json_decref(root);
    return good;
}

static char *key_ids(const struct foreign_section *section)
{
    const struct foreign_pin *pins = section->pins.items;
    char *text = NULL, why[400];
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    for (size_t i = 0; stream && i < section->pins.count; i++) {
        struct pin pin;

        if (!pin_parse(pins[i].text, &pin, why, sizeof(why)))
            continue;
        fputs(ftell(stream) > 0 ? "," : "", stream);
        for (size_t n = 0; n < DIGEST_SIZE; n++)
            fprintf(stream, "%02x", pin.digest[n]);
    }
    if (stream)
        fclose(stream);
    return text;
}

static bool write_tyk(const struct foreign *foreign, bool json, FILE *out, char *why, size_t size)
{
    const struct foreign_section *sections = foreign->sections.items;
    json_t *map = json_object(), *root = json_pack("{s:o}", "pinned_public_keys", map);
    bool good = root != NULL;

    (void)json;
    for (size_t i = 0; good && i < foreign->sections.count; i++) {
        char *ids = key_ids(&sections[i]);

        good = ids && json_object_set_new(map, sections[i].domain, json_text(ids)) == 0;
        free(ids);
    }
    good = good && json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(root);
    return good || foreign_no_memory(why, size);
}

const struct foreign_format foreign_tyk = {.name = "tyk",
                                           .says = CAN_ONE_LABEL | CAN_MANY | CAN_ADDRESS,
                                           .read = read_tyk,
                                           .write = write_tyk};
