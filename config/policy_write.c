#include "config/policy_write.h"

#include <stdlib.h>
#include <string.h>

#include "config/der.h"

/* How much of each part there will be; then, while writing, how much there is. */
struct totals {
    uint32_t pins, ports, sinks, certs, octets, strings;
};

static uint32_t string_size(const char *string)
{
    return string == NULL || *string == '\0' ? 0 : (uint32_t)strlen(string) + 1;
}

static uint32_t certs_size(const struct list *certs)
{
    const struct span *cert = certs->items;
    size_t size = 0;

    for (size_t i = 0; i < certs->count; i++)
        size += cert[i].length;
    return (uint32_t)size;
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
                     string_size(draft->pattern.name) + string_size(draft->response.message) +
                     string_size(draft->response.redirect);
    }
    for (size_t i = 0; i < builder->scopes.count; i++, scope++) {
        char **sinks = scope->sinks.items;
        n.sinks += (uint32_t)scope->sinks.count;
        n.strings += string_size(scope->program) + string_size(scope->trust_anchors) +
                     string_size(scope->response.message) + string_size(scope->response.redirect);
        n.certs += (uint32_t)scope->inspection_cas.count;
        n.octets += certs_size(&scope->inspection_cas);
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
    head.certs = place(&head.size, n->certs, sizeof(struct policy_array));
    head.octets = place(&head.size, n->octets, 1);
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

/* Returns where the certificates stand in policy.certs. */
static struct policy_array write_certs(struct policy *policy, struct totals *done,
                                       const struct list *certs)
{
    const struct span *cert = certs->items;
    struct policy_array range = {done->certs, (uint32_t)certs->count};

    for (size_t i = 0; i < certs->count; i++) {
        struct policy_array *entry = part(policy, &policy->certs, sizeof *entry, done->certs++);
        *entry = (struct policy_array){done->octets, (uint32_t)cert[i].length};
        memcpy(part(policy, &policy->octets, 1, done->octets), cert[i].data, cert[i].length);
        done->octets += (uint32_t)cert[i].length;
    }
    return range;
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
        scope->verify = draft->verify;
        scope->trust_anchors = write_string(policy, done, draft->trust_anchors);
        scope->inspection_set = draft->inspection_set;
        scope->inspection_cas = write_certs(policy, done, &draft->inspection_cas);
        scope->responses = draft->response.responses;
        scope->signal = draft->response.signal;
        scope->message = write_string(policy, done, draft->response.message);
        scope->redirect = write_string(policy, done, draft->response.redirect);
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
    s->verify = draft->verify;
    s->responses = draft->response.responses;
    s->signal = draft->response.signal;
    s->message = write_string(policy, done, draft->response.message);
    s->redirect = write_string(policy, done, draft->response.redirect);
    if (s->responses != RESPONSE_UNSET)
        policy->section_responses |= s->responses;
    if (draft->verify != VERIFY_UNSET)
        policy->section_checks |= draft->verify;
    policy->section_matches |= draft->match;
    policy->section_kinds |= (uint16_t)(1u << keyed->kind);
    if (draft->pins.count + draft->backups.count > 0)
        policy->section_modes |= UINT32_C(1) << (draft->mode == MODE_UNSET ? 31 : draft->mode);
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

struct policy *policy_write(const struct builder *builder, const struct keyed *keyed)
{
    struct totals parts = count_parts(builder), done = {.strings = 1};
    struct policy *policy = allocate(builder, &parts);

    if (policy == NULL)
        return NULL;
    write_scopes(policy, builder, &done);
    for (uint32_t i = 0; i < policy->sections.count; i++) {
        write_section(policy, i, &keyed[i], &done);
        write_bucket(policy, i, keyed);
    }
    return policy;
}
