/* Changes to a config's text that leave the rest of it alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config_text.h"
#include "cli/config_token.h"

/* Puts `with` in the place of the octets from `start` to `end`. */
static bool splice(struct config_text *text, size_t start, size_t end, const char *with)
{
    size_t added = strlen(with), length = text->length - (end - start) + added;
    char *data = malloc(length + 1);
    struct config_text made;
    bool good;

    if (!data)
        return false;
    memcpy(data, text->data, start);
    memcpy(data + start, with, added);
    memcpy(data + start + added, text->data + end, text->length - end);
    good = config_text_read(data, length, &made);
    free(data);
    if (!good) {
        config_text_free(&made);
        return false;
    }
    config_text_free(text);
    *text = made;
    return true;
}

static const struct text_section *section_at(const struct config_text *text, size_t i)
{
    return (const struct text_section *)text->sections.items + i;
}

static size_t line_start(const struct config_text *text, size_t at)
{
    while (at > 0 && text->data[at - 1] != '\n')
        at--;
    return at;
}

/* Behind the end of the line. */
static size_t line_end(const struct config_text *text, size_t at)
{
    const char *end = strchr(text->data + at, '\n');

    return end ? (size_t)(end - text->data) + 1 : text->length;
}

static bool blank(const struct config_text *text, size_t start, size_t end)
{
    for (; start < end; start++)
        if (!strchr(" \t\r\n", text->data[start]))
            return false;
    return true;
}

/* The white space that the line of `at` begins with; as for printf's "%.*s". */
static int indent(const struct config_text *text, size_t at, const char **out)
{
    *out = text->data + line_start(text, at);
    return (int)strspn(*out, " \t");
}

static const char *line_break(const struct config_text *text)
{
    const char *first = strchr(text->data, '\n');

    return first && first > text->data && first[-1] == '\r' ? "\r\n" : "\n";
}

/* The last list of that role; -1: none. */
static long find_list(const struct text_section *section, bool backup)
{
    const struct text_list *list = section->lists.items;
    long found = -1;

    for (size_t i = 0; i < section->lists.count; i++)
        if (list[i].backup == backup)
            found = (long)i;
    return found;
}

static const struct text_pin *last_pin(const struct text_section *section, size_t list)
{
    const struct text_pin *pin = section->pins.items, *last = NULL;

    for (size_t i = 0; i < section->pins.count; i++)
        if (pin[i].list == list)
            last = &pin[i];
    return last;
}

/* The comma that comes next behind `at`; the text's length when something else does. */
static size_t next_comma(const struct config_text *text, size_t at)
{
    struct token_reader reader = {.data = text->data, .length = text->length, .at = at, .line = 1};
    struct token token = token_next(&reader, false);

    return token.kind == ',' ? token.start : text->length;
}

/* A section without such a list gets one, in front of its closing brace. */
static bool add_list(struct config_text *text, const struct text_section *section, const char *line,
                     bool backup)
{
    const char *name = backup ? "backup_pins" : "pins", *nl = line_break(text), *margin;
    size_t brace = section->end - 1, at = line_start(text, brace);
    int width = indent(text, section->start, &margin);
    bool alone = blank(text, at, brace), good;
    char *added;

    if (!alone)
        at = brace;
    if (asprintf(&added, "%s%.*s    %s = {%s%.*s        %s%s%.*s    }%s%.*s", alone ? "" : nl,
                 width, margin, name, nl, width, margin, line, nl, width, margin, nl,
                 alone ? 0 : width, margin) < 0)
        return false;
    good = splice(text, at, at, added);
    free(added);
    return good;
}

/* A list of one value without braces gets them. */
static bool open_list(struct config_text *text, const struct text_list *list)
{
    char *value = strndup(text->data + list->open, list->end - list->open), *with = NULL;
    bool good =
        value && asprintf(&with, "{%s}", value) >= 0 && splice(text, list->open, list->end, with);

    free(value);
    free(with);
    return good;
}

/* The white space in front of a new pin: as the last one has it, if that begins its line;
 * malloc'ed.
 */
static char *pin_indent(const struct config_text *text, const struct text_list *list,
                        const struct text_pin *last)
{
    bool leads = blank(text, line_start(text, last->start), last->start);
    const char *margin;
    int width = indent(text, leads ? last->start : list->start, &margin);
    char *made;

    return asprintf(&made, "%.*s%s", width, margin, leads ? "" : "    ") < 0 ? NULL : made;
}

/* Behind the last pin of a list, which has one at least. */
static bool add_to_list(struct config_text *text, const struct text_list *list,
                        const struct text_pin *last, const char *line)
{
    const char *nl = line_break(text), *margin;
    size_t brace = list->end - 1, at = line_start(text, brace);
    int width = indent(text, list->start, &margin);
    bool own_line = at > last->end && blank(text, at, brace), good = false;
    const char *comma = next_comma(text, last->end) < text->length ? "" : ",";
    char *inner = pin_indent(text, list, last), *added = NULL;

    if (!own_line)
        at = brace;
    /* From the last pin on, so that it gets its comma. */
    if (inner &&
        asprintf(&added, "%s%.*s%s%s%s%s%.*s", comma, (int)(at - last->end), text->data + last->end,
                 own_line ? "" : nl, inner, line, nl, own_line ? 0 : width, margin) >= 0)
        good = splice(text, last->end, at, added);
    free(added);
    free(inner);
    return good;
}

bool config_text_add_pin(struct config_text *text, size_t section, const char *pin, bool backup,
                         const char *comment)
{
    const struct text_section *s = section_at(text, section);
    const struct text_list *list;
    long found = find_list(s, backup);
    char *line;
    bool good = true;

    if (asprintf(&line, "\"%s\"%s%s", pin, comment ? " # " : "", comment ? comment : "") < 0)
        return false;
    if (found < 0) {
        good = add_list(text, s, line, backup);
    } else {
        if (!((const struct text_list *)s->lists.items)[found].braces)
            good = open_list(text, (const struct text_list *)s->lists.items + found);
        s = section_at(text, section);
        list = (const struct text_list *)s->lists.items + found;
        good = good && add_to_list(text, list, last_pin(s, (size_t)found), line);
    }
    free(line);
    return good;
}

/* The comments between two places that have a line to themselves, each with its line break. */
static char *comments_between(const struct config_text *text, size_t start, size_t end)
{
    struct token_reader reader = {.data = text->data, .length = end, .at = start, .line = 1};
    char *kept = calloc(1, end - start + 2), *out = kept;
    struct token token;

    while (kept && (token = token_next(&reader, true)).kind != TOKEN_END) {
        size_t from = line_start(text, token.start);

        if (token.kind != TOKEN_COMMENT || from < start || !blank(text, from, token.start))
            continue;
        out = stpncpy(out, text->data + from, token.end - from);
        *out++ = '\n';
    }
    return kept;
}

/* Takes out what lies between two places: whole lines, where nothing but a comment of its own
 * stands beside it. */
static bool cut(struct config_text *text, size_t start, size_t end, const char *kept)
{
    size_t first = line_start(text, start), last = line_end(text, end);
    const char *rest = text->data + end + strspn(text->data + end, " \t");
    bool alone = strchr("\r\n#", *rest) || strncmp(rest, "//", 2) == 0;

    if (alone && blank(text, first, start)) {
        start = first;
        end = last;
    }
    return splice(text, start, end, kept);
}

bool config_text_remove_pin(struct config_text *text, size_t section, size_t pin)
{
    const struct text_section *s = section_at(text, section);
    const struct text_pin *pins = s->pins.items, *it = &pins[pin];
    const struct text_list *list = (const struct text_list *)s->lists.items + it->list;
    bool first = pin == 0 || pins[pin - 1].list != it->list;
    bool last = pin + 1 == s->pins.count || pins[pin + 1].list != it->list;
    size_t own = next_comma(text, it->end), end = own < text->length ? own + 1 : it->end, before;
    char *kept;
    bool good;

    if (first && last) {
        kept = comments_between(text, list->open, list->end);
        good = kept && cut(text, list->start, list->end, kept);
        free(kept);
        return good;
    }
    if (memchr(text->data + it->end, '\n', end - it->end)) { /* its comma leads another line */
        size_t start = it->start;

        end = it->end;
        if (!last)
            return splice(text, own, own + 1, "") && cut(text, start, end, "");
    }
    if (!last) {
        if (text->data[end] == ' ' && !blank(text, line_start(text, it->start), it->start))
            end++;
        return cut(text, it->start, end, "");
    }
    /* With the comma behind the one before: the later place first. */
    before = next_comma(text, pins[pin - 1].end);
    return cut(text, it->start, end, "") && (before >= text->length || text->data[before] != ',' ||
                                             splice(text, before, before + 1, ""));
}

bool config_text_remove_section(struct config_text *text, size_t section)
{
    const struct text_section *s = section_at(text, section);

    return cut(text, s->start, s->end, "");
}

bool config_text_append(struct config_text *text, const char *lines)
{
    bool whole = text->length == 0 || text->data[text->length - 1] == '\n';
    char *added;
    bool good;

    if (asprintf(&added, "%s%s%s", whole ? "" : "\n", text->length > 0 ? "\n" : "", lines) < 0)
        return false;
    good = splice(text, text->length, text->length, added);
    free(added);
    return good;
}

bool config_text_blank(const struct config_text *text)
{
    return blank(text, 0, text->length);
}
