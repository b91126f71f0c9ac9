#include "config/policy.h"

#include <string.h>

#include "config/sha256.h"
#include "config/signal_name.h"
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

const uint16_t *policy_ports(const struct policy *policy, const struct policy_section *section)
{
    return (const uint16_t *)at(policy, policy->ports.offset) + section->ports.offset;
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

/* The scope's own value where it gives one, else the top level's. */
static uint8_t inherit(uint8_t own, uint8_t top)
{
    return own != 255 ? own : top;
}

/* The mode where a section (or none) says `own`. */
static enum mode mode_of(const struct policy_view *view, uint8_t own)
{
    const struct policy_scope *top = policy_scope(view->policy, 0);
    const struct policy_scope *scope = policy_scope(view->policy, view->scope);
    enum mode mode = inherit(own, inherit(scope->mode, top->mode));

    if (view->override == MODE_UNSET)
        return mode;
    if (inherit(scope->lock_mode, top->lock_mode) == 1 && view->override < mode)
        return mode;
    return view->override;
}

enum mode policy_mode(const struct policy_view *view, const struct policy_section *section)
{
    if (section != NULL && section->pins.count == 0)
        return MODE_OFF; /* nothing to check: it takes a name out of a wider section */
    return mode_of(view, section != NULL ? section->mode : MODE_UNSET);
}

enum mode policy_strictest_mode(const struct policy_view *view)
{
    enum mode strictest = policy_mode(view, NULL);

    for (enum mode own = MODE_OFF; own <= MODE_ENFORCE; own++)
        if ((view->policy->section_modes & UINT32_C(1) << own) != 0) {
            enum mode mode = mode_of(view, own);
            strictest = mode > strictest ? mode : strictest;
        }
    return strictest;
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

unsigned policy_verify(const struct policy_view *view, const struct policy_section *section)
{
    const struct policy_scope *top = policy_scope(view->policy, 0);
    const struct policy_scope *scope = policy_scope(view->policy, view->scope);
    uint8_t checks = inherit(section == NULL ? VERIFY_UNSET : section->verify,
                             inherit(scope->verify, top->verify));

    return checks == VERIFY_UNSET ? 0 : checks;
}

unsigned policy_responses(const struct policy_view *view, const struct policy_section *section)
{
    return inherit(section == NULL ? RESPONSE_UNSET : section->responses,
                   inherit(policy_scope(view->policy, view->scope)->responses,
                           policy_scope(view->policy, 0)->responses));
}

/* The first that is given; "" without any. */
static const char *first_of(const struct policy_view *view, uint32_t own, uint32_t scope,
                            uint32_t top)
{
    return policy_string(view->policy, own != 0 ? own : scope != 0 ? scope : top);
}

const char *policy_message(const struct policy_view *view, const struct policy_section *section)
{
    return first_of(view, section == NULL ? 0 : section->message,
                    policy_scope(view->policy, view->scope)->message,
                    policy_scope(view->policy, 0)->message);
}

const char *policy_redirect(const struct policy_view *view, const struct policy_section *section)
{
    return first_of(view, section == NULL ? 0 : section->redirect,
                    policy_scope(view->policy, view->scope)->redirect,
                    policy_scope(view->policy, 0)->redirect);
}

uint8_t policy_signal(const struct policy_view *view, const struct policy_section *section)
{
    uint8_t scope = policy_scope(view->policy, view->scope)->signal;

    return section != NULL && section->signal != SIGNAL_UNSET ? section->signal
           : scope != SIGNAL_UNSET                            ? scope
                                   : policy_scope(view->policy, 0)->signal;
}

bool policy_redirects(const struct policy_view *view)
{
    return ((policy_responses(view, NULL) | view->policy->section_responses) & RESPONSE_REDIRECT) !=
           0;
}

const char *policy_trust_anchors(const struct policy_view *view)
{
    uint32_t own = policy_scope(view->policy, view->scope)->trust_anchors;
    uint32_t top = policy_scope(view->policy, 0)->trust_anchors;

    return own != 0   ? policy_string(view->policy, own)
           : top != 0 ? policy_string(view->policy, top)
                      : TRUST_ANCHORS;
}

bool policy_wants_anchors(const struct policy_view *view)
{
    return policy_scope(view->policy, view->scope)->trust_anchors != 0 ||
           policy_scope(view->policy, 0)->trust_anchors != 0 ||
           ((policy_verify(view, NULL) | view->policy->section_checks) & VERIFY_CHAIN) != 0;
}

bool policy_pins_cas(const struct policy_view *view)
{
    return (view->policy->section_matches & (POSITION_INTERMEDIATE | POSITION_ROOT)) != 0;
}

static const struct policy_scope *inspection_scope(const struct policy_view *view)
{
    const struct policy_scope *scope = policy_scope(view->policy, view->scope);

    return scope->inspection_set ? scope : policy_scope(view->policy, 0);
}

uint32_t policy_inspection_count(const struct policy_view *view)
{
    return inspection_scope(view)->inspection_cas.count;
}

const uint8_t *policy_inspection_ca(const struct policy_view *view, uint32_t i, size_t *length)
{
    const struct policy *policy = view->policy;
    const struct policy_array *certs = at(policy, policy->certs.offset);

    certs += inspection_scope(view)->inspection_cas.offset + i;
    *length = certs->count;
    return (const uint8_t *)at(policy, policy->octets.offset) + certs->offset;
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
