#include "config/redirect.h"

#include <stdio.h>
#include <string.h>

#include "config/text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
/* RFC 3986 section 2.3, and 2.2: what stands for itself, and what separates. */
#define UNRESERVED LETTERS DIGITS "-._~"
#define RESERVED ":/?#[]@!$&'()*+,;="

/* A scheme in front: with that no opener can take it for an option or a file's name. */
static bool has_scheme(const char *url)
{
    return strspn(url, LETTERS) > 0 && url[strspn(url, LETTERS DIGITS "+-.")] == ':';
}

bool redirect_valid(const char *url, char *why, size_t size)
{
    size_t length = strlen(url);

    if (!has_scheme(url)) {
        snprintf(why, size, "write a whole URL, such as https://status.example.com/?host=%%h");
        return false;
    }
    if (length > REDIRECT_MAX) {
        snprintf(why, size, "it is longer than %d characters", REDIRECT_MAX);
        return false;
    }
    for (const char *c = url; *c != '\0'; c++) {
        if (*c == '%' && c[1] != '\0' && strchr("hpr%", c[1]) != NULL) {
            c++;
        } else if (*c == '%') {
            snprintf(why, size,
                     "%%h, %%p and %%r are host, port and reason; write %%%% for a percent");
            return false;
        } else if (strchr(UNRESERVED RESERVED, *c) == NULL) {
            snprintf(why, size,
                     "a URL has no such character as \"%c\"; write its octets as %%%%XX in hex",
                     *c);
            return false;
        }
    }
    return true;
}

static void add_encoded(struct text *text, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        if (strchr(UNRESERVED, c) != NULL) {
            text_add_char(text, *value);
        } else {
            text_add_char(text, '%');
            text_add_char(text, digits[c >> 4]);
            text_add_char(text, digits[c & 15]);
        }
    }
}

bool redirect_expand(const char *url, const char *host, const char *port, const char *reason,
                     char *out, size_t size)
{
    struct text text;

    text_init(&text, out, size);
    for (; *url != '\0'; url++) {
        if (*url != '%') {
            text_add_char(&text, *url);
            continue;
        }
        url++;
        if (*url == '%')
            text_add_char(&text, '%');
        else
            add_encoded(&text, *url == 'h' ? host : *url == 'p' ? port : reason);
    }
    return !text.cut;
}
