#include "cli/foreign.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "config/date.h"
#include "cli/suggest.h"
#include "config/pin.h"

static const struct foreign_format *const formats[] = {
    &foreign_tyk,      &foreign_hpkp,   &foreign_android,
    &foreign_trustkit, &foreign_okhttp, &foreign_curl,
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static const char format_names[] = "tyk, hpkp, android, trustkit, okhttp or curl";

const struct foreign_format *foreign_format_find(const char *name)
{
    const char *names[FORMATS], *nearest;

    if (!name) {
        cli_usage_error("say which: --format %s", format_names);
        return NULL;
    }
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
        names[i] = formats[i]->name;
    }
    nearest = suggest(name, names, FORMATS);
    cli_usage_error("there is no format '%s'; write %s%s%s", name, format_names,
                    nearest ? "; did you mean " : "", nearest ? nearest : "");
    return NULL;
}

bool foreign_no_memory(char *why, size_t size)
{
    snprintf(why, size, "there is not enough memory, or there are more than %d domains",
             FOREIGN_MOST);
    return false;
}

struct foreign_section *foreign_add(struct foreign *foreign, const char *domain, size_t length)
{
    struct foreign_section *section;

    if (foreign->most > 0 && foreign->sections.count >= foreign->most)
        return NULL;
    section = list_add(&foreign->sections, sizeof(*section));
    if (!section)
        return NULL;
    section->mode = MODE_UNSET;
    section->domain = strndup(domain, length);
    if (section->domain)
        return section;
    foreign->sections.count--;
    return NULL;
}

bool foreign_add_pin(struct foreign_section *section, const char *text, bool backup)
{
    const struct foreign_pin *pins = section->pins.items;
    struct foreign_pin *pin;

    for (size_t i = 0; i < section->pins.count; i++)
        if (strcmp(pins[i].text, text) == 0)
            return true;
    pin = list_add(&section->pins, sizeof(*pin));
    if (!pin)
        return false;
    pin->backup = backup;
    pin->text = strdup(text);
    if (!pin->text)
        section->pins.count--;
    return pin->text != NULL;
}

static bool has_prefix(const char *text)
{
    static const char *const prefixes[] = {"sha256/", "sha1/", "sha512/", "md5/", "cert-sha256/"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

bool foreign_add_digest(struct foreign *foreign, struct foreign_section *section, const char *text,
                        size_t length)
{
    char written[256], canonical[PIN_TEXT_SIZE], why[512];
    bool prefixed = has_prefix(text);
    struct pin pin = {0};

    if (length > 200)
        return foreign_tell(foreign, "%s: \"%.40s...\" is no SHA-256 and is left out",
                            section->domain, text);
    snprintf(written, sizeof(written), "%.*s", (int)length, text);
    if (!(prefixed ? pin_parse : pin_parse_spki)(written, &pin, why, sizeof(why)))
        return foreign_tell(foreign, "%s: %s%s is left out: %s", section->domain,
                            prefixed ? "" : "sha256/", written, why);
    pin_format(&pin, canonical);
    return foreign_add_pin(section, canonical, false);
}

bool foreign_tell(struct foreign *foreign, const char *format, ...)
{
    char **item = list_add(&foreign->lost, sizeof(*item));
    va_list arguments;
    int length;

    if (!item)
        return false;
    va_start(arguments, format);
    length = vasprintf(item, format, arguments);
    va_end(arguments);
    if (length >= 0)
        return true;
    foreign->lost.count--;
    return false;
}

bool foreign_day(const char *text, char out[16])
{
    char day[11];

    while (isspace((unsigned char)*text))
        text++;
    snprintf(day, sizeof(day), "%s", text);
    if (strlen(day) != 10 || isdigit((unsigned char)text[10]) || date_parse(day, NULL) != DATE_GOOD)
        return false;
    memcpy(out, day, sizeof(day));
    return true;
}

void foreign_free_section(struct foreign_section *section)
{
    struct foreign_pin *pins = section->pins.items;

    for (size_t i = 0; i < section->pins.count; i++)
        free(pins[i].text);
    free(pins);
    free(section->domain);
    *section = (struct foreign_section){0};
}

void foreign_free(struct foreign *foreign)
{
    struct foreign_section *sections = foreign->sections.items;

    for (size_t i = 0; i < foreign->sections.count; i++)
        foreign_free_section(&sections[i]);
    free(sections);
    list_free_strings(&foreign->lost);
    *foreign = (struct foreign){0};
}
