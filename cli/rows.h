/* Counts by several names at once, as "host and program": a row for each combination that was
 * seen, in memory that depends on the number of rows alone. */
#ifndef PINSHIM_CLI_ROWS_H
#define PINSHIM_CLI_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/list.h"

#define ROW_KEYS 7
#define ROW_NUMBER (ROW_KEYS - 1) /* the part that may be a number, as no other */

/* What a row begins with. The parts of the key are compared as they are: strings that names_keep
 * returned, NULL, or in the last place a number cast to a pointer. */
struct row {
    const void *key[ROW_KEYS];
    uint64_t count;
    int64_t first, last; /* times */
};

/* Rows of `size` octets each. Start with {.size = sizeof(struct …)}. */
struct rows {
    size_t size;
    void *tree;       /* tsearch(3) */
    struct list list; /* struct row *, in the order of arrival */
};

/* The row of this key, made if need be, with one more seen at `time`. NULL: memory is out. */
void *rows_count(struct rows *rows, int64_t time, const void *const key[ROW_KEYS]);
#define ROWS_COUNT(rows, time, ...)                                                                \
    rows_count(rows, time, (const void *const[ROW_KEYS]){__VA_ARGS__})

/* The row of this key, or NULL. */
void *rows_find(const struct rows *rows, const void *const key[ROW_KEYS]);
#define ROWS_FIND(rows, ...) rows_find(rows, (const void *const[ROW_KEYS]){__VA_ARGS__})

/* Row number `i` of the list. */
void *rows_at(const struct rows *rows, size_t i);

/* Sorts the list; `compare` is given two pointers to pointers to rows, as by qsort. */
void rows_sort(struct rows *rows, int (*compare)(const void *, const void *));

/* Compares two keys, part by part: as text, NULL before all others, and the last as a number. */
int row_compare(const struct row *a, const struct row *b);

void rows_free(struct rows *rows);

/* One copy of each string. Start with {0}. */
struct names {
    void *tree; /* tsearch(3) */
};

/* The one copy of `text`; NULL for NULL. Sets *failed when memory is out, and returns NULL. */
const char *names_keep(struct names *names, const char *text, bool *failed);

void names_free(struct names *names);

#endif
