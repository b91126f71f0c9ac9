/* Backup pins and the day a section's pins end. */
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"

bool check_has_pins(const struct policy_section *section)
{
    return section->pins.count > 0 && section->mode != MODE_OFF;
}

static int compare_pins(const void *a, const void *b)
{
    const struct policy_pin *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return memcmp(x->digest, y->digest, DIGEST_SIZE);
}

/* Does one of the backup pins stand among the current ones too? A section may have thousands. */
static bool has_vain_backup(const struct policy *policy, const struct policy_section *section,
                            struct findings *findings)
{
    const struct policy_pin *pins = policy_pins(policy, section);
    struct policy_pin *sorted = calloc(section->current + 1, sizeof(*sorted));
    bool found = false;

    if (!sorted) {
        findings->failed = true;
        return false;
    }
    memcpy(sorted, pins, section->current * sizeof(*sorted));
    qsort(sorted, section->current, sizeof(*sorted), compare_pins);
    for (uint32_t i = section->current; !found && i < section->pins.count; i++)
        found = bsearch(&pins[i], sorted, section->current, sizeof(*sorted), compare_pins);
    free(sorted);
    return found;
}

static void check_backup(const struct config *config, uint32_t i, struct findings *findings)
{
    const struct policy_section *section = policy_section(config->policy, i);

    if (section->current == section->pins.count)
        findings_section(findings, config, i,
                         "no backup pin: when the key changes, every program is locked out; make a "
                         "spare key and put its pin into backup_pins");
    else if (has_vain_backup(config->policy, section, findings))
        findings_section(findings, config, i,
                         "a backup pin is one of the current pins, so it saves nobody; pin another "
                         "key");
}

static void check_expires(const struct config *config, uint32_t i, time_t now,
                          struct findings *findings)
{
    const struct policy_section *section = policy_section(config->policy, i);
    const struct policy_view view = {
        .policy = config->policy, .scope = section->scope, .override = MODE_UNSET};
    bool block = policy_expired(&view) == RULE_BLOCK;
    time_t last = (time_t)section->expires - 1;
    char day[32] = "";
    struct tm tm;

    if (section->expires == 0 || section->expires > now + WARN_BEFORE)
        return;
    if (gmtime_r(&last, &tm))
        strftime(day, sizeof(day), "%Y-%m-%d", &tm);
    if (section->expires <= now)
        findings_section(findings, config, i,
                         "the pins expired at the end of %s, and every peer is %s now; renew them "
                         "and set a later day",
                         day, block ? "refused" : "let through");
    else
        findings_section(findings, config, i,
                         "the pins expire at the end of %s, and every peer is %s then; renew them "
                         "before and set a later day",
                         day, block ? "refused" : "let through");
}

void check_pins(const struct config *config, time_t now, struct findings *findings)
{
    for (uint32_t i = 0; i < config->policy->sections.count; i++)
        if (check_has_pins(policy_section(config->policy, i))) {
            check_backup(config, i, findings);
            check_expires(config, i, now, findings);
        }
}
