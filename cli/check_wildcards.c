/* Wildcards that stand for too much, or for nothing. */
#include <libpsl.h>
#include <string.h>

#include "cli/check.h"
#include "cli/cli.h"

/* A last label that the list does not have is somebody's own (db.internal) and no public suffix:
 * the list's default rule "*" is left out. */
static bool is_suffix(const psl_ctx_t *list, const char *name, int part)
{
    return psl_is_public_suffix2(list, name, part | PSL_TYPE_NO_STAR_RULE) == 1;
}

static void check_suffix(const struct config *config, uint32_t i, const psl_ctx_t *list,
                         struct findings *findings)
{
    const struct policy_section *section = policy_section(config->policy, i);
    const char *name = policy_string(config->policy, section->name);

    if (is_suffix(list, name, PSL_TYPE_ICANN))
        findings_section(findings, config, i,
                         "it stands for all names under the public suffix \"%s\", whoever they "
                         "belong to, and no pin fits them all; name the domains that are meant",
                         name);
    else if (is_suffix(list, name, PSL_TYPE_PRIVATE))
        findings_section(findings, config, i,
                         "\"%s\" is a public suffix of an operator who gives names under it to "
                         "others; unless all of theirs are meant, name your own",
                         name);
}

static void check_suffixes(const struct config *config, struct findings *findings)
{
    psl_ctx_t *list = psl_latest(NULL);

    if (!list)
        cli_error("there is no list of public suffixes, so wildcards were not held against it; "
                  "install the package publicsuffix");
    for (uint32_t i = 0; list && i < config->policy->sections.count; i++) {
        const struct policy_section *section = policy_section(config->policy, i);

        if ((section->kind == PATTERN_ONE_LABEL || section->kind == PATTERN_ANY_DEPTH) &&
            check_has_pins(section))
            check_suffix(config, i, list, findings);
    }
    psl_free(list);
}

/* `*.x` is a label and a dot longer than x. */
static void check_room(const struct config *config, struct findings *findings)
{
    for (uint32_t i = 0; i < config->policy->sections.count; i++) {
        const struct policy_section *section = policy_section(config->policy, i);

        if (section->kind == PATTERN_ONE_LABEL &&
            strlen(policy_string(config->policy, section->name)) + 2 >= NAME_SIZE)
            findings_section(findings, config, i,
                             "no peer can fall under it: one label more makes a name longer than "
                             "the %d octets it may have; write the name itself, or take it out",
                             NAME_SIZE - 1);
    }
}

void check_wildcards(const struct config *config, struct findings *findings)
{
    check_suffixes(config, findings);
    check_room(config, findings);
}
