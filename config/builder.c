#include "config/policy_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/key_file.h"
#include "config/signal_name.h"

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
    top->verify = VERIFY_UNSET;
    top->response.signal = SIGNAL_DEFAULT;
    return true;
}

static void response_free(struct response_draft *response)
{
    free(response->message);
    free(response->redirect);
}

void builder_free(struct builder *builder)
{
    struct section_draft *section = builder->sections.items;
    struct scope_draft *scope = builder->scopes.items;

    for (size_t i = 0; i < builder->sections.count; i++, section++) {
        free(section->title);
        free(section->owner);
        response_free(&section->response);
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
        free(scope->trust_anchors);
        response_free(&scope->response);
        certificates_free(&scope->inspection_cas);
    }
    list_free_strings(&builder->files);
    free(builder->pin_files.items);
    free(builder->sections.items);
    free(builder->scopes.items);
    memset(builder, 0, sizeof *builder);
}

bool builder_pin_file(struct builder *builder, size_t section, unsigned line,
                      const struct list *sources)
{
    struct config_pin_file *file = list_add(&builder->pin_files, sizeof *file);

    if (file != NULL)
        *file = (struct config_pin_file){(uint32_t)section, (uint32_t)sources->count - 1, line};
    return file != NULL;
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

static int compare_programs(const void *a, const void *b)
{
    return strcmp(((const struct scope_draft *)a)->program,
                  ((const struct scope_draft *)b)->program);
}

/* Program sections in the order of their titles, behind the top level: the image does not depend on
 * the order in which they stand. */
static bool sort_scopes(struct builder *builder)
{
    struct scope_draft *scopes = builder->scopes.items;
    struct section_draft *section = builder->sections.items;
    size_t count = builder->scopes.count;
    uint32_t *moved = calloc(count, sizeof *moved);

    if (moved == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        scopes[i].place = (uint32_t)i;
    qsort(scopes + 1, count - 1, sizeof *scopes, compare_programs);
    for (uint32_t i = 0; i < count; i++)
        moved[scopes[i].place] = i;
    for (size_t i = 0; i < builder->sections.count; i++)
        section[i].scope = moved[section[i].scope];
    free(moved);
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

/* Pins from files, by the sections' places in the image. */
static bool finish_pin_files(struct builder *builder, const struct keyed *keyed, struct config *out)
{
    const struct section_draft *sections = builder->sections.items;
    struct config_pin_file *file = builder->pin_files.items;
    uint32_t *place;

    if (builder->pin_files.count == 0)
        return true;
    place = calloc(builder->sections.count, sizeof *place);
    if (place == NULL)
        return false;
    for (size_t i = 0; i < builder->sections.count; i++)
        place[keyed[i].draft - sections] = (uint32_t)i;
    for (size_t i = 0; i < builder->pin_files.count; i++)
        file[i].section = place[file[i].section];
    free(place);
    out->pin_files = builder->pin_files;
    builder->pin_files = (struct list){NULL, 0, 0};
    return true;
}

/* Where sections and programs were written. */
static bool finish_origins(struct builder *builder, const struct keyed *keyed, struct config *out)
{
    const struct scope_draft *scope = builder->scopes.items;
    size_t sections = builder->sections.count, scopes = builder->scopes.count;

    out->origins = calloc(sections + 1, sizeof *out->origins);
    out->programs = calloc(scopes, sizeof *out->programs);
    if (out->origins == NULL || out->programs == NULL)
        return false;
    for (size_t i = 0; i < sections; i++) {
        /* As many as there are sections.
         * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        out->origins[i].file = builder_file(builder, keyed[i].draft->file);
        out->origins[i].line = keyed[i].draft->line;
    }
    for (size_t i = 0; i < scopes; i++) {
        out->programs[i].file = builder_file(builder, scope[i].file);
        out->programs[i].line = scope[i].line;
    }
    out->files = builder->files;
    builder->files = (struct list){NULL, 0, 0};
    return true;
}

bool builder_finish(struct builder *builder, struct config *out, struct config_error *error)
{
    struct keyed *keyed = sort_scopes(builder) ? sort_sections(builder) : NULL;
    struct config done = {0};
    bool good;

    error->line = 0;
    snprintf(error->text, sizeof error->text, "there is not enough memory for it");
    good = keyed != NULL && check_duplicates(builder, keyed, builder->sections.count, error) &&
           (done.policy = policy_write(builder, keyed)) != NULL &&
           finish_pin_files(builder, keyed, &done) && finish_origins(builder, keyed, &done);
    free(keyed);
    if (!good) {
        config_free(&done);
        return false;
    }
    done.sources = out->sources;
    done.events = out->events;
    *out = done;
    return true;
}
