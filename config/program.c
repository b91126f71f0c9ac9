#include "config/program.h"

#include <stdlib.h>
#include <string.h>

static uint32_t scope_by_link(const struct policy *policy, const char *executable)
{
    uint32_t found = 0;

    for (uint32_t i = 1; i < policy->scopes.count && found == 0; i++) {
        const char *program = policy_string(policy, policy_scope(policy, i)->program);
        char *real = program[0] == '/' ? realpath(program, NULL) : NULL;
        if (real != NULL && strcmp(real, executable) == 0)
            found = i;
        free(real);
    }
    return found;
}

uint32_t program_scope(const struct policy *policy, const char *executable, const char *name)
{
    uint32_t found = policy_scope_for(policy, executable, NULL);

    if (found == 0)
        found = scope_by_link(policy, executable);
    return found != 0 ? found : policy_scope_for(policy, NULL, name);
}
