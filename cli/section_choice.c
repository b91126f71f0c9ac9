#include "cli/section_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "config/text.h"

#define MANY_PORTS 20

/* What of a command line chooses a section. */
struct wanted {
    const struct policy *policy;
    const struct pattern *pattern;
    const char *program;      /* NULL: not given */
    const struct list *ports; /* uint16_t; NULL: not given */
    const struct pin *pin;    /* NULL: none, or none that there could be */
};

/* What speaks for a section, the weightier bit first: it holds the pin; it is everybody's, not a
 * program's; it means what was written, and is not merely titled so. */
enum { MEANT = 1, GLOBAL = 2, HOLDS_PIN = 4 };

bool section_means(const struct policy *policy, const struct policy_section *section,
                   const struct pattern *pattern)
{
    return section->kind == pattern->kind &&
           (pattern->kind == PATTERN_NETWORK
                ? section->prefix == pattern->prefix &&
                      address_equal(&section->network, &pattern->network)
                : strcmp(policy_string(policy, section->name), pattern->name) == 0);
}

bool section_is_widened(const struct policy *policy, const struct policy_section *section)
{
    return section->kind == PATTERN_ANY_DEPTH &&
           strncmp(policy_string(policy, section->title), "**.", 3) != 0;
}

static const char *program_of(const struct policy *policy, const struct policy_section *section)
{
    return policy_string(policy, policy_scope(policy, section->scope)->program);
}

/* Has the section exactly these ports? */
static bool has_ports(const struct policy *policy, const struct policy_section *section,
                      const struct list *ports)
{
    const uint16_t *own = policy_ports(policy, section), *wanted = ports->items;

    for (size_t i = 0; i < ports->count; i++) {
        bool has = false;

        for (uint32_t k = 0; k < section->ports.count; k++)
            has |= own[k] == wanted[i];
        if (!has)
            return false;
    }
    return ports->count == section->ports.count;
}

static bool holds(const struct policy *policy, const struct policy_section *section,
                  const struct pin *pin)
{
    const struct policy_pin *own = policy_pins(policy, section);

    for (uint32_t i = 0; i < section->pins.count; i++)
        if (own[i].kind == pin->kind && memcmp(own[i].digest, pin->digest, DIGEST_SIZE) == 0)
            return true;
    return false;
}

/* What speaks for a section; -1: it is another domain's, or another's in what was given beside. */
static int rank(const struct wanted *wanted, const struct policy_section *section)
{
    const struct policy *policy = wanted->policy;
    const struct pattern *pattern = wanted->pattern;
    bool meant = section_means(policy, section, pattern);
    bool titled = pattern->kind == PATTERN_EXACT && section_is_widened(policy, section) &&
                  strcmp(policy_string(policy, section->name), pattern->name) == 0;

    if ((!meant && !titled) ||
        (wanted->program && strcmp(program_of(policy, section), wanted->program) != 0) ||
        (wanted->ports && !has_ports(policy, section, wanted->ports)))
        return -1;
    return (meant ? MEANT : 0) | (section->scope == 0 ? GLOBAL : 0) |
           (wanted->pin && holds(policy, section, wanted->pin) ? HOLDS_PIN : 0);
}

/* The highest rank, and how many sections have it; *first and *last of those. */
static int highest(const struct wanted *wanted, size_t *count, uint32_t *first, uint32_t *last)
{
    int best = -1;

    *count = 0;
    for (uint32_t i = 0; i < wanted->policy->sections.count; i++) {
        int own = rank(wanted, policy_section(wanted->policy, i));

        if (own < 0 || own < best)
            continue;
        if (own > best) {
            best = own;
            *count = 0;
            *first = i;
        }
        *last = i;
        ++*count;
    }
    return best;
}

/* The options that name the section and none of the others that are left: those are of other
 * programs, or of other ports. */
static void add_words(struct text *text, const struct policy *policy,
                      const struct policy_section *section)
{
    const uint16_t *ports = policy_ports(policy, section);

    if (section->scope != 0) {
        text_add(text, "--program ");
        text_add(text, program_of(policy, section));
    }
    if (section->scope != 0 && section->ports.count > 0)
        text_add(text, " ");
    if (section->ports.count > MANY_PORTS)
        text_add(text, "--ports, all that 'pinshim list' shows");
    for (uint32_t i = 0; i < section->ports.count && section->ports.count <= MANY_PORTS; i++) {
        text_add(text, i == 0 ? "--ports " : ",");
        text_add_number(text, ports[i]);
    }
}

/* Up to three of them, each in words of its own. */
static void tell_several(const struct wanted *wanted, const char *domain, int best, size_t count,
                         char *why, size_t size)
{
    char words[WHY_SIZE];
    struct text text;
    size_t told = 0;

    text_init(&text, words, sizeof(words));
    for (uint32_t i = 0; told < 3 && i < wanted->policy->sections.count; i++) {
        const struct policy_section *section = policy_section(wanted->policy, i);

        if (rank(wanted, section) != best)
            continue;
        text_add(&text, told++ ? " or " : "");
        add_words(&text, wanted->policy, section);
    }
    snprintf(why, size, "there are %zu sections for domain \"%s\"; say which: %s%s", count, domain,
             words, count > told ? " …" : "");
}

static bool choose(const struct wanted *wanted, const char *domain, uint32_t *out, char *why,
                   size_t size)
{
    size_t count;
    uint32_t last;
    int best = highest(wanted, &count, out, &last);

    if (count == 0)
        snprintf(why, size,
                 "there is no section for domain \"%s\"%s; 'pinshim list' tells which "
                 "there are",
                 domain, wanted->ports || wanted->program ? " like that" : "");
    if (count > 1)
        tell_several(wanted, domain, best, count, why, size);
    return count == 1;
}

bool section_choose(const struct config_change *change, const char *domain, const char *pin,
                    const struct arguments *arguments, uint32_t *out, char *why, size_t size)
{
    struct pattern pattern;
    struct pin digest;
    struct list ports = {NULL, 0, 0};
    char reason[400];
    struct wanted wanted = {.policy = config_change_before(change)->policy,
                            .pattern = &pattern,
                            .program = arguments->value[ARG_PROGRAM],
                            .ports = given(arguments, ARG_PORTS) ? &ports : NULL};
    bool good = arguments_ports(arguments, &ports);

    if (pin && config_change_pin(change, pin, &digest))
        wanted.pin = &digest;
    if (!good)
        snprintf(why, size, "nothing has changed");
    else if (!(good = pattern_parse(domain, &pattern, reason, sizeof(reason))))
        snprintf(why, size, "there is no section for domain \"%s\": %s", domain, reason);
    else
        good = choose(&wanted, domain, out, why, size);
    free(ports.items);
    return good;
}
