/* Sections that pin nothing narrower than a public root. */
#include <stdlib.h>

#include "cli/cert_text.h"
#include "cli/check.h"
#include "cli/public_roots.h"

/* The first pinned root when all current pins are public roots, else NULL. Backup pins do not
 * count: what lies offline narrows nothing today. */
static X509 *only_roots(const struct public_roots *roots, const struct config *config,
                        const struct policy_section *section)
{
    const struct policy_pin *pins = policy_pins(config->policy, section);
    X509 *first = NULL, *root;

    for (uint32_t i = 0; i < section->current; i++) {
        root = public_roots_find(roots, &pins[i]);
        if (!root)
            return NULL;
        if (!first)
            first = root;
    }
    return first;
}

static void warn(const struct config *config, uint32_t i, const X509 *root,
                 struct findings *findings)
{
    const struct policy_section *section = policy_section(config->policy, i);
    char *name = cert_short_name(root);

    if (!name)
        findings->failed = true;
    else if (section->match == POSITION_LEAF)
        findings_section(findings, config, i,
                         "match = \"leaf\" lets only a server's own key count, and a public root "
                         "is pinned, \"%s\"; pin the server's key",
                         name);
    else
        findings_section(findings, config, i,
                         "only a public root is pinned, \"%s\": whoever gets a certificate from it "
                         "or from a CA under it is let in; pin the server's own key, or a CA that "
                         "signs for you alone",
                         name);
    free(name);
}

void check_roots(const struct config *config, struct findings *findings)
{
    struct public_roots *roots = public_roots_new();

    if (!roots)
        findings->failed = true;
    for (uint32_t i = 0; roots && i < config->policy->sections.count; i++) {
        const struct policy_section *section = policy_section(config->policy, i);
        X509 *root = check_has_pins(section) ? only_roots(roots, config, section) : NULL;

        if (root)
            warn(config, i, root, findings);
    }
    public_roots_free(roots);
}
