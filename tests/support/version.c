#include "tests/support/version.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/support/process.h"

static bool find(const char *text, unsigned *major, unsigned *minor)
{
    for (; (text = strpbrk(text, "0123456789")) != NULL; text += strspn(text, "0123456789"))
        if (sscanf(text, "%u.%u", major, minor) == 2)
            return true;
    return false;
}

bool version_from(const char *program, const char *option, unsigned major, unsigned minor)
{
    struct command command = {0};
    unsigned found_major = 0, found_minor = 0;

    command_add(&command, program, option, NULL);
    struct outcome outcome = command_run(&command);
    bool found = find(outcome.out, &found_major, &found_minor) ||
                 find(outcome.err, &found_major, &found_minor);
    cr_assert(found, "%s %s tells no version: %s%s", program, option, outcome.out, outcome.err);
    outcome_free(&outcome);
    return found_major > major || (found_major == major && found_minor >= minor);
}
