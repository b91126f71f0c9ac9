/* Pins in lines of text: OkHttp's, a host and its pins each, also as CertificatePinner.Builder is
 * told them; and curl's --pinnedpubkey. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/foreign.h"

#define SEPARATORS " \t\r\"'(),;"

static bool is_digest(const char *word, size_t length)
{
    return length > 7 && (strncmp(word, "sha256/", 7) == 0 || strncmp(word, "sha1/", 5) == 0 ||
                          strncmp(word, "sha512/", 7) == 0 || strncmp(word, "md5/", 4) == 0);
}

static struct foreign_section *section_of(struct foreign *out, const char *host, size_t length)
{
    struct foreign_section *sections = out->sections.items;

    for (size_t i = out->sections.count; i-- > 0;) /* mostly the one before */
        if (strncmp(sections[i].domain, host, length) == 0 && !sections[i].domain[length])
            return &sections[i];
    return foreign_add(out, host, length);
}

/* One line; *fault: it has pins without a host, or, unless it is a call of something, a host
 * without pins. */
static bool read_line(const char *line, const char *end, struct foreign *out, bool *fault)
{
    bool call = memchr(line, '(', (size_t)(end - line));
    struct foreign_section *section = NULL;
    const char *host = NULL;
    size_t host_length = 0, pins = 0;
    bool good = true;

    while (good && line < end) {
        size_t length = 0;

        while (line < end && strchr(SEPARATORS, *line))
            line++;
        while (line + length < end && !strchr(SEPARATORS, line[length]))
            length++;
        if (length == 0 || *line == '#' || (length >= 2 && memcmp(line, "//", 2) == 0))
            break;
        if (is_digest(line, length) && host) {
            section = section ? section : section_of(out, host, host_length);
            good = section && foreign_add_digest(out, section, line, length);
            pins++;
        } else if (is_digest(line, length)) {
            *fault = true;
        } else if (*line != '.') {
            host = line;
            host_length = length;
        }
        line += length;
    }
    *fault |= host && pins == 0 && !call;
    return good;
}

static bool read_okhttp(const char *text, size_t length, const char *domain, struct foreign *out,
                        char *why, size_t size)
{
    const char *end = text + length, *line = text;

    (void)domain;
    for (unsigned number = 1; line < end; number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        bool fault = false;

        stop = stop ? stop : end;
        if (!read_line(line, stop, out, &fault))
            return foreign_no_memory(why, size);
        if (fault) {
            snprintf(why, size, "line %u: write a host and its pins: api.example.com sha256/...",
                     number);
            return false;
        }
        line = stop < end ? stop + 1 : end;
    }
    return true;
}

static bool write_okhttp(const struct foreign *foreign, bool json, FILE *out, char *why,
                         size_t size)
{
    const struct foreign_section *sections = foreign->sections.items;

    (void)json;
    (void)why;
    (void)size;
    for (size_t i = 0; i < foreign->sections.count; i++) {
        const struct foreign_pin *pins = sections[i].pins.items;

        for (size_t n = 0; n < sections[i].pins.count; n++)
            fprintf(out, "%s%s %s\n", sections[i].include_subdomains ? "**." : "",
                    sections[i].domain, pins[n].text);
    }
    return true;
}

static bool read_curl(const char *text, size_t length, const char *domain, struct foreign *out,
                      char *why, size_t size)
{
    struct foreign_section *section = foreign_add(out, domain, strlen(domain));
    const char *end = text + length;

    if (!section)
        return foreign_no_memory(why, size);
    while (text < end) {
        size_t word = 0;

        while (text < end && (isspace((unsigned char)*text) || strchr(";\"'", *text)))
            text++;
        while (text + word < end && !isspace((unsigned char)text[word]) &&
               !strchr(";\"'", text[word]))
            word++;
        if (word == 0)
            break;
        if (word < 8 || memcmp(text, "sha256//", 8) != 0) {
            snprintf(why, size,
                     "it is no list of curl's pins, as in sha256//...;sha256//...; a key that curl "
                     "is told as a file: pinshim add %s --cert FILE",
                     domain);
            return false;
        }
        /* Without its prefix: a digest cut by one character must not pass for one that begins with
         * the second slash. */
        if (!foreign_add_digest(out, section, text + 8, word - 8))
            return foreign_no_memory(why, size);
        text += word;
    }
    return true;
}

static bool write_curl(const struct foreign *foreign, bool json, FILE *out, char *why, size_t size)
{
    const struct foreign_section *section = foreign->sections.items;
    const struct foreign_pin *pins = section->pins.items;

    (void)json;
    (void)why;
    (void)size;
    for (size_t i = 0; i < section->pins.count; i++)
        fprintf(out, "%ssha256//%s", i ? ";" : "", pins[i].text + strlen("sha256/"));
    fputc('\n', out);
    return true;
}

const struct foreign_format foreign_okhttp = {.name = "okhttp",
                                              .adds_up = true,
                                              .says = CAN_SUBDOMAINS | CAN_ONE_LABEL | CAN_MANY,
                                              .read = read_okhttp,
                                              .write = write_okhttp};

const struct foreign_format foreign_curl = {.name = "curl",
                                            .one_domain = true,
                                            .says = CAN_ADDRESS | CAN_ONE_LABEL | CAN_SUBDOMAINS,
                                            .read = read_curl,
                                            .write = write_curl};
