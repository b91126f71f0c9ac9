#include "cli/section_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

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

static bool is_meant(const struct policy *policy, const struct policy_section *section,
                     const struct pattern *pattern, const char *title)
{
    struct pattern own;
    char why[400];

    return strcmp(policy_string(policy, section->title), title) == 0 ||
           (pattern &&
            pattern_parse(policy_string(policy, section->title), &own, why, sizeof(why)) &&
            own.kind == pattern->kind && own.prefix == pattern->prefix &&
            strcmp(own.name, pattern->name) == 0 && address_equal(&own.network, &pattern->network));
}

bool section_choose(const struct config *config, const char *domain,
                    const struct arguments *arguments, uint32_t *out, char *why, size_t size)
{
    const struct policy *policy = config->policy;
    const char *program = arguments->value[ARG_PROGRAM];
    struct pattern pattern;
    struct list ports;
    char reason[400];
    bool parsed = pattern_parse(domain, &pattern, reason, sizeof(reason));
    bool by_ports = given(arguments, ARG_PORTS), good = arguments_ports(arguments, &ports);
    unsigned found = 0;

    if (!good)
        snprintf(why, size, "nothing has changed");
    for (uint32_t i = 0; good && i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);
        const char *own = policy_string(policy, policy_scope(policy, section->scope)->program);

        if ((program && strcmp(own, program) != 0) ||
            (by_ports && !has_ports(policy, section, &ports)) ||
            !is_meant(policy, section, parsed ? &pattern : NULL, domain))
            continue;
        *out = i;
        found++;
    }
    free(ports.items);
    if (good && found == 0)
        snprintf(why, size,
                 "there is no section for domain \"%s\"%s; 'pinshim list' tells which "
                 "there are",
                 domain, by_ports || program ? " like that" : "");
    if (found > 1)
        snprintf(why, size,
                 "there are %u sections for domain \"%s\"; say which by --ports or "
                 "--program",
                 found, domain);
    return good && found == 1;
}
