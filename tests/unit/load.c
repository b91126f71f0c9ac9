#include "tests/unit/load.h"

#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

bool load(struct scratch *scratch, const char *text, struct config *config,
          struct config_error *error)
{
    const char *path = scratch_write(scratch, "policy.conf", 0600, text, strlen(text));

    return config_load(path, geteuid(), config, error);
}

void must_load(struct scratch *scratch, const char *text, struct config *config)
{
    struct config_error error;
    bool loaded = load(scratch, text, config, &error);

    cr_assert(loaded, "line %u: %s\nin:\n%s", error.line, error.text, text);
    cr_assert(policy_valid(config->policy, config->policy->size));
}
