#include "cli/foreign_policy.h"

#include <stdlib.h>
#include <string.h>

#include "config/date.h"

static bool parse(const struct foreign_section *section, struct pattern *out, char *why,
                  size_t size)
{
    if (!pattern_parse(section->domain, out, why, size))
        return false;
    if (section->include_subdomains && out->kind == PATTERN_EXACT)
        out->kind = PATTERN_ANY_DEPTH;
    return true;
}

/* Does `wide` take in names that `section` is about? */
static bool is_wider(const struct pattern *wide, const struct pattern *section)
{
    size_t w = strlen(wide->name), s = strlen(section->name);

    if (wide->kind != PATTERN_ANY_DEPTH && wide->kind != PATTERN_ONE_LABEL)
        return false;
    if (section->kind == PATTERN_NETWORK || w > s || strcmp(section->name + s - w, wide->name) != 0)
        return false;
    return w == s ? wide->kind != section->kind && wide->kind == PATTERN_ANY_DEPTH
                  : section->name[s - w - 1] == '.';
}

static bool has_wider(const struct foreign *foreign, const struct pattern *patterns, size_t at)
{
    for (size_t i = 0; i < foreign->sections.count; i++)
        if (i != at && is_wider(&patterns[i], &patterns[at]))
            return true;
    return false;
}

static void drop(struct foreign *foreign, struct pattern *patterns, size_t at)
{
    struct foreign_section *sections = foreign->sections.items, gone = sections[at];
    struct foreign one = {.sections = {&sections[at], 1, 1}};
    struct foreign_section *copy = malloc(sizeof(*copy));

    if (copy) { /* foreign_free frees the array as well */
        *copy = gone;
        one.sections.items = copy;
        foreign_free(&one);
    }
    memmove(&sections[at], &sections[at + 1],
            (foreign->sections.count - at - 1) * sizeof(*sections));
    if (patterns)
        memmove(&patterns[at], &patterns[at + 1],
                (foreign->sections.count - at - 1) * sizeof(*patterns));
    foreign->sections.count--;
}

/* Joins what is said of one pattern twice. */
static bool join(struct foreign *foreign, struct pattern *patterns, size_t at)
{
    struct foreign_section *sections = foreign->sections.items, *again = &sections[at];
    const struct foreign_pin *pins = again->pins.items;

    for (size_t i = 0; i < at; i++) {
        if (patterns[i].kind != patterns[at].kind || patterns[i].prefix != patterns[at].prefix ||
            strcmp(patterns[i].name, patterns[at].name) != 0 ||
            !address_equal(&patterns[i].network, &patterns[at].network))
            continue;
        for (size_t n = 0; n < again->pins.count; n++)
            if (!foreign_add_pin(&sections[i], pins[n].text, pins[n].backup))
                return false;
        if ((sections[i].mode != again->mode || strcmp(sections[i].expires, again->expires) != 0) &&
            !foreign_tell(foreign, "%s is there twice; its mode and date are those of the first",
                          again->domain))
            return false;
        drop(foreign, patterns, at);
        return true;
    }
    return true;
}

static bool tell_overlaps(struct foreign *foreign, const struct pattern *patterns)
{
    const struct foreign_section *sections = foreign->sections.items;
    bool good = true;

    for (size_t i = 0; i < foreign->sections.count; i++)
        for (size_t n = 0; good && n < foreign->sections.count; n++)
            if (i != n && is_wider(&patterns[i], &patterns[n]))
                good = foreign_tell(foreign,
                                    "%s: the pins of %s count for it in OkHttp as well; in pinshim "
                                    "the most specific section counts alone",
                                    sections[n].domain, sections[i].domain);
    return good;
}

/* All patterns; sections that have none are told, and taken out. malloc'ed. */
static struct pattern *parse_all(struct foreign *foreign)
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
        drop(foreign, NULL, i);
    }
    return patterns;
}

bool foreign_settle(const struct foreign_format *format, struct foreign *foreign)
{
    struct pattern *patterns = parse_all(foreign);
    bool good = patterns, several = false;

    for (size_t i = foreign->sections.count; good && i-- > 0;)
        good = join(foreign, patterns, i);
    for (size_t i = 0; good && i < foreign->sections.count;) {
        struct foreign_section *section = (struct foreign_section *)foreign->sections.items + i;

        several |= section->pins.count > 1;
        if (section->pins.count == 0 && section->mode == MODE_OFF &&
            has_wider(foreign, patterns, i)) {
            i++;
        } else if (section->pins.count == 0) {
            good = foreign_tell(foreign, "%s has no pins and is left out", section->domain);
            drop(foreign, patterns, i);
        } else {
            i++;
        }
    }
    if (good && format->adds_up)
        good = tell_overlaps(foreign, patterns);
    if (good && several)
        good =
            foreign_tell(foreign, "which pins are backups is not said; all are current pins now");
    free(patterns);
    return good;
}

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

static bool take_section(const struct config *config, const struct policy_section *section,
                         struct foreign *out)
{
    const struct policy *policy = config->policy;
    const char *title = policy_string(policy, section->title);
    bool subdomains = section->kind == PATTERN_ANY_DEPTH;
    struct foreign_section *taken;
    char text[PIN_TEXT_SIZE];

    if (subdomains) /* "**.name" and include_subdomains say the same */
        title = policy_string(policy, section->name);
    taken = foreign_add(out, title, strlen(title));
    if (!taken)
        return false;
    taken->include_subdomains = subdomains;
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

    return (section->ports.count == 0 ||
            foreign_tell(out, "%s: its ports are lost; the pins hold for all", title)) &&
           (section->match == POSITION_ANY || foreign_tell(out, "%s: match is lost", title)) &&
           (section->verify == VERIFY_UNSET || foreign_tell(out, "%s: verify is lost", title)) &&
           (!section->owner || foreign_tell(out, "%s: owner is lost", title));
}

/* Is it the domain's? */
static bool is_of(const struct config *config, const struct policy_section *section,
                  const char *domain)
{
    const struct policy *policy = config->policy;
    struct pattern pattern;
    char why[400];

    if (!domain || strcmp(policy_string(policy, section->title), domain) == 0)
        return true;
    return pattern_parse(domain, &pattern, why, sizeof(why)) && pattern.kind != PATTERN_NETWORK &&
           section->kind != PATTERN_NETWORK &&
           strcmp(policy_string(policy, section->name), pattern.name) == 0 &&
           (pattern.kind == section->kind ||
            (pattern.kind == PATTERN_EXACT && section->kind == PATTERN_ANY_DEPTH));
}

bool foreign_from_config(const struct config *config, const char *domain, struct foreign *out)
{
    const struct policy *policy = config->policy;
    struct place *places = calloc(policy->sections.count + 1, sizeof(*places));
    size_t count = 0, programs = 0;
    bool good = places;

    for (uint32_t i = 0; good && i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);

        if (!is_of(config, section, domain))
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
            drop(foreign, NULL, i);
            continue;
        }
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
    if (good && backups)
        good = foreign_tell(foreign, "backup pins are pins like the others there");
    return good;
}
