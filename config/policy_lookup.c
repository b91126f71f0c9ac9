/* Which section a peer falls under. */
#include <string.h>

#include "config/image.h"
#include "config/policy.h"

static const void *part(const struct policy *policy, uint32_t offset)
{
    return (const char *)policy + offset;
}

/* Are these octets of the policy as they were written? Always, but in a mapped image. */
static bool sound(const struct policy_view *view, const void *at, size_t length)
{
    return view->image == NULL || image_check(view->image, at, length);
}

static bool string_sound(const struct policy_view *view, uint32_t string)
{
    return view->image == NULL ||
           image_check_string(view->image, policy_string(view->policy, string));
}

static bool check_section(const struct policy_view *view, const struct policy_section *section)
{
    const struct policy *policy = view->policy;

    if (!policy_section_valid(policy, section)) {
        atomic_store(&view->image->damaged, true);
        return false;
    }
    return sound(view, policy_ports(policy, section), section->ports.count * sizeof(uint16_t)) &&
           sound(view, policy_pins(policy, section),
                 section->pins.count * sizeof(struct policy_pin)) &&
           string_sound(view, section->title) && string_sound(view, section->name) &&
           string_sound(view, section->owner) && string_sound(view, section->message) &&
           string_sound(view, section->redirect);
}

/* Are a section, which is sound itself, and all that belongs to it? */
static bool section_sound(const struct policy_view *view, const struct policy_section *section)
{
    uint32_t index = (uint32_t)(section - policy_section(view->policy, 0));

    if (view->image == NULL || image_section_known(view->image, index))
        return true;
    if (!check_section(view, section))
        return false;
    image_know_section(view->image, index);
    return true;
}

static bool section_has_port(const struct policy *policy, const struct policy_section *section,
                             uint16_t port)
{
    const uint16_t *ports = policy_ports(policy, section);

    if (section->ports.count == 0)
        return true;
    for (uint32_t i = 0; i < section->ports.count; i++)
        if (ports[i] == port)
            return true;
    return false;
}

/* Among the sections of one key, the one for the port. A port that is not known matches any: the
 * one with the strictest mode is taken then, because whoever is at the other end may have a say in
 * what we guess; the likely port only chooses among equals. */
static const struct policy_section *choose(const struct policy_view *view, uint32_t first,
                                           const struct peer *peer)
{
    const struct policy *policy = view->policy;
    const struct policy_section *section = policy_section(policy, first), *best = NULL;
    uint64_t key = section->key;

    for (uint32_t i = first; i < policy->sections.count; i++, section++) {
        if (!sound(view, section, sizeof *section) || section->key != key)
            break;
        if (!section_sound(view, section))
            return NULL;
        if (peer->port != 0) {
            if (section_has_port(policy, section, peer->port))
                return section;
        } else if (best == NULL || policy_mode(view, section) > policy_mode(view, best) ||
                   (policy_mode(view, section) == policy_mode(view, best) &&
                    peer->likely_port != 0 &&
                    section_has_port(policy, section, peer->likely_port))) {
            best = section;
        }
    }
    return best;
}

/* The section in a bucket, if that is what is looked for: of this key, and this name or network. */
static bool is_in_bucket(const struct policy_view *view, uint32_t bucket, uint64_t key,
                         enum pattern_kind kind, uint32_t scope, const struct address *network,
                         const char *name, unsigned prefix)
{
    const struct policy_section *s;

    if (bucket > view->policy->sections.count) { /* not from memory: there it is valid */
        atomic_store(&view->image->damaged, true);
        return false;
    }
    s = policy_section(view->policy, bucket - 1);
    if (!sound(view, s, sizeof *s) || s->key != key || s->scope != scope || s->kind != kind ||
        !section_sound(view, s))
        return false;
    return network != NULL ? s->prefix == prefix && address_equal(&s->network, network)
                           : strcmp(policy_string(view->policy, s->name), name) == 0;
}

static const struct policy_section *find_key(const struct policy_view *view, uint32_t scope,
                                             enum pattern_kind kind, const struct address *network,
                                             const char *name, unsigned prefix,
                                             const struct peer *peer)
{
    const struct policy *policy = view->policy;
    const uint32_t *buckets = part(policy, policy->buckets.offset);
    uint32_t mask = policy->buckets.count - 1;
    uint64_t key;

    if ((policy->section_kinds >> kind & 1) == 0)
        return NULL;
    key = network != NULL ? policy_key(scope, kind, network->bytes, network->bits / 8, prefix)
                          : policy_key(scope, kind, name, strlen(name), 0);

    for (uint32_t n = 0, b = (uint32_t)key & mask; n <= mask; n++, b = (b + 1) & mask) {
        if (!sound(view, &buckets[b], sizeof *buckets) || buckets[b] == 0)
            break;
        if (is_in_bucket(view, buckets[b], key, kind, scope, network, name, prefix))
            return choose(view, buckets[b] - 1, peer);
    }
    return NULL;
}

/* Exact name; then the longest suffix, `*.` before `**.`. `**.host` is the suffix of full
 * length, which no `*.` can equal. */
static const struct policy_section *find_name(const struct policy_view *view, uint32_t scope,
                                              const char *name, const struct peer *peer)
{
    const struct policy_section *s = find_key(view, scope, PATTERN_EXACT, NULL, name, 0, peer);

    if ((view->policy->section_kinds & (1u << PATTERN_ONE_LABEL | 1u << PATTERN_ANY_DEPTH)) == 0)
        return s;
    for (const char *suffix = name; s == NULL && suffix != NULL;) {
        if (suffix != name && memchr(name, '.', (size_t)(suffix - name)) == suffix - 1)
            s = find_key(view, scope, PATTERN_ONE_LABEL, NULL, suffix, 0, peer);
        if (s == NULL)
            s = find_key(view, scope, PATTERN_ANY_DEPTH, NULL, suffix, 0, peer);
        suffix = strchr(suffix, '.');
        if (suffix != NULL)
            suffix++;
    }
    return s;
}

static const struct policy_section *find_address(const struct policy_view *view, uint32_t scope,
                                                 const struct address *address,
                                                 const struct peer *peer)
{
    for (int prefix = address->bits; prefix >= 0; prefix--) {
        const struct policy_section *s;
        struct address network = *address;
        uint64_t known =
            address->bits == 32 ? view->policy->prefixes4 : view->policy->prefixes6[prefix / 64];

        if (known << (63 - prefix % 64) == 0) { /* none so short, either, among these 64 */
            prefix -= prefix % 64;
            continue;
        }
        if ((known >> (prefix % 64) & 1) == 0)
            continue;
        address_mask(&network, (unsigned)prefix);
        s = find_key(view, scope, PATTERN_NETWORK, &network, NULL, (unsigned)prefix, peer);
        if (s != NULL)
            return s;
    }
    return NULL;
}

/* One name of the peer's, or without one an address: a program section's before a global one. */
static const struct policy_section *find_host(const struct policy_view *view, const char *host,
                                              const struct address *address,
                                              const struct peer *peer)
{
    const struct policy_section *s = NULL;

    for (uint32_t scope = view->scope; s == NULL; scope = 0) {
        s = address->bits != 0 ? find_address(view, scope, address, peer)
                               : find_name(view, scope, host, peer);
        if (scope == 0)
            break;
    }
    return s;
}

struct candidate {
    char host[NAME_SIZE];
    struct address address; /* of 0 bits: it is a name */
    enum host_source source;
};

/* Did the program say anything there? */
static bool said(const char *name)
{
    return name != NULL && name[0] != '\0';
}

/* Writes `given` as names are compared. False when it is absent or no possible name. */
static bool candidate_set(struct candidate *c, const char *given, enum host_source source)
{
    if (!said(given))
        return false;
    c->source = source;
    c->address.bits = 0;
    if (address_parse(given, &c->address)) {
        address_format(&c->address, c->host);
        return true;
    }
    if (!name_normalise(given, strlen(given), c->host))
        return false;
    address_parse(c->host, &c->address); /* "192.0.2.7." is one, too */
    return true;
}

bool policy_goes_by_names(const struct policy *policy)
{
    return policy->ports.count == 0 && (policy->section_kinds >> PATTERN_NETWORK & 1) == 0;
}

void policy_find(const struct policy_view *view, const struct peer *peer, struct policy_match *out)
{
    struct candidate c;
    const struct {
        const char *name;
        enum host_source source;
    } given[] = {
        {peer->sni, HOST_SNI}, {peer->verify_host, HOST_VERIFY}, {peer->resolved, HOST_RESOLVER}};

    out->section = NULL;
    out->source = HOST_NONE;
    out->host[0] = '\0';
    for (unsigned i = 0; i < sizeof given / sizeof *given; i++) {
        /* What was resolved counts only where the program itself said nothing, be it a name that
         * no peer can have. */
        if (given[i].source == HOST_RESOLVER && (said(peer->sni) || said(peer->verify_host)))
            break;
        if (i > 0 && said(peer->sni) && said(given[i].name) &&
            strcmp(given[i].name, peer->sni) == 0)
            continue; /* no other answer */
        if (!candidate_set(&c, given[i].name, given[i].source))
            continue;
        out->section = find_host(view, c.host, &c.address, peer);
        if (out->section != NULL || out->source == HOST_NONE) {
            strcpy(out->host, c.host);
            out->source = c.source;
        }
        if (out->section != NULL)
            return;
    }
    if (peer->address.bits == 0)
        return;
    out->section = find_host(view, NULL, &peer->address, peer);
    if (out->section != NULL) {
        address_format(&peer->address, out->host);
        out->source = HOST_NONE;
    }
}
