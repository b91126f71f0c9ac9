/* What belongs to a response that is not asked for, and signals that end nothing. */
#include "cli/check.h"
#include "config/signal_name.h"

/* All that refusals under this section may do, whatever the program. */
static unsigned responses_of(const struct policy *policy, const struct policy_section *section)
{
    struct policy_view view = {.policy = policy, .scope = section->scope, .override = MODE_UNSET};
    unsigned all = policy_responses(&view, section);

    for (uint32_t i = 1; section->scope == 0 && i < policy->scopes.count; i++) {
        view.scope = i;
        all |= policy_responses(&view, section);
    }
    return all;
}

static void check_section(const struct config *config, uint32_t i, struct findings *findings)
{
    const struct policy_section *section = policy_section(config->policy, i);
    const struct {
        bool given;
        unsigned response;
        const char *option, *word;
    } parts[] = {{section->message != 0, RESPONSE_MESSAGE, "message", "message"},
                 {section->redirect != 0, RESPONSE_REDIRECT, "redirect", "redirect"},
                 {section->signal != SIGNAL_UNSET, RESPONSE_TERMINATE, "signal", "terminate"}};
    unsigned responses = 0;

    if (section->message != 0 || section->redirect != 0 || section->signal != SIGNAL_UNSET)
        responses = responses_of(config->policy, section);
    for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
        if (parts[k].given && (responses & parts[k].response) == 0)
            findings_section(findings, config, i,
                             "%s does nothing: on_failure does not have %s; add it there, or take "
                             "this out",
                             parts[k].option, parts[k].word);
}

/* The words behind "signal X", for one that does not end a process; NULL for the others. */
static const char *weakness(uint8_t signal)
{
    if (signal == SIGNAL_UNSET || signal_effect(signal) == SIGNAL_ENDS)
        return NULL;
    return signal_effect(signal) == SIGNAL_STOPS
               ? "stops a process and does not end it"
               : "does nothing to a process that does not handle it";
}

#define WEAK "signal %s %s; write TERM, or KILL where the program may ignore that"

void check_responses(const struct config *config, struct findings *findings)
{
    const struct policy *policy = config->policy;
    const struct config_origin whole = {((char *const *)config->files.items)[0], 0};

    for (uint32_t i = 0; i < policy->scopes.count; i++) {
        uint8_t signal = policy_scope(policy, i)->signal;
        if (weakness(signal))
            findings_add(findings, i == 0 ? &whole : &config->programs[i], NULL, WEAK,
                         signal_name(signal), weakness(signal));
    }
    for (uint32_t i = 0; i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);
        if (!check_has_pins(section))
            continue;
        check_section(config, i, findings);
        if (weakness(section->signal))
            findings_section(findings, config, i, WEAK, signal_name(section->signal),
                             weakness(section->signal));
    }
}
