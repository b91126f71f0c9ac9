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
    const char *at;       /* the directive that is read */
    const char *fault;    /* NULL: none */
    const char *fault_at; /* where */
};

static void set_fault(struct header *header, const char *fault)
{
    if (header->fault)
        return;
    header->fault = fault;
    header->fault_at = header->at;
}

static bool is_token(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* A header may go on in the next line (RFC 7230 section 3.2.4, obs-fold). */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
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
        set_fault(header, "max-age is wrong, or there twice");
    header->max_age_seen = true;
    if (strtoull(value, NULL, 10) == 0)
        set_fault(header, "max-age=0 tells browsers to forget the pins");
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
            set_fault(header, "includeSubDomains is there twice");
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
static char *read_value(struct header *header, const char **at, const char *end)
{
    char *value = malloc((size_t)(end - *at) + 1), *out = value;
    const char *c = *at;

    if (!value)
        return NULL;
    if (c < end && *c == '"') {
        for (c++; c < end && *c != '"'; c++) {
            if (*c == '\\' && c + 1 < end)
                c++;
            *out++ = is_blank(*c) ? ' ' : *c;
        }
        if (c == end)
            set_fault(header, "a quotation mark has no other that ends the value");
        c += c < end;
    } else {
        while (c < end && *c != ';' && !is_blank(*c))
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
        header->at = name;
        while (at < end && is_token(*at))
            at++;
        length = (size_t)(at - name);
        at = skip_blanks(at, end);
        if (at < end && *at == '=')
            at = skip_blanks(at + 1, end);
        else if (at < end && *at != ';')
            length = 0;
        if (length == 0) {
            set_fault(header, "it is no list of directives as in RFC 7469");
            return true;
        }
        value = read_value(header, &at, end);
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

/* The text that is read. */
struct headers {
    const char *line; /* the header that is read ... */
    unsigned number;  /* ... and its line */
    const char *domain;
    struct foreign *out;
    char *why;
    size_t size;
};

static unsigned lines_between(const char *from, const char *to)
{
    unsigned lines = 0;

    for (; from < to; from++)
        lines += *from == '\n';
    return lines;
}

static bool read_header(const struct headers *headers, const char *at, const char *end,
                        bool report_only)
{
    struct header header = {.out = headers->out, .at = at};

    header.section = foreign_add(headers->out, headers->domain, strlen(headers->domain));
    if (!header.section || !read_directives(&header, at, end))
        return foreign_no_memory(headers->why, headers->size);
    header.at = at;
    if (report_only)
        header.section->mode = MODE_AUDIT;
    else if (!header.max_age_seen)
        set_fault(&header, "max-age is missing, and so browsers pin nothing");
    if (header.fault)
        snprintf(headers->why, headers->size, "line %u: %s",
                 headers->number + lines_between(headers->line, header.fault_at), header.fault);
    return !header.fault;
}

/* The first header of each kind counts (RFC 7469 section 2.3.1), and one that is not report-only
 * more than another. */
static bool take_header(const struct headers *headers, const char *at, const char *end,
                        bool report_only, bool found[2])
{
    bool good;

    if (found[report_only])
        good = foreign_tell(headers->out,
                            "%s: line %u: only the first header counts; another is left out",
                            headers->domain, headers->number);
    else if (report_only && found[0])
        good = foreign_tell(headers->out,
                            "%s: line %u: its report-only pins are left out: there are others",
                            headers->domain, headers->number);
    else
        return read_header(headers, at, end, report_only);
    return good || foreign_no_memory(headers->why, headers->size);
}

/* The end of the header that begins here: of its last line, for one that begins with a blank goes
 * on, but not behind an empty one. */
static const char *header_end(const char *line, const char *end)
{
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    bool empty = stop && skip_blanks(line, stop) == stop;

    while (stop && !empty && end - stop > 1 && (stop[1] == ' ' || stop[1] == '\t'))
        stop = memchr(stop + 1, '\n', (size_t)(end - stop - 1));
    return stop ? stop : end;
}

static bool read_hpkp(const char *text, size_t length, const char *domain, struct foreign *out,
                      char *why, size_t size)
{
    struct headers headers = {text, 1, domain, out, why, size};
    const char *end = text + length;
    bool found[2] = {false, false};

    while (headers.line < end) {
        const char *line = headers.line, *stop = header_end(line, end), *tail = stop, *value;
        bool report_only;

        while (tail > line && isspace((unsigned char)tail[-1]))
            tail--;
        if (is_header(skip_blanks(line, tail), tail, &value, &report_only)) {
            if (!take_header(&headers, value, tail, report_only, found))
                return false;
            found[report_only] = true;
        }
        headers.line = stop < end ? stop + 1 : end;
        headers.number += lines_between(line, headers.line);
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
