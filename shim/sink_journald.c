/* The journal, in its own protocol (systemd's "Native Journal Protocol"): a datagram of NAME=value
 * lines. libsystemd would be in every process, so it is spoken here. An event and its fields are
 * far smaller than the least datagram that a socket takes. */
#include <stdlib.h>
#include <string.h>

#include "config/text.h"
#include "shim/sink_socket.h"

#define SOCKET "/run/systemd/journal/socket"

/* Names, and their "PINSHIM_" and "=", take more room than in JSON. */
enum { FIELDS_SIZE = 8192 };

static void open_socket(struct sink *sink)
{
    sink_connect(sink, SOCKET);
}

static void add_name(struct text *text, const char *name, size_t length)
{
    text_add(text, "PINSHIM_");
    for (size_t i = 0; i < length; i++)
        text_add_char(text,
                      name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i]);
    text_add_char(text, '=');
}

/* Behind the string that begins at `json`. */
static const char *string_end(const char *json)
{
    for (json++; *json != '"'; json++)
        if (*json == '\\')
            json++;
    return json + 1;
}

/* Behind the value that begins at `json`: a string, a word, or a list or object with those in it.
 */
static const char *value_end(const char *json)
{
    unsigned depth = 0;

    for (;; json++) {
        if (*json == '"')
            json = string_end(json) - 1;
        else if (*json == '[' || *json == '{')
            depth++;
        else if (depth > 0 && (*json == ']' || *json == '}'))
            depth--;
        else if (depth == 0 && (*json == ',' || *json == '}'))
            return json;
    }
}

/* A string without its quotes. Control characters stay escaped: a newline would end the field. */
static void add_string(struct text *text, const char *json, const char *end)
{
    for (json++; json < end - 1; json++) {
        if (*json == '\\' && (json[1] == '"' || json[1] == '\\'))
            json++;
        text_add_char(text, *json);
    }
}

/* Each member of the event as a field; not what is null, nor the chain. */
static void add_fields(struct text *text, const char *json)
{
    const char *name, *value, *end;

    while (*json != '}') {
        name = json + 2; /* behind the brace or comma, and the quote */
        value = string_end(json + 1);
        end = value_end(value + 1);
        if (value[1] != '[' && value[1] != '{' && strncmp(value + 1, "null", 4) != 0) {
            add_name(text, name, (size_t)(value - 1 - name));
            if (value[1] == '"')
                add_string(text, value + 1, end);
            else
                text_add_n(text, value + 1, (size_t)(end - value - 1));
            text_add_char(text, '\n');
        }
        json = end;
    }
}

static bool write_line(struct sink *sink, const struct sink_line *line)
{
    char *fields = malloc(FIELDS_SIZE);
    struct text text;
    bool sent;

    if (fields == NULL)
        return false;
    text_init(&text, fields, FIELDS_SIZE);
    text_add(&text, "SYSLOG_IDENTIFIER=pinshim\nPRIORITY=");
    text_add_number(&text, line->severity);
    text_add_char(&text, '\n');
    add_fields(&text, line->text);
    text_add(&text, "MESSAGE=");
    struct iovec parts[] = {{fields, text.length}, {(void *)line->text, line->length}, {NULL, 0}};
    sent = !text.cut && sink_send(sink, SOCKET, parts, 3);
    free(fields);
    return sent;
}

const struct sink_kind sink_journald = {"journald", open_socket, write_line};
