#include "cli/foreign_policy.h"

#include <stdlib.h>
#include <string.h>

#include "cli/foreign_patterns.h"
#include "config/date.h"

struct place {
    const struct config_origin *at;
    uint32_t section;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->at->file, y->at->file);

    return order ? order : (x->at->line > y->at->line) - (x->at->line < y->at->line);
}

/* As a peer is called: small letters, no dot at the end. Others compare with what stands there.
 * "**.name" is the name and include_subdomains. */
static void format_name(const struct policy *policy, const struct policy_section *section,
                        char *out, size_t size)
{
    char address[ADDRESS_SIZE];

    address_format(&section->network, address);
    if (section->kind != PATTERN_NETWORK)
        snprintf(out, size, "%s%s", section->kind == PATTERN_ONE_LABEL ? "*." : "",
                 policy_string(policy, section->name));
    else if (section->prefix == section->network.bits)
        snprintf(out, size, "%s", address);
    else
        snprintf(out, size, "%s/%u", address, section->prefix);
}

static bool take_section(const struct config *config, const struct policy_section *section,
                         struct foreign *out)
{
    const struct policy *policy = config->policy;
    char name[NAME_SIZE + 8], text[PIN_TEXT_SIZE];
    struct foreign_section *taken;

    format_name(policy, section, name, sizeof(name));
    taken = foreign_add(out, name, strlen(name));
    if (!taken)
        return false;
    taken->sections = 1;
    taken->ports = section->ports.count > 0;
    taken->include_subdomains = section->kind == PATTERN_ANY_DEPTH;
    taken->mode = section->mode != MODE_UNSET ? section->mode : policy_scope(policy, 0)->mode;
    if (section->expires > 0) {
        struct date day = date_from_days((section->expires - 1) / 86400);

        snprintf(taken->expires, sizeof(taken->expires), "%04d-%02u-%02u", (int)(day.year % 10000),
                 day.month % 100, day.day % 100);
    }
    for (uint32_t i = 0; i < section->pins.count; i++) {
        const struct policy_pin *pin = &policy_pins(policy, section)[i];

        pin_format_digest(pin->kind, pin->digest, text);
        if (!foreign_add_pin(taken, text, i >= section->current))
            return false;
    }
    return true;
}

/* What sections have that no format has words for. */
static bool tell_section(const struct config *config, const struct policy_section *section,
                         struct foreign *out)
{
    const struct policy *policy = config->policy;
    const char *title = policy_string(policy, section->title);

    return (section->match == POSITION_ANY || foreign_tell(out, "%s: match is lost", title)) &&
           (section->verify == VERIFY_UNSET || foreign_tell(out, "%s: verify is lost", title)) &&
           (!section->owner || foreign_tell(out, "%s: owner is lost", title));
}

/* Sections that come out as one: the strictest says how. */
static bool merge(struct foreign *foreign, struct foreign_section *first,
                  const struct foreign_section *again)
{
    (void)foreign;
    first->sections += again->sections;
    first->ports |= again->ports;
    first->include_subdomains |= again->include_subdomains;
    if (first->mode == MODE_OFF) {
        memcpy(first->expires, again->expires, sizeof(first->expires));
    } else if (again->mode != MODE_OFF && strcmp(first->expires, again->expires) != 0) {
        first->days = true;
        if (!again->expires[0] || (first->expires[0] && strcmp(first->expires, again->expires) < 0))
            memcpy(first->expires, again->expires, sizeof(first->expires));
    }
    if (first->mode != again->mode) {
        first->modes = true;
        if (again->mode == MODE_ENFORCE || first->mode == MODE_OFF)
            first->mode = again->mode;
    }
    return true;
}

/* What came of it: of sections for different ports, or of a name and all under it. */
static bool tell_merged(struct foreign *foreign, bool ports)
{
    struct foreign_section *sections = foreign->sections.items;
    bool good = true;

    for (size_t i = 0; good && i < foreign->sections.count; i++) {
        struct foreign_section *one = &sections[i];

        if (one->sections > 1 && !ports)
            good = foreign_tell(foreign,
                                "%s: it and all under it are one there, and the pins of both hold "
                                "for both",
                                one->domain);
        else if (one->sections > 1)
            good = foreign_tell(foreign,
                                "%s: its ports are lost: %u sections are one there, and the pins "
                                "of each hold for all",
                                one->domain, one->sections);
        else if (one->ports)
            good =
                foreign_tell(foreign, "%s: its ports are lost; the pins hold for all", one->domain);
        if (good && one->modes)
            good = foreign_tell(foreign, "%s: the mode of its sections differs; %s holds for all",
                                one->domain, mode_name(one->mode));
        if (good && one->days)
            good = foreign_tell(foreign, "%s: expires of its sections differs; %s holds for all",
                                one->domain, one->expires[0] ? one->expires : "none");
        one->sections = 1;
        one->ports = one->modes = one->days = false;
    }
    return good;
}

/* Joins sections of one pattern or, without `ports`, of one name. */
static bool join(struct foreign *foreign, bool ports)
{
    struct pattern *patterns = foreign_patterns(foreign);
    bool good = patterns;

    for (size_t i = 0; good && !ports && i < foreign->sections.count; i++)
        if (patterns[i].kind == PATTERN_EXACT)
            patterns[i].kind = PATTERN_ANY_DEPTH;
    good = good && foreign_join(foreign, patterns, merge) && tell_merged(foreign, ports);
    free(patterns);
    return good;
}

/* Is it the domain's? `pattern`: what the domain stands for; NULL: nothing. */
static bool is_of(const struct config *config, const struct policy_section *section,
                  const char *domain, const struct pattern *pattern)
{
    const char *title = policy_string(config->policy, section->title);
    struct pattern own;
    char why[400];

    if (!domain || strcmp(title, domain) == 0)
        return true;
    if (!pattern || !pattern_parse(title, &own, why, sizeof(why)))
        return false;
    own.kind = (enum pattern_kind)section->kind;
    if (own.kind == PATTERN_ANY_DEPTH && pattern->kind == PATTERN_EXACT)
        own.kind = PATTERN_EXACT;
    return foreign_same_pattern(&own, pattern);
}

bool foreign_from_config(const struct config *config, const char *domain, struct foreign *out)
{
    const struct policy *policy = config->policy;
    struct place *places = calloc(policy->sections.count + 1, sizeof(*places));
    size_t count = 0, programs = 0;
    bool good = places, parsed;
    struct pattern pattern;
    char why[400];

    parsed = domain && pattern_parse(domain, &pattern, why, sizeof(why));

    for (uint32_t i = 0; good && i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);

        if (!is_of(config, section, domain, parsed ? &pattern : NULL))
            continue;
        if (section->scope != 0)
            programs++;
        else
            places[count++] = (struct place){&config->origins[i], i};
    }
    if (good && count > 1)
        qsort(places, count, sizeof(*places), compare_places);
    for (size_t i = 0; good && i < count; i++) {
        const struct policy_section *section = policy_section(policy, places[i].section);

        good = take_section(config, section, out) && tell_section(config, section, out);
    }
    good = good && join(out, true);
    if (good && programs > 0)
        good = foreign_tell(out, "sections of programs are left out: %zu", programs);
    free(places);
    return good;
}

/* Takes out pins of certificates: all these formats pin keys. */
static bool narrow_pins(struct foreign *foreign, struct foreign_section *section, bool *backups)
{
    struct foreign_pin *pins = section->pins.items;
    bool good = true;

    for (size_t i = 0; good && i < section->pins.count;) {
        *backups |= pins[i].backup;
        if (strncmp(pins[i].text, "sha256/", 7) == 0) {
            i++;
            continue;
        }
        good = foreign_tell(foreign, "%s: %s is left out: only keys can be pinned there",
                            section->domain, pins[i].text);
        free(pins[i].text);
        memmove(&pins[i], &pins[i + 1], (section->pins.count - i - 1) * sizeof(*pins));
        section->pins.count--;
    }
    return good;
}

/* Those of a section that is off count for nothing. */
static bool drop_pins(struct foreign *foreign, struct foreign_section *section)
{
    struct foreign_pin *pins = section->pins.items;

    if (section->pins.count == 0)
        return true;
    while (section->pins.count > 0)
        free(pins[--section->pins.count].text);
    return foreign_tell(foreign, "%s: its pins are left out: its mode is off", section->domain);
}

/* Why the format cannot have the section at all; NULL: it can. */
static const char *unsayable(const struct foreign_format *format,
                             const struct foreign_section *section)
{
    struct pattern pattern;
    char why[400];

    if (!pattern_parse(section->domain, &pattern, why, sizeof(why)))
        return "its name cannot be read";
    if (section->mode == MODE_OFF && !(format->says & CAN_OFF))
        return "there is no word for mode off";
    if (pattern.kind == PATTERN_NETWORK &&
        (!(format->says & CAN_ADDRESS) || pattern.prefix != pattern.network.bits))
        return "addresses cannot be named";
    if (pattern.kind == PATTERN_ONE_LABEL && !(format->says & CAN_ONE_LABEL))
        return "one label alone cannot be named";
    if (section->include_subdomains && !(format->says & CAN_SUBDOMAINS))
        return "a name with all under it cannot be named";
    if (section->mode != MODE_OFF && section->pins.count == 0)
        return "it has no pin of a key";
    return NULL;
}

bool foreign_narrow(const struct foreign_format *format, struct foreign *foreign)
{
    bool backups = false, good = true;

    for (size_t i = 0; good && i < foreign->sections.count;) {
        struct foreign_section *section = (struct foreign_section *)foreign->sections.items + i;
        const char *reason;

        good = narrow_pins(foreign, section, &backups);
        reason = unsayable(format, section);
        if (reason) {
            good = good && foreign_tell(foreign, "%s is left out: %s", section->domain, reason);
            foreign_drop(foreign, NULL, i);
            continue;
        }
        if (section->mode == MODE_OFF)
            good = good && drop_pins(foreign, section);
        if (section->mode == MODE_AUDIT && !(format->says & CAN_AUDIT))
            good =
                good && foreign_tell(foreign, "%s: mode audit is lost; its pins are enforced there",
                                     section->domain);
        if (section->expires[0] && !(format->says & CAN_EXPIRES)) {
            good = good && foreign_tell(foreign, "%s: expires = \"%s\" is lost", section->domain,
                                        section->expires);
            section->expires[0] = '\0';
        }
        i++;
    }
    if (good && format->one_name)
        good = join(foreign, false);
    if (good && backups)
        good = foreign_tell(foreign, "backup pins are pins like the others there");
    return good;
}
