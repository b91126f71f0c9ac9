/* Pins as curl's --pinnedpubkey takes them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/foreign.h"

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

const struct foreign_format foreign_curl = {.name = "curl",
                                            .one_domain = true,
                                            .says = CAN_ADDRESS | CAN_ONE_LABEL | CAN_SUBDOMAINS,
                                            .read = read_curl,
                                            .write = write_curl};
