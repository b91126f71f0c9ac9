#include "cli/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/text.h"

static void escape(FILE *page, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", page);
            break;
        case '<':
            fputs("&lt;", page);
            break;
        case '>':
            fputs("&gt;", page);
            break;
        case '"':
            fputs("&quot;", page);
            break;
        case '\'':
            fputs("&#39;", page);
            break;
        default:
            putc(*text, page);
        }
    }
}

/* Octets of the first `limit` characters of UTF-8. */
static size_t octets(const char *text, size_t limit)
{
    size_t n = 0;

    while (text[n] && limit > 0) {
        n++;
        while (((unsigned char)text[n] & 0xc0) == 0x80)
            n++;
        limit--;
    }
    return n;
}

void html_text_cut(FILE *page, const char *text, size_t limit)
{
    size_t size = text ? 4 * strlen(text) + 1 : 2, cut;
    char *visible = malloc(size);
    struct text out;

    if (!visible) {
        fputs("(out of memory)", page);
        return;
    }
    text_init(&out, visible, size);
    text_add_printable(&out, text ? text : "-");
    cut = octets(visible, limit);
    if (visible[cut]) {
        visible[cut] = '\0';
        escape(page, visible);
        fputs("…", page);
    } else {
        escape(page, visible);
    }
    free(visible);
}

void html_text(FILE *page, const char *text)
{
    html_text_cut(page, text, (size_t)-1);
}

void html_element(FILE *page, const char *tag, const char *class, const char *text)
{
    fprintf(page, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    html_text(page, text);
    fprintf(page, "</%s>", tag);
}

void html_format(FILE *page, const char *tag, const char *class, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    html_element(page, tag, class, text);
}

void html_table_begin(FILE *page, const char *const *columns)
{
    fputs("<div class=\"wide\"><table><thead><tr>", page);
    for (; *columns; columns++)
        html_element(page, "th", **columns == '#' ? "n" : NULL,
                     **columns == '#' ? *columns + 1 : *columns);
    fputs("</tr></thead>\n<tbody>\n", page);
}

void html_table_end(FILE *page)
{
    fputs("</tbody></table></div>\n", page);
}
