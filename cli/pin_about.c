#include "cli/pin_about.h"

#include <stdio.h>
#include <string.h>

#include "config/date.h"
#include "config/text.h"

static void add(struct text *text, const char *name, const char *value)
{
    if (!*value)
        return;
    if (text->length > 0)
        text_add_char(text, ' ');
    text_add(text, name);
    text_add_char(text, '=');
    text_add_printable(text, value); /* one line, whatever a certificate calls itself */
}

bool pin_about_format(const struct pin_about *about, char out[PIN_ABOUT_SIZE])
{
    struct text text;

    text_init(&text, out, PIN_ABOUT_SIZE);
    add(&text, "position", about->position);
    add(&text, "expires", about->expires);
    add(&text, "fingerprint", about->fingerprint);
    add(&text, "cn", about->cn); /* last: it may hold white space */
    return text.length > 0;
}

int64_t pin_about_end(const struct pin_about *about)
{
    struct date day;

    if (date_parse(about->expires, &day) != DATE_GOOD)
        return 0;
    return (date_to_days(&day) + 1) * 24 * 60 * 60;
}

/* What stands behind "NAME=", up to white space. "" when it is not there or too long. */
static void take(const char *comment, const char *end, const char *name, char *out, size_t size)
{
    size_t length = strlen(name), value;

    out[0] = '\0';
    for (const char *at = comment; at < end; at += strcspn(at, " \t"), at += strspn(at, " \t")) {
        if (strncmp(at, name, length) != 0 || at[length] != '=')
            continue;
        at += length + 1;
        value = strcspn(at, " \t");
        if (value < size)
            snprintf(out, size, "%.*s", (int)value, at);
        return;
    }
}

void pin_about_parse(const char *comment, struct pin_about *out)
{
    const char *cn;

    *out = (struct pin_about){0};
    if (!comment)
        return;
    cn = strncmp(comment, "cn=", 3) == 0 ? comment : strstr(comment, " cn=");
    if (cn)
        snprintf(out->cn, sizeof(out->cn), "%s", strchr(cn, '=') + 1);
    else
        cn = comment + strlen(comment);
    take(comment, cn, "position", out->position, sizeof(out->position));
    take(comment, cn, "expires", out->expires, sizeof(out->expires));
    take(comment, cn, "fingerprint", out->fingerprint, sizeof(out->fingerprint));
    if (date_parse(out->expires, NULL) != DATE_GOOD)
        out->expires[0] = '\0';
}
