#include "cli/learn_sections.h"

#include <stdlib.h>
#include <string.h>

static int by_pin(const void *a, const void *b)
{
    return strcmp(((const struct learn_pin *)a)->pin, ((const struct learn_pin *)b)->pin);
}

static int by_port_and_pin(const void *a, const void *b)
{
    unsigned x = ((const struct learn_pin *)a)->port, y = ((const struct learn_pin *)b)->port;

    return x != y ? (x > y) - (x < y) : by_pin(a, b);
}

static int compare_pins(const struct learn_section *a, const struct learn_section *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order = strcmp(a->pins[i].pin, b->pins[i].pin);
        if (order)
            return order;
    }
    return (a->count > b->count) - (a->count < b->count);
}

static int by_pins_and_port(const void *a, const void *b)
{
    const struct learn_section *x = a, *y = b;
    int order = compare_pins(x, y);

    return order ? order : (x->port > y->port) - (x->port < y->port);
}

bool learn_sections_equal(const struct learn_section *a, const struct learn_section *b)
{
    return compare_pins(a, b) == 0;
}

/* What two rows say of one pin, added up. */
static void merge(struct key_row *into, const struct key_row *from)
{
    into->row.count += from->row.count;
    if (from->row.first < into->row.first)
        into->row.first = from->row.first;
    if (from->row.last > into->row.last)
        into->row.last = from->row.last;
    into->verified += from->verified;
    into->unverified += from->unverified;
}

/* Makes one of those that compare as equal, in a sorted array. Returns how many are left. */
static size_t join(struct learn_pin *pins, size_t count, int (*compare)(const void *, const void *))
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (kept > 0 && compare(&pins[kept - 1], &pins[i]) == 0)
            merge(&pins[kept - 1].key, &pins[i].key);
        else
            pins[kept++] = pins[i];
    return kept;
}

static void sort(struct learn_sections *s, int (*compare)(const void *, const void *))
{
    if (s->pin_count > 1)
        qsort(s->pins, s->pin_count, sizeof(*s->pins), compare);
    s->pin_count = join(s->pins, s->pin_count, compare);
}

/* The keys that are taken; true if the port of one is not known, so that it may be any. */
static bool take_keys(const struct learn *learn, size_t first, size_t count, bool ca,
                      struct learn_sections *s)
{
    bool any = false;

    for (size_t i = first; i < first + count; i++) {
        const struct key_row *key = rows_at(&learn->keys, i);
        bool is_ca = ca && key->ca;

        if (!learn_takes(key))
            continue;
        s->pins[s->pin_count++] =
            (struct learn_pin){.pin = is_ca ? key->ca : key->row.key[KEY_SPKI],
                               .is_ca = is_ca,
                               .port = (unsigned)(uintptr_t)key->row.key[ROW_NUMBER],
                               .key = *key};
        any |= key->row.key[ROW_NUMBER] == NULL;
    }
    return any;
}

/* An item for each port, those of the same pins side by side. */
static void split(struct learn_sections *s)
{
    for (size_t i = 0; i < s->pin_count; i++) {
        if (i == 0 || s->pins[i].port != s->pins[i - 1].port)
            s->items[s->count++] =
                (struct learn_section){.pins = &s->pins[i], .port = s->pins[i].port};
        s->items[s->count - 1].count++;
    }
    if (s->count > 1)
        qsort(s->items, s->count, sizeof(*s->items), by_pins_and_port);
}

bool learn_sections_make(const struct learn *learn, size_t first, size_t count, bool ca,
                         struct learn_sections *out)
{
    struct learn_sections s = {.pins = calloc(count + 1, sizeof(*s.pins)),
                               .items = calloc(count + 1, sizeof(*s.items))};

    if (!s.pins || !s.items) {
        learn_sections_free(&s);
        return false;
    }
    s.any_port = take_keys(learn, first, count, ca, &s);
    sort(&s, by_port_and_pin);
    split(&s);
    if (s.count > 0 && learn_sections_equal(&s.items[0], &s.items[s.count - 1]))
        s.any_port = true; /* sorted by their pins, so all between are equal as well */
    if (s.any_port && s.count > 0) {
        sort(&s, by_pin);
        s.items[0] = (struct learn_section){.pins = s.pins, .count = s.pin_count};
        s.count = 1;
    }
    *out = s;
    return true;
}

void learn_sections_free(struct learn_sections *sections)
{
    free(sections->pins);
    free(sections->items);
    *sections = (struct learn_sections){0};
}
