/* A short soak (tests/soak): good and bad peers, threads, a policy that is rewritten every second.
 * `make soak` is a long one. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/support/process.h"
#include "tests/support/scratch.h"

Test(soak, thousands)
{
    struct scratch *scratch = scratch_new();
    char *program = build_path("tests/soak"), *shim = build_path("libpinshim.so");
    struct command command = {0};
    struct outcome outcome;

    command_add(&command, program, shim, "2000", NULL);
    command_set(&command, scratch_format(scratch, "TMPDIR=%s", scratch_dir(scratch)));
    outcome = command_run(&command);
    cr_assert_eq(outcome.status, 0, "%s%s", outcome.out, outcome.err);
    cr_assert(strstr(outcome.out, " handshakes in "));
    outcome_free(&outcome);
    free(program);
    free(shim);
    scratch_free(scratch);
}
