/* What a check finds: warnings with their place. */
#ifndef PINSHIM_CLI_FINDINGS_H
#define PINSHIM_CLI_FINDINGS_H

#include <stdbool.h>

#include "config/config.h"

struct finding {
    struct config_origin at;
    const char *domain; /* the section's title; NULL: not about one */
    char *message;      /* malloc'ed */
    size_t number;      /* in the order of finding */
};

struct findings {
    struct list items; /* struct finding */
    bool failed;       /* memory ran out */
};

/* Adds a warning. at->file and `domain` must live as long as the findings. */
void findings_add(struct findings *findings, const struct config_origin *at, const char *domain,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same about the section `section` of a config. */
#define findings_section(findings, config, section, ...)                                           \
    findings_add(                                                                                  \
        findings, &(config)->origins[section],                                                     \
        policy_string((config)->policy, policy_section((config)->policy, section)->title),         \
        __VA_ARGS__)

/* Sorts them as they stand in the files: the config first, then what it includes. */
void findings_sort(struct findings *findings, const struct config *config);

void findings_free(struct findings *findings);

#endif
