#include "shim/next.h"

struct next {
    bool (*visit)(const struct elf_object *object, void *arg);
    void *arg;
    bool behind;
};

static bool visit_behind(const struct elf_object *object, void *arg)
{
    struct next *next = arg;

    if (next->behind)
        return next->visit(object, next->arg);
    next->behind = elf_is_own(object);
    return true;
}

void next_walk(bool (*visit)(const struct elf_object *object, void *arg), void *arg)
{
    struct next next = {visit, arg, false};

    elf_walk_started(visit_behind, &next);
}

void next_walk_first(unsigned count, bool (*visit)(const struct elf_object *object, void *arg),
                     void *arg)
{
    struct next next = {visit, arg, false};

    elf_walk_first(count, visit_behind, &next);
}

struct search {
    struct elf_wanted wanted;
    void *found;
};

static bool visit_wanted(const struct elf_object *object, void *arg)
{
    struct search *search = arg;

    search->found = elf_import(object, &search->wanted);
    return search->found == NULL;
}

void *next_function(const char *name)
{
    struct search search = {.wanted = {.name = name, .hash = elf_hash(name)}};

    next_walk(visit_wanted, &search);
    return search.found;
}

struct place {
    const void *address;
    bool before;
};

static bool visit_before(const struct elf_object *object, void *arg)
{
    struct place *place = arg;

    if (elf_contains(object, (const void *)next_walk))
        return false;
    place->before = elf_contains(object, place->address);
    return !place->before;
}

bool next_precedes(const void *address)
{
    struct place place = {address, false};

    elf_walk(visit_before, &place);
    return place.before;
}
