/* Tables for people and, with --json, for programs (libsmartcols). */
#ifndef PINSHIM_CLI_TABLE_H
#define PINSHIM_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum table_audience { TABLE_BOTH, TABLE_PEOPLE, TABLE_JSON };
enum table_type { TABLE_TEXT, TABLE_NUMBER, TABLE_YES_NO };

struct table_column {
    const char *name; /* in JSON in lower case */
    enum table_type type;
    enum table_audience audience;
};

struct table;

/* A table of `count` columns; those not meant for the audience are left out. `name` is the key
 * of the JSON array. NULL when memory is out. Free with table_free. */
struct table *table_new(const char *name, bool json, const struct table_column *columns,
                        size_t count);

/* Adds a row: one value for each of the columns given to table_new; NULL is an empty cell, and
 * null in JSON. A TABLE_YES_NO is "yes" or "no". False when memory is out. */
bool table_row(struct table *table, const char *const *values);

/* Colours the row that was added last ("green", "red", "yellow"): on a terminal, unless NO_COLOR is
 * set. */
void table_color(struct table *table, const char *color);

/* Prints the table on stdout; false when that failed. */
bool table_print(struct table *table);

void table_free(struct table *table);

#endif
