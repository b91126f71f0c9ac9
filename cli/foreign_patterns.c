#include "cli/foreign_patterns.h"

#include <stdlib.h>
#include <string.h>

static bool parse(const struct foreign_section *section, struct pattern *out, char *why,
                  size_t size)
{
    if (!pattern_parse(section->domain, out, why, size))
        return false;
    if (section->include_subdomains && out->kind == PATTERN_EXACT)
        out->kind = PATTERN_ANY_DEPTH;
    return true;
}

struct pattern *foreign_patterns(struct foreign *foreign)
{
    struct pattern *patterns = calloc(foreign->sections.count + 1, sizeof(*patterns));
    char why[400];

    for (size_t i = 0; patterns && i < foreign->sections.count;) {
        struct foreign_section *section = (struct foreign_section *)foreign->sections.items + i;

        if (parse(section, &patterns[i], why, sizeof(why))) {
            i++;
            continue;
        }
        if (!foreign_tell(foreign, "%s is left out: %s", section->domain, why)) {
            free(patterns);
            return NULL;
        }
        foreign_drop(foreign, NULL, i);
    }
    return patterns;
}

static int compare(const struct pattern *a, const struct pattern *b)
{
    int order = a->kind != b->kind ? (int)a->kind - (int)b->kind : strcmp(a->name, b->name);

    if (order != 0 || a->kind != PATTERN_NETWORK)
        return order;
    if (a->prefix != b->prefix || a->network.bits != b->network.bits)
        return a->prefix != b->prefix ? a->prefix - b->prefix : a->network.bits - b->network.bits;
    return memcmp(a->network.bytes, b->network.bytes, a->network.bits / 8);
}

bool foreign_same_pattern(const struct pattern *a, const struct pattern *b)
{
    return compare(a, b) == 0;
}

void foreign_drop(struct foreign *foreign, struct pattern *patterns, size_t at)
{
    struct foreign_section *sections = foreign->sections.items;
    size_t behind = foreign->sections.count - at - 1;

    foreign_free_section(&sections[at]);
    memmove(&sections[at], &sections[at + 1], behind * sizeof(*sections));
    if (patterns)
        memmove(&patterns[at], &patterns[at + 1], behind * sizeof(*patterns));
    foreign->sections.count--;
}

struct place {
    const struct pattern *pattern;
    size_t at;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = compare(x->pattern, y->pattern);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static bool add_pins(struct foreign_section *first, const struct foreign_section *again)
{
    const struct foreign_pin *pins = again->pins.items;

    for (size_t i = 0; i < again->pins.count; i++)
        if (!foreign_add_pin(first, pins[i].text, pins[i].backup))
            return false;
    return true;
}

/* Takes out those that have no domain any more, in one go. */
static void close_ranks(struct foreign *foreign, struct pattern *patterns)
{
    struct foreign_section *sections = foreign->sections.items;
    size_t left = 0;

    for (size_t i = 0; i < foreign->sections.count; i++) {
        if (!sections[i].domain)
            continue;
        if (left < i) {
            sections[left] = sections[i];
            patterns[left] = patterns[i];
        }
        left++;
    }
    foreign->sections.count = left;
}

bool foreign_join(struct foreign *foreign, struct pattern *patterns,
                  bool (*merge)(struct foreign *foreign, struct foreign_section *first,
                                const struct foreign_section *again))
{
    struct foreign_section *sections = foreign->sections.items;
    size_t count = foreign->sections.count;
    struct place *places = calloc(count + 1, sizeof(*places));
    bool good = places;

    for (size_t i = 0; good && i < count; i++)
        places[i] = (struct place){&patterns[i], i};
    if (good && count > 1)
        qsort(places, count, sizeof(*places), compare_places);
    for (size_t i = 1, first = 0; good && i < count; i++) {
        struct foreign_section *again = &sections[places[i].at];

        if (compare(places[first].pattern, places[i].pattern) != 0) {
            first = i;
            continue;
        }
        good = add_pins(&sections[places[first].at], again) &&
               merge(foreign, &sections[places[first].at], again);
        foreign_free_section(again);
    }
    close_ranks(foreign, patterns);
    free(places);
    return good;
}
