#include "tests/support/death.h"

#include <signal.h>
#include <stdlib.h>

#include "tests/support/process.h"

const char *death_preload(struct scratch *scratch)
{
    char *path = build_path("tests/sudden.so"), *kept = scratch_format(scratch, "%s", path);

    free(path);
    return kept;
}

unsigned death_each(struct scratch *scratch, const struct command *command, bool torn,
                    void (*before)(void), void (*after)(bool killed))
{
    unsigned number = 0;
    bool killed;

    do {
        struct command one = *command;
        struct outcome outcome;
        command_set(&one, scratch_format(scratch, "PINSHIM_DIE_AT=%u", ++number));
        if (torn)
            command_set(&one, "PINSHIM_DIE_TORN=1");
        before();
        outcome = command_run(&one);
        killed = outcome.status == 128 + SIGKILL;
        outcome_free(&outcome);
        after(killed);
    } while (killed);
    return number - 1;
}
