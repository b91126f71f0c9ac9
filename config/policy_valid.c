/* Is a block of octets a policy image? Asked of images that come from somewhere else than the
 * builder, before anything looks something up in them. */
#include <string.h>

#include "config/policy.h"
#include "config/signal_name.h"

static const uint32_t *numbers(const struct policy *policy, const struct policy_array *array)
{
    return (const void *)((const char *)policy + array->offset);
}

static bool array_inside(const struct policy *policy, const struct policy_array *array,
                         size_t element, size_t align)
{
    return array->offset <= policy->size && array->offset % align == 0 &&
           array->count <= (policy->size - array->offset) / element;
}

static bool range_inside(const struct policy_array *range, uint32_t count)
{
    return range->offset <= count && range->count <= count - range->offset;
}

static bool mode_valid(uint8_t mode)
{
    return mode <= MODE_ENFORCE || mode == MODE_UNSET;
}

static bool rule_valid(uint8_t rule)
{
    return rule <= RULE_BLOCK || rule == RULE_UNSET;
}

static bool verify_valid(uint8_t checks)
{
    return checks <= (VERIFY_CHAIN | VERIFY_HOSTNAME) || checks == VERIFY_UNSET;
}

static bool responses_valid(uint8_t responses, uint8_t signal)
{
    return (responses <= RESPONSE_ALL || responses == RESPONSE_UNSET) && signal <= signal_last();
}

/* What else a value could be would be read as something. The top level has nothing to inherit. */
static bool scope_bytes_valid(const struct policy_scope *s, bool top)
{
    return mode_valid(s->mode) && rule_valid(s->unpinned) && rule_valid(s->unnamed) &&
           rule_valid(s->expired) && verify_valid(s->verify) &&
           (s->lock_mode <= 1 || s->lock_mode == 255) && responses_valid(s->responses, s->signal) &&
           !(top &&
             (s->mode == MODE_UNSET || s->unpinned == RULE_UNSET || s->expired == RULE_UNSET ||
              s->responses == RESPONSE_UNSET || s->signal == SIGNAL_UNSET || s->program != 0));
}

bool policy_section_valid(const struct policy *policy, const struct policy_section *s)
{
    return !(s->scope >= policy->scopes.count || s->title >= policy->strings.count ||
             s->name >= policy->strings.count || s->owner >= policy->strings.count ||
             s->message >= policy->strings.count || s->redirect >= policy->strings.count ||
             !responses_valid(s->responses, s->signal) ||
             !range_inside(&s->ports, policy->ports.count) ||
             !range_inside(&s->pins, policy->pins.count) || s->current > s->pins.count ||
             s->kind > PATTERN_NETWORK || !mode_valid(s->mode) || !verify_valid(s->verify) ||
             s->match == 0 || s->match > POSITION_ANY ||
             (s->network.bits != 0 && s->network.bits != 32 && s->network.bits != 128) ||
             s->prefix > s->network.bits);
}

bool policy_scopes_valid(const struct policy *policy)
{
    const struct policy_scope *s = policy_scope(policy, 0);
    const uint32_t *sinks = numbers(policy, &policy->sinks);
    const struct policy_array *certs = (const void *)numbers(policy, &policy->certs);

    for (uint32_t i = 0; i < policy->scopes.count; i++, s++)
        if (s->program >= policy->strings.count || s->trust_anchors >= policy->strings.count ||
            s->message >= policy->strings.count || s->redirect >= policy->strings.count ||
            !range_inside(&s->sinks, policy->sinks.count) ||
            !range_inside(&s->inspection_cas, policy->certs.count) || !scope_bytes_valid(s, i == 0))
            return false;
    for (uint32_t i = 0; i < policy->certs.count; i++)
        if (!range_inside(&certs[i], policy->octets.count))
            return false;
    for (uint32_t i = 0; i < policy->sinks.count; i++)
        if (sinks[i] >= policy->strings.count)
            return false;
    return true;
}

bool policy_arrays_valid(const struct policy *policy, size_t size)
{
    return size >= sizeof *policy &&
           memcmp(policy->magic, POLICY_MAGIC, sizeof policy->magic) == 0 &&
           policy->version == POLICY_VERSION && policy->byte_order == POLICY_BYTE_ORDER &&
           policy->size == size &&
           array_inside(policy, &policy->scopes, sizeof(struct policy_scope), 8) &&
           array_inside(policy, &policy->sections, sizeof(struct policy_section), 8) &&
           array_inside(policy, &policy->buckets, sizeof(uint32_t), 4) &&
           array_inside(policy, &policy->pins, sizeof(struct policy_pin), 4) &&
           array_inside(policy, &policy->ports, sizeof(uint16_t), 2) &&
           array_inside(policy, &policy->sinks, sizeof(uint32_t), 4) &&
           array_inside(policy, &policy->certs, sizeof(struct policy_array), 4) &&
           array_inside(policy, &policy->octets, 1, 1) &&
           array_inside(policy, &policy->strings, 1, 1) && policy->scopes.count > 0 &&
           policy->strings.count > 0 && policy->buckets.count > policy->sections.count &&
           (policy->buckets.count & (policy->buckets.count - 1)) == 0;
}

bool policy_valid(const void *image, size_t size)
{
    const struct policy *policy = image;
    const uint32_t *buckets;
    uint32_t free_buckets = 0;

    if (!policy_arrays_valid(policy, size) ||
        *policy_string(policy, policy->strings.count - 1) != '\0')
        return false;
    buckets = numbers(policy, &policy->buckets);
    for (uint32_t i = 0; i < policy->buckets.count; i++) {
        if (buckets[i] > policy->sections.count)
            return false;
        free_buckets += buckets[i] == 0; /* a search ends at one */
    }
    for (uint32_t i = 0; i < policy->sections.count; i++)
        if (!policy_section_valid(policy, policy_section(policy, i)))
            return false;
    return free_buckets > 0 && policy_scopes_valid(policy);
}
