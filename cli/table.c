#include "cli/table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/json_text.h"
#include "config/text.h"

struct table {
    struct libscols_table *scols;
    const struct table_column *columns;
    size_t count;
    enum table_audience audience;
    struct libscols_line *last;
    bool colors;
};

static bool shown(const struct table *table, size_t column)
{
    enum table_audience audience = table->columns[column].audience;

    return audience == TABLE_BOTH || audience == table->audience;
}

static bool add_column(struct table *table, const struct table_column *column)
{
    static const int json_type[] = {
        [TABLE_TEXT] = SCOLS_JSON_STRING,
        [TABLE_NUMBER] = SCOLS_JSON_NUMBER,
        [TABLE_YES_NO] = SCOLS_JSON_BOOLEAN,
    };
    struct libscols_column *scols;

    scols = scols_table_new_column(table->scols, column->name, 0,
                                   column->type == TABLE_NUMBER ? SCOLS_FL_RIGHT : 0);
    return scols && scols_column_set_json_type(scols, json_type[column->type]) == 0;
}

/* no-color.org: a variable that is there and not empty. */
static bool wants_colors(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && (!no || !*no) && terminal && strcmp(terminal, "dumb") != 0;
}

struct table *table_new(const char *name, bool json, const struct table_column *columns,
                        size_t count)
{
    struct table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    table->columns = columns;
    table->count = count;
    table->audience = json ? TABLE_JSON : TABLE_PEOPLE;
    table->scols = scols_new_table();
    if (!table->scols || scols_table_set_name(table->scols, name) != 0)
        goto fail;
    scols_table_enable_json(table->scols, json);
    table->colors = !json && wants_colors();
    scols_table_enable_colors(table->scols, table->colors);
    /* A pin that is cut or broken over lines cannot be copied: let the terminal wrap. */
    scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
    for (size_t i = 0; i < count; i++)
        if (shown(table, i) && !add_column(table, &columns[i]))
            goto fail;
    return table;
fail:
    table_free(table);
    return NULL;
}

/* JSON is UTF-8 (RFC 8259 section 8.1), file names need not be: U+FFFD stands for each octet
 * that is not. libsmartcols escapes the rest. */
static char *as_utf8(const char *value)
{
    const unsigned char *in = (const unsigned char *)value;
    char *copy = malloc(3 * strlen(value) + 1), *out = copy;
    size_t length;

    for (; copy && *in; in += length ? length : 1) {
        length = text_utf8_length(in);
        if (length) {
            memcpy(out, in, length);
            out += length;
        } else {
            out = stpcpy(out, "\xef\xbf\xbd");
        }
    }
    if (copy)
        *out = '\0';
    return copy;
}

/* libsmartcols escapes what is not printable, and takes for printable what turns the direction of
 * text: there such a name would hide the columns beside it. */
static char *as_shown(const char *value)
{
    const unsigned char *in = (const unsigned char *)value;
    char escape[TEXT_ESCAPE_SIZE], *copy = malloc(3 * strlen(value) + 1), *out = copy;
    size_t length;

    for (; copy && *in; in += length ? length : 1) {
        length = text_acting(in, escape);
        if (length)
            out = stpcpy(out, escape);
        else
            *out++ = (char)*in;
    }
    if (copy)
        *out = '\0';
    return copy;
}

static bool set_cell(struct table *table, struct libscols_line *line, size_t n, const char *value)
{
    char *copy;

    if (!value)
        return true;
    copy = table->audience == TABLE_JSON ? as_utf8(value) : as_shown(value);
    if (copy && scols_line_refer_data(line, n, copy) == 0)
        return true; // NOLINT(clang-analyzer-unix.Malloc): the line owns it now
    free(copy);
    return false;
}

bool table_row(struct table *table, const char *const *values)
{
    struct libscols_line *line = scols_table_new_line(table->scols, NULL);
    size_t n = 0;

    if (!line)
        return false;
    table->last = line;
    for (size_t i = 0; i < table->count; i++)
        if (shown(table, i) && !set_cell(table, line, n++, values[i]))
            return false;
    return true;
}

void table_color(struct table *table, const char *color)
{
    if (table->colors && table->last)
        scols_line_set_color(table->last, color);
}

bool table_print(struct table *table)
{
    char *text = NULL;
    bool good;

    if (table->audience != TABLE_JSON)
        return scols_print_table(table->scols) == 0;
    good = scols_print_table_to_string(table->scols, &text) == 0;
    if (good)
        json_print(text);
    free(text);
    return good;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    scols_unref_table(table->scols);
    free(table);
}
