#include "config/builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool builder_init(struct builder *builder)
{
    struct scope_draft *top;

    memset(builder, 0, sizeof *builder);
    top = list_add(&builder->scopes, sizeof *top);
    if (top == NULL)
        return false;
    top->mode = MODE_ENFORCE;
    top->unpinned = top->expired = RULE_ALLOW;
    top->reload_interval = RELOAD_INTERVAL;
    top->unnamed = RULE_UNSET;
    return true;
}

void builder_free(struct builder *builder)
{
    struct section_draft *section = builder->sections.items;
    struct scope_draft *scope = builder->scopes.items;

    for (size_t i = 0; i < builder->sections.count; i++, section++) {
        free(section->title);
        free(section->owner);
        free(section->ports.items);
        free(section->pins.items);
        free(section->backups.items);
    }
    for (size_t i = 0; i < builder->scopes.count; i++, scope++) {
        char **sinks = scope->sinks.items;
        for (size_t k = 0; k < scope->sinks.count; k++)
            free(sinks[k]);
        free(sinks);
        free(scope->program);
    }
    list_free_strings(&builder->files);
    free(builder->sections.items);
    free(builder->scopes.items);
    memset(builder, 0, sizeof *builder);
}

const char *builder_file(const struct builder *builder, uint32_t index)
{
    return ((char *const *)builder->files.items)[index];
}

void builder_place(const struct builder *builder, uint32_t file, unsigned line, uint32_t seen_from,
                   char out[PLACE_SIZE])
{
    if (file == seen_from)
        snprintf(out, PLACE_SIZE, "line %u", line);
    else
        snprintf(out, PLACE_SIZE, "line %u of %.250s", line, builder_file(builder, file));
}

/* A draft with the key it is sorted and found by. */
struct keyed {
    const struct section_draft *draft;
    enum pattern_kind kind;
    uint64_t key;
};

static int compare_ports(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Does `a` stand before `b` in the config? */
static bool written_before(const struct section_draft *a, const struct section_draft *b)
{
    return a->file != b->file ? a->file < b->file : a->line < b->line;
}

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    const uint16_t *p = x->draft->ports.items, *q = y->draft->ports.items;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    /* Same name: by first port, so that the image does not depend on the order of sections. */
    if (x->draft->ports.count > 0 && y->draft->ports.count > 0 && *p != *q)
        return *p < *q ? -1 : 1;
    return written_before(y->draft, x->draft) ? 1 : -1;
}

static bool ports_overlap(const struct section_draft *a, const struct section_draft *b)
{
    const uint16_t *p = a->ports.items, *q = b->ports.items;

    if (a->ports.count == 0 || b->ports.count == 0)
        return true;
    for (size_t i = 0; i < a->ports.count; i++)
        for (size_t k = 0; k < b->ports.count; k++)
            if (p[i] == q[k])
                return true;
    return false;
}

static bool same_name(const struct keyed *a, const struct keyed *b)
{
    return a->draft->scope == b->draft->scope && a->kind == b->kind &&
           a->draft->pattern.prefix == b->draft->pattern.prefix &&
           address_equal(&a->draft->pattern.network, &b->draft->pattern.network) &&
           strcmp(a->draft->pattern.name, b->draft->pattern.name) == 0;
}

static bool check_duplicates(const struct builder *builder, const struct keyed *keyed, size_t count,
                             struct config_error *error)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count && keyed[k].key == keyed[i].key; k++) {
            const struct section_draft *a = keyed[i].draft, *b = keyed[k].draft;
            const struct section_draft *first = written_before(a, b) ? a : b;
            const struct section_draft *second = first == a ? b : a;

            char place[PLACE_SIZE];

            builder_place(builder, first->file, first->line, second->file, place);
            error->line = second->line;
            snprintf(error->file, sizeof error->file, "%s", builder_file(builder, second->file));
            if (!same_name(&keyed[i], &keyed[k])) {
                snprintf(error->text, sizeof error->text,
                         "domain \"%s\" and domain \"%s\" have the same hash; write one of them "
                         "as a wildcard or an address",
                         first->title, second->title);
                return false;
            }
            if (ports_overlap(a, b)) {
                snprintf(error->text, sizeof error->text,
                         "domain \"%s\" means the same as domain \"%s\" on %.200s; join "
                         "them, or give them different ports",
                         second->title, first->title, place);
                return false;
            }
        }
    return true;
}

static struct keyed *sort_sections(const struct builder *builder)
{
    const struct section_draft *draft = builder->sections.items;
    struct keyed *keyed = calloc(builder->sections.count + 1, sizeof *keyed);

    if (keyed == NULL)
        return NULL;
    for (size_t i = 0; i < builder->sections.count; i++, draft++) {
        const struct pattern *p = &draft->pattern;
        keyed[i].draft = draft;
        keyed[i].kind = draft->include_subdomains ? PATTERN_ANY_DEPTH : p->kind;
        keyed[i].key = p->kind == PATTERN_NETWORK
                           ? policy_key(draft->scope, p->kind, p->network.bytes,
                                        p->network.bits / 8, p->prefix)
                           : policy_key(draft->scope, keyed[i].kind, p->name, strlen(p->name), 0);
        if (draft->ports.count > 1)
            qsort(draft->ports.items, draft->ports.count, sizeof(uint16_t), compare_ports);
    }
    if (builder->sections.count > 1)
        qsort(keyed, builder->sections.count, sizeof *keyed, compare_keyed);
    return keyed;
}

/* How much of each part there will be; then, while writing, how much there is. */
struct totals {
    uint32_t pins, ports, sinks, strings;
};

static uint32_t string_size(const char *string)
{
    return string == NULL || *string == '\0' ? 0 : (uint32_t)strlen(string) + 1;
}

static struct totals count_parts(const struct builder *builder)
{
    const struct section_draft *draft = builder->sections.items;
    const struct scope_draft *scope = builder->scopes.items;
    struct totals n = {.strings = 1};

    for (size_t i = 0; i < builder->sections.count; i++, draft++) {
        n.pins += (uint32_t)(draft->pins.count + draft->backups.count);
        n.ports += (uint32_t)draft->ports.count;
        n.strings += string_size(draft->title) + string_size(draft->owner) +
                     string_size(draft->pattern.name);
    }
    for (size_t i = 0; i < builder->scopes.count; i++, scope++) {
        char **sinks = scope->sinks.items;
        n.sinks += (uint32_t)scope->sinks.count;
        n.strings += string_size(scope->program);
        for (size_t k = 0; k < scope->sinks.count; k++)
            n.strings += string_size(sinks[k]);
    }
    return n;
}

static struct policy_array place(uint32_t *size, uint32_t count, size_t element)
{
    struct policy_array array = {*size, count};

    *size += (uint32_t)((count * element + 7) & ~(size_t)7);
    return array;
}

static struct policy *allocate(const struct builder *builder, const struct totals *n)
{
    struct policy head = {.version = POLICY_VERSION, .byte_order = POLICY_BYTE_ORDER};
    uint32_t buckets = 2, sections = (uint32_t)builder->sections.count;
    struct policy *policy;

    while (buckets < 2 * (sections + 1))
        buckets *= 2;
    memcpy(head.magic, POLICY_MAGIC, sizeof head.magic);
    head.size = sizeof head;
    head.scopes = place(&head.size, (uint32_t)builder->scopes.count, sizeof(struct policy_scope));
    head.sections = place(&head.size, sections, sizeof(struct policy_section));
    head.buckets = place(&head.size, buckets, sizeof(uint32_t));
    head.pins = place(&head.size, n->pins, sizeof(struct policy_pin));
    head.ports = place(&head.size, n->ports, sizeof(uint16_t));
    head.sinks = place(&head.size, n->sinks, sizeof(uint32_t));
    head.strings = place(&head.size, n->strings, 1);
    head.reload_interval = ((const struct scope_draft *)builder->scopes.items)->reload_interval;
    policy = calloc(1, head.size);
    if (policy != NULL)
        *policy = head;
    return policy;
}

static void *part(struct policy *policy, const struct policy_array *array, size_t element,
                  uint32_t index)
{
    return (char *)policy + array->offset + element * index;
}

static uint32_t write_string(struct policy *policy, struct totals *done, const char *string)
{
    uint32_t offset = done->strings, size = string_size(string);

    if (size == 0)
        return 0;
    memcpy(part(policy, &policy->strings, 1, offset), string, size);
    done->strings += size;
    return offset;
}

static void write_scopes(struct policy *policy, const struct builder *builder, struct totals *done)
{
    const struct scope_draft *draft = builder->scopes.items;

    for (uint32_t i = 0; i < policy->scopes.count; i++, draft++) {
        struct policy_scope *scope = part(policy, &policy->scopes, sizeof *scope, i);
        char **sinks = draft->sinks.items;

        scope->program = write_string(policy, done, draft->program);
        scope->mode = draft->mode;
        scope->unpinned = draft->unpinned;
        scope->unnamed = draft->unnamed;
        scope->expired = draft->expired;
        scope->lock_mode = draft->lock_mode;
        scope->sinks_set = draft->sinks_set;
        scope->sinks = (struct policy_array){done->sinks, (uint32_t)draft->sinks.count};
        for (size_t k = 0; k < draft->sinks.count; k++) {
            uint32_t *sink = part(policy, &policy->sinks, sizeof *sink, done->sinks++);
            *sink = write_string(policy, done, sinks[k]);
        }
    }
}

static void write_pins(struct policy *policy, const struct list *pins, struct totals *done)
{
    if (pins->count > 0)
        memcpy(part(policy, &policy->pins, sizeof(struct policy_pin), done->pins), pins->items,
               pins->count * sizeof(struct policy_pin));
    done->pins += (uint32_t)pins->count;
}

static void write_section(struct policy *policy, uint32_t index, const struct keyed *keyed,
                          struct totals *done)
{
    const struct section_draft *draft = keyed->draft;
    struct policy_section *s = part(policy, &policy->sections, sizeof *s, index);

    s->key = keyed->key;
    s->expires = draft->expires;
    s->scope = draft->scope;
    s->title = write_string(policy, done, draft->title);
    s->name = write_string(policy, done, draft->pattern.name);
    s->owner = write_string(policy, done, draft->owner);
    s->kind = (uint8_t)keyed->kind;
    s->prefix = draft->pattern.prefix;
    s->network = draft->pattern.network;
    s->mode = draft->mode;
    s->match = draft->match;
    s->ports = (struct policy_array){done->ports, (uint32_t)draft->ports.count};
    if (draft->ports.count > 0)
        memcpy(part(policy, &policy->ports, sizeof(uint16_t), done->ports), draft->ports.items,
               draft->ports.count * sizeof(uint16_t));
    done->ports += (uint32_t)draft->ports.count;
    s->current = (uint32_t)draft->pins.count;
    s->pins.offset = done->pins;
    write_pins(policy, &draft->pins, done);
    write_pins(policy, &draft->backups, done);
    s->pins.count = done->pins - s->pins.offset;
    if (s->kind == PATTERN_NETWORK && s->network.bits == 32)
        policy->prefixes4 |= UINT64_C(1) << s->prefix;
    else if (s->kind == PATTERN_NETWORK)
        policy->prefixes6[s->prefix / 64] |= UINT64_C(1) << s->prefix % 64;
}

static void write_bucket(struct policy *policy, uint32_t index, const struct keyed *keyed)
{
    uint32_t *buckets = part(policy, &policy->buckets, sizeof *buckets, 0);
    uint32_t mask = policy->buckets.count - 1, b = (uint32_t)keyed[index].key & mask;

    if (index > 0 && keyed[index - 1].key == keyed[index].key)
        return; /* found through the first of its key */
    while (buckets[b] != 0)
        b = (b + 1) & mask;
    buckets[b] = index + 1;
}

bool builder_finish(struct builder *builder, struct config *out, struct config_error *error)
{
    struct keyed *keyed = sort_sections(builder);
    struct totals parts = count_parts(builder), done = {.strings = 1};
    struct config_origin *origins = calloc(builder->sections.count + 1, sizeof *origins);
    struct policy *policy = NULL;

    error->line = 0;
    snprintf(error->text, sizeof error->text, "there is not enough memory for it");
    if (keyed != NULL && origins != NULL &&
        check_duplicates(builder, keyed, builder->sections.count, error))
        policy = allocate(builder, &parts);
    if (policy != NULL) {
        write_scopes(policy, builder, &done);
        for (uint32_t i = 0; i < policy->sections.count; i++) {
            write_section(policy, i, &keyed[i], &done);
            write_bucket(policy, i, keyed);
            origins[i].line = keyed[i].draft->line;
            origins[i].file = builder_file(builder, keyed[i].draft->file);
        }
        out->policy = policy;
        out->origins = origins;
        out->files = builder->files;
        builder->files = (struct list){NULL, 0, 0};
        origins = NULL;
    }
    free(origins);
    free(keyed);
    return policy != NULL;
}
