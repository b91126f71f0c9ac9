/* libc's balanced tree: hostile names cannot make it slow, as they can a hash table. */
#include "cli/rows.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *a, const void *b)
{
    return memcmp(((const struct row *)a)->key, ((const struct row *)b)->key,
                  sizeof(((const struct row *)a)->key));
}

static struct row *add(struct rows *rows, struct row *wanted)
{
    struct row *row = calloc(1, rows->size);
    struct row **entry = row ? list_add(&rows->list, sizeof(*entry)) : NULL;

    if (!entry) {
        free(row);
        return NULL;
    }
    *row = *wanted;
    *entry = row;
    if (!tsearch(row, &rows->tree, compare_keys)) {
        rows->list.count--;
        free(row);
        return NULL;
    }
    return row;
}

void *rows_count(struct rows *rows, int64_t time, const void *const key[ROW_KEYS])
{
    struct row *row = rows_find(rows, key), wanted = {.first = time, .last = time};

    if (!row) {
        memcpy(wanted.key, key, sizeof(wanted.key));
        row = add(rows, &wanted);
    }
    if (!row)
        return NULL;
    row->count++;
    if (time < row->first)
        row->first = time;
    if (time > row->last)
        row->last = time;
    return row;
}

void *rows_find(const struct rows *rows, const void *const key[ROW_KEYS])
{
    struct row wanted;
    struct row **found;

    memcpy(wanted.key, key, sizeof(wanted.key));
    found = tfind(&wanted, &rows->tree, compare_keys);
    return found ? *found : NULL;
}

void *rows_at(const struct rows *rows, size_t i)
{
    return ((struct row **)rows->list.items)[i];
}

void rows_sort(struct rows *rows, int (*compare)(const void *, const void *))
{
    if (rows->list.count > 1)
        qsort(rows->list.items, rows->list.count, sizeof(struct row *), compare);
}

int row_compare(const struct row *a, const struct row *b)
{
    uintptr_t x = (uintptr_t)a->key[ROW_NUMBER], y = (uintptr_t)b->key[ROW_NUMBER];

    for (size_t part = 0; part < ROW_NUMBER; part++) {
        const char *s = a->key[part], *t = b->key[part];
        int order = s && t ? strcmp(s, t) : !!s - !!t;

        if (order)
            return order;
    }
    return (x > y) - (x < y);
}

static void leave(void *item)
{
    (void)item; /* the list has it */
}

void rows_free(struct rows *rows)
{
    tdestroy(rows->tree, leave);
    for (size_t i = 0; i < rows->list.count; i++)
        free(rows_at(rows, i));
    free(rows->list.items);
    *rows = (struct rows){.size = rows->size};
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

const char *names_keep(struct names *names, const char *text, bool *failed)
{
    char **found = text ? tfind(text, &names->tree, compare_names) : NULL;
    char *copy;

    if (!text || found)
        return text ? *found : NULL;
    copy = strdup(text);
    if (!copy || !tsearch(copy, &names->tree, compare_names)) {
        free(copy);
        *failed = true;
        return NULL;
    }
    return copy;
}

void names_free(struct names *names)
{
    tdestroy(names->tree, free);
    names->tree = NULL;
}
