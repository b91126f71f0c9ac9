#include "config/policy.h"

#include <string.h>

#include "config/sha256.h"
#include "config/text.h"

static const void *at(const struct policy *policy, uint32_t offset)
{
    return (const char *)policy + offset;
}

void policy_id(const struct policy *policy, char out[17])
{
    uint8_t digest[DIGEST_SIZE];
    struct text text;

    sha256(policy, policy->size, digest);
    text_init(&text, out, 17);
    text_add_hex(&text, digest, 8);
}

const char *policy_string(const struct policy *policy, uint32_t offset)
{
    return (const char *)at(policy, policy->strings.offset) + offset;
}

const struct policy_scope *policy_scope(const struct policy *policy, uint32_t index)
{
    return (const struct policy_scope *)at(policy, policy->scopes.offset) + index;
}

const struct policy_section *policy_section(const struct policy *policy, uint32_t index)
{
    return (const struct policy_section *)at(policy, policy->sections.offset) + index;
}

const struct policy_pin *policy_pins(const struct policy *policy,
                                     const struct policy_section *section)
{
    return (const struct policy_pin *)at(policy, policy->pins.offset) + section->pins.offset;
}

const struct policy_pin *policy_pin_of(const struct policy *policy,
                                       const struct policy_section *section,
                                       const uint8_t spki[DIGEST_SIZE],
                                       const uint8_t cert[DIGEST_SIZE])
{
    const struct policy_pin *pin = policy_pins(policy, section);

    for (uint32_t i = 0; i < section->pins.count; i++, pin++)
        if (memcmp(pin->digest, pin->kind == PIN_CERT ? cert : spki, DIGEST_SIZE) == 0)
            return pin;
    return NULL;
}

static const struct policy_scope *sink_scope(const struct policy_view *view)
{
    const struct policy_scope *scope = policy_scope(view->policy, view->scope);

    return scope->sinks_set ? scope : policy_scope(view->policy, 0);
}

uint32_t policy_sink_count(const struct policy_view *view)
{
    return sink_scope(view)->sinks.count;
}

const char *policy_sink(const struct policy_view *view, uint32_t i)
{
    const uint32_t *sinks = at(view->policy, view->policy->sinks.offset);

    return policy_string(view->policy, sinks[sink_scope(view)->sinks.offset + i]);
}

uint32_t policy_scope_for(const struct policy *policy, const char *path, const char *name)
{
    uint32_t found = 0;

    for (uint32_t i = 1; i < policy->scopes.count; i++) {
        const char *program = policy_string(policy, policy_scope(policy, i)->program);
        if (path != NULL && program[0] == '/' && strcmp(program, path) == 0)
            return i;
        if (name != NULL && found == 0 && strcmp(program, name) == 0)
            found = i;
    }
    return found;
}

/* FNV-1a, 64 bits: the names come from the config, so nobody can choose collisions to harm. */
uint64_t policy_key(uint32_t scope, enum pattern_kind kind, const void *text, size_t length,
                    unsigned prefix)
{
    const uint8_t *octets = text;
    uint64_t hash = 0xcbf29ce484222325u;

    hash = (hash ^ scope) * 0x100000001b3u;
    hash = (hash ^ (unsigned)kind) * 0x100000001b3u;
    hash = (hash ^ prefix) * 0x100000001b3u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ octets[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

static bool section_has_port(const struct policy *policy, const struct policy_section *section,
                             uint16_t port)
{
    const uint16_t *ports = at(policy, policy->ports.offset);

    if (section->ports.count == 0)
        return true;
    for (uint32_t i = 0; i < section->ports.count; i++)
        if (ports[section->ports.offset + i] == port)
            return true;
    return false;
}

/* How much a section asks of a peer: nothing, a report, a pin. */
static unsigned strictness(const struct policy_section *section)
{
    return section->pins.count == 0 || section->mode == MODE_OFF ? 0
           : section->mode == MODE_AUDIT                         ? 1
                                                                 : 2;
}

/* Among the sections of one key, the one for the port. A port that is not known matches any: the
 * strictest is taken then, because whoever is at the other end may have a say in what we guess;
 * the likely port only chooses among equals. */
static const struct policy_section *choose(const struct policy *policy, uint32_t first,
                                           const struct peer *peer)
{
    const struct policy_section *section = policy_section(policy, first), *best = NULL;
    uint64_t key = section->key;

    for (uint32_t i = first; i < policy->sections.count && section->key == key; i++, section++) {
        if (peer->port != 0) {
            if (section_has_port(policy, section, peer->port))
                return section;
        } else if (best == NULL || strictness(section) > strictness(best) ||
                   (strictness(section) == strictness(best) && peer->likely_port != 0 &&
                    section_has_port(policy, section, peer->likely_port))) {
            best = section;
        }
    }
    return best;
}

static const struct policy_section *find_key(const struct policy *policy, uint32_t scope,
                                             enum pattern_kind kind, const struct address *network,
                                             const char *name, unsigned prefix,
                                             const struct peer *peer)
{
    const uint32_t *buckets = at(policy, policy->buckets.offset);
    uint32_t mask = policy->buckets.count - 1;
    uint64_t key = network != NULL
                       ? policy_key(scope, kind, network->bytes, network->bits / 8, prefix)
                       : policy_key(scope, kind, name, strlen(name), 0);

    for (uint32_t b = (uint32_t)key & mask; buckets[b] != 0; b = (b + 1) & mask) {
        const struct policy_section *s = policy_section(policy, buckets[b] - 1);
        if (s->key != key || s->scope != scope || s->kind != kind)
            continue;
        if (network != NULL ? s->prefix == prefix && address_equal(&s->network, network)
                            : strcmp(policy_string(policy, s->name), name) == 0)
            return choose(policy, buckets[b] - 1, peer);
    }
    return NULL;
}

/* Exact name; then the longest suffix, `*.` before `**.`. `**.host` is the suffix of full
 * length, which no `*.` can equal. */
static const struct policy_section *find_name(const struct policy *policy, uint32_t scope,
                                              const char *name, const struct peer *peer)
{
    const struct policy_section *s = find_key(policy, scope, PATTERN_EXACT, NULL, name, 0, peer);

    for (const char *suffix = name; s == NULL && suffix != NULL;) {
        if (suffix != name && memchr(name, '.', (size_t)(suffix - name)) == suffix - 1)
            s = find_key(policy, scope, PATTERN_ONE_LABEL, NULL, suffix, 0, peer);
        if (s == NULL)
            s = find_key(policy, scope, PATTERN_ANY_DEPTH, NULL, suffix, 0, peer);
        suffix = strchr(suffix, '.');
        if (suffix != NULL)
            suffix++;
    }
    return s;
}

static const struct policy_section *find_address(const struct policy *policy, uint32_t scope,
                                                 const struct address *address,
                                                 const struct peer *peer)
{
    for (int prefix = address->bits; prefix >= 0; prefix--) {
        const struct policy_section *s;
        struct address network = *address;
        uint64_t known = address->bits == 32 ? policy->prefixes4 : policy->prefixes6[prefix / 64];

        if ((known >> (prefix % 64) & 1) == 0)
            continue;
        address_mask(&network, (unsigned)prefix);
        s = find_key(policy, scope, PATTERN_NETWORK, &network, NULL, (unsigned)prefix, peer);
        if (s != NULL)
            return s;
    }
    return NULL;
}

/* One name of the peer's, as the program wrote it: a program section's before a global one. */
static const struct policy_section *find_host(const struct policy_view *view, const char *host,
                                              const struct peer *peer)
{
    const struct policy_section *s = NULL;
    struct address address;
    bool is_address = address_parse(host, &address);

    for (uint32_t scope = view->scope; s == NULL; scope = 0) {
        s = is_address ? find_address(view->policy, scope, &address, peer)
                       : find_name(view->policy, scope, host, peer);
        if (scope == 0)
            break;
    }
    return s;
}

struct candidate {
    char host[NAME_SIZE];
    enum host_source source;
};

/* Writes `given` as names are compared. False when it is absent or no possible name. */
static bool candidate_set(struct candidate *c, const char *given, enum host_source source)
{
    struct address address;

    if (given == NULL || given[0] == '\0')
        return false;
    c->source = source;
    if (address_parse(given, &address)) {
        address_format(&address, c->host);
        return true;
    }
    return name_normalise(given, strlen(given), c->host);
}

void policy_find(const struct policy_view *view, const struct peer *peer, struct policy_match *out)
{
    struct candidate c;
    char address[ADDRESS_SIZE];
    const struct {
        const char *name;
        enum host_source source;
    } given[] = {
        {peer->sni, HOST_SNI}, {peer->verify_host, HOST_VERIFY}, {peer->resolved, HOST_RESOLVER}};

    out->section = NULL;
    out->source = HOST_NONE;
    out->host[0] = '\0';
    for (unsigned i = 0; i < sizeof given / sizeof *given; i++) {
        /* What was resolved counts only where the program itself said nothing. */
        if (given[i].source == HOST_RESOLVER && out->source != HOST_NONE)
            break;
        if (!candidate_set(&c, given[i].name, given[i].source))
            continue;
        out->section = find_host(view, c.host, peer);
        if (out->section != NULL || out->source == HOST_NONE) {
            strcpy(out->host, c.host);
            out->source = c.source;
        }
        if (out->section != NULL)
            return;
    }
    if (peer->address.bits == 0)
        return;
    address_format(&peer->address, address);
    out->section = find_host(view, address, peer);
    if (out->section != NULL) {
        strcpy(out->host, address);
        out->source = HOST_NONE;
    }
}

/* The scope's own value where it gives one, else the top level's. */
static uint8_t inherit(uint8_t own, uint8_t top)
{
    return own != 255 ? own : top;
}

enum mode policy_mode(const struct policy_view *view, const struct policy_section *section)
{
    const struct policy_scope *top = policy_scope(view->policy, 0);
    const struct policy_scope *scope = policy_scope(view->policy, view->scope);
    enum mode mode = inherit(scope->mode, top->mode);

    if (section != NULL && section->pins.count == 0)
        return MODE_OFF; /* nothing to check: it takes a name out of a wider section */
    if (section != NULL)
        mode = inherit(section->mode, (uint8_t)mode);
    if (view->override == MODE_UNSET)
        return mode;
    if (inherit(scope->lock_mode, top->lock_mode) == 1 && view->override < mode)
        return mode;
    return view->override;
}

enum rule policy_unpinned(const struct policy_view *view)
{
    return inherit(policy_scope(view->policy, view->scope)->unpinned,
                   policy_scope(view->policy, 0)->unpinned);
}

enum rule policy_unnamed(const struct policy_view *view)
{
    uint8_t rule = inherit(policy_scope(view->policy, view->scope)->unnamed,
                           policy_scope(view->policy, 0)->unnamed);

    return rule != RULE_UNSET ? rule : policy_unpinned(view);
}

enum rule policy_expired(const struct policy_view *view)
{
    return inherit(policy_scope(view->policy, view->scope)->expired,
                   policy_scope(view->policy, 0)->expired);
}

const char *mode_name(enum mode mode)
{
    return mode == MODE_OFF ? "off" : mode == MODE_AUDIT ? "audit" : "enforce";
}

bool mode_parse(const char *text, enum mode *out)
{
    for (enum mode mode = MODE_OFF; mode <= MODE_ENFORCE; mode++)
        if (strcmp(text, mode_name(mode)) == 0) {
            *out = mode;
            return true;
        }
    return false;
}

const char *host_source_name(enum host_source source)
{
    static const char *const names[] = {"none", "sni", "verify_host", "resolver"};

    return names[source];
}

const char *position_name(enum position position)
{
    return position == POSITION_LEAF ? "leaf" : position == POSITION_ROOT ? "root" : "intermediate";
}
