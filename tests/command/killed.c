/* A command that is killed at any moment leaves what it writes as it was, or as it is to be. */
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"
#include "tests/support/death.h"

TestSuite(killed, .init = open_scratch, .fini = close_scratch);

static const char *config;
static unsigned round_number;

static const char *write_round(void)
{
    return write_config("domain \"d%u.test\" { " PINS " }\n", round_number);
}

/* There is a compiled form, of a config that was changed since. */
static void compile_and_change(void)
{
    round_number++;
    config = write_round();
    expect_outcome(PINSHIM("compile", config), 0, NULL, NULL);
    round_number++;
    config = write_round();
}

/* It is the old one, whole, or the new one; and what was left behind is in nobody's way. */
static void expect_whole(bool killed)
{
    struct outcome outcome = PINSHIM("compile", "--check", config);

    cr_assert(outcome.status == 0 || (killed && strstr(outcome.err, "has changed since")), "%s%s",
              outcome.out, outcome.err);
    outcome_free(&outcome);
    expect_outcome(PINSHIM("check", config), 0, NULL, NULL);
    expect_outcome(PINSHIM("compile", config), 0, NULL, "");
    expect_outcome(PINSHIM("compile", "--check", config), 0, NULL, "");
}

static void compile_killed(bool torn)
{
    struct command command = {0};

    compile_and_change();
    pinshim_add(&command, "compile", config, NULL);
    command_set(&command, scratch_format(scratch, "LD_PRELOAD=%s", death_preload(scratch)));
    cr_assert_geq(death_each(scratch, &command, torn, compile_and_change, expect_whole), 4);
}

Test(killed, compile)
{
    compile_killed(false);
}

Test(killed, compile_torn)
{
    compile_killed(true);
}
