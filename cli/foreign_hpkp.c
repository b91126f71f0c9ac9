/* HTTP Public Key Pinning (RFC 7469 section 2.1): the header, or a whole response's headers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/foreign.h"
#include "config/date.h"

#define HEADER "Public-Key-Pins"
#define REPORT_ONLY HEADER "-Report-Only"
/* What a browser was to remember pins for when nothing says how long: 60 days. */
#define DEFAULT_MAX_AGE 5184000

/* What one header has said so far. */
struct header {
    struct foreign *out;
    struct foreign_section *section;
    bool max_age_seen, subdomains_seen;
    const char *fault;
};

static bool is_token(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static bool named(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(name, wanted, length) == 0;
}

static bool take_max_age(struct header *header, const char *value)
{
    struct foreign *out = header->out;
    const char *domain = header->section->domain;

    if (header->max_age_seen || !*value || value[strspn(value, "0123456789")])
        header->fault = "max-age is wrong, or there twice";
    header->max_age_seen = true;
    if (strtoull(value, NULL, 10) == 0)
        header->fault = "max-age=0 tells browsers to forget the pins";
    return foreign_tell(out,
                        "%s: max-age=%s is left out: it counts from each visit; write expires = "
                        "\"YYYY-MM-DD\" where an end is meant",
                        domain, value);
}

/* One directive. */
static bool take(struct header *header, const char *name, size_t length, const char *value)
{
    struct foreign_section *section = header->section;

    if (named(name, length, "pin-sha256"))
        return foreign_add_digest(header->out, section, value, strlen(value));
    if (named(name, length, "max-age"))
        return take_max_age(header, value);
    if (named(name, length, "includeSubDomains")) {
        if (header->subdomains_seen)
            header->fault = "includeSubDomains is there twice";
        header->subdomains_seen = section->include_subdomains = true;
        return true;
    }
    if (named(name, length, "report-uri"))
        return foreign_tell(header->out, "%s: report-uri %s is left out: reports are events here",
                            section->domain, value);
    return foreign_tell(header->out, "%s: the directive %.*s is not known and left out",
                        section->domain, (int)(length < 60 ? length : 60), name);
}

/* Reads one value, a token or a quoted string, to malloc'ed memory; *at goes behind it. */
static char *read_value(const char **at, const char *end)
{
    char *value = malloc((size_t)(end - *at) + 1), *out = value;
    const char *c = *at;

    if (!value)
        return NULL;
    if (c < end && *c == '"') {
        for (c++; c < end && *c != '"'; c++) {
            if (*c == '\\' && c + 1 < end)
                c++;
            *out++ = *c;
        }
        c += c < end;
    } else {
        while (c < end && *c != ';' && *c != ' ' && *c != '\t')
            *out++ = *c++;
    }
    *out = '\0';
    *at = c;
    return value;
}

static bool read_directives(struct header *header, const char *at, const char *end)
{
    bool good = true;

    while (good && (at = skip_blanks(at, end)) < end) {
        const char *name = at;
        size_t length;
        char *value;

        if (*at == ';') {
            at++;
            continue;
        }
        while (at < end && is_token(*at))
            at++;
        length = (size_t)(at - name);
        at = skip_blanks(at, end);
        if (at < end && *at == '=')
            at = skip_blanks(at + 1, end);
        else if (at < end && *at != ';')
            length = 0;
        if (length == 0) {
            header->fault = "it is no list of directives as in RFC 7469";
            return true;
        }
        value = read_value(&at, end);
        good = value && take(header, name, length, value);
        free(value);
    }
    return good;
}

/* The header on this line: its value begins at *value; NULL: none. */
static bool is_header(const char *line, const char *end, const char **value, bool *report_only)
{
    static const char *const names[] = {REPORT_ONLY, HEADER};

    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(names[i]);

        if ((size_t)(end - line) > length && strncasecmp(line, names[i], length) == 0 &&
            line[length] == ':') {
            *value = line + length + 1;
            *report_only = i == 0;
            return true;
        }
    }
    *value = line;
    *report_only = false;
    return end - line > 4 && strncasecmp(line, "pin-", 4) == 0;
}

static bool read_header(const char *at, const char *end, bool report_only, const char *domain,
                        struct foreign *out, char *why, size_t size)
{
    struct header header = {.out = out, .section = foreign_add(out, domain, strlen(domain))};

    if (!header.section || !read_directives(&header, at, end))
        return foreign_no_memory(why, size);
    if (report_only)
        header.section->mode = MODE_AUDIT;
    else if (!header.max_age_seen && !header.fault)
        header.fault = "max-age is missing, and so browsers pin nothing";
    if (header.fault)
        snprintf(why, size, "%s", header.fault);
    return !header.fault;
}

static bool read_hpkp(const char *text, size_t length, const char *domain, struct foreign *out,
                      char *why, size_t size)
{
    const char *end = text + length, *line = text;
    bool found[2] = {false, false};

    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line)), *value, *tail;
        bool report_only;

        stop = stop ? stop : end;
        for (tail = stop; tail > line && isspace((unsigned char)tail[-1]);)
            tail--;
        if (is_header(line, tail, &value, &report_only)) {
            if (found[report_only]) { /* RFC 7469 section 2.3.1: the first one counts */
                if (!foreign_tell(out, "%s: only the first header counts; another is left out",
                                  domain))
                    return foreign_no_memory(why, size);
            } else if (report_only && found[0]) {
                if (!foreign_tell(out, "%s: its report-only pins are left out: there are others",
                                  domain))
                    return foreign_no_memory(why, size);
            } else if (!read_header(value, tail, report_only, domain, out, why, size)) {
                return false;
            }
            found[report_only] = true;
        }
        line = stop < end ? stop + 1 : end;
    }
    if (!found[0] && !found[1])
        snprintf(why, size, "it has no header " HEADER);
    return found[0] || found[1];
}

/* Seconds to the end of the day `expires`, at least 0. */
static long long max_age(const char *expires)
{
    struct date date;
    int64_t end;

    if (date_parse(expires, &date) != DATE_GOOD)
        return DEFAULT_MAX_AGE;
    end = (date_to_days(&date) + 1) * 86400;
    return end > time(NULL) ? (long long)(end - time(NULL)) : 0;
}

static bool write_hpkp(const struct foreign *foreign, bool json, FILE *out, char *why, size_t size)
{
    const struct foreign_section *section = foreign->sections.items;
    const struct foreign_pin *pins = section->pins.items;

    (void)json;
    (void)why;
    (void)size;
    fprintf(out, "%s: ", section->mode == MODE_AUDIT ? REPORT_ONLY : HEADER);
    for (size_t i = 0; i < section->pins.count; i++)
        fprintf(out, "pin-sha256=\"%s\"; ", pins[i].text + strlen("sha256/"));
    fprintf(out, "max-age=%lld%s\n", max_age(section->expires),
            section->include_subdomains ? "; includeSubDomains" : "");
    return true;
}

const struct foreign_format foreign_hpkp = {.name = "hpkp",
                                            .one_domain = true,
                                            .says = CAN_SUBDOMAINS | CAN_AUDIT | CAN_EXPIRES,
                                            .read = read_hpkp,
                                            .write = write_hpkp};
