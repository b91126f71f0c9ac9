/* pinshim compile. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"

TestSuite(compile, .init = open_scratch, .fini = close_scratch);

#define CONFIG "domain \"a.test\" { " PINS " }\n"
#define CONFIG_MORE "domain \"b.test\" { " PINS " }\n"

static const char *compiled_of(const char *config)
{
    return scratch_format(scratch, "%s.compiled", config);
}

static const char *compiled_config(void)
{
    const char *config = write_config(CONFIG);

    expect_outcome(PINSHIM("compile", config), 0,
                   scratch_format(scratch, "%s: 1 section, policy ", compiled_of(config)), "");
    return config;
}

Test(compile, good)
{
    const char *config = compiled_config();
    struct stat st;

    cr_assert_eq(stat(compiled_of(config), &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0644);
    expect_outcome(PINSHIM("compile", "--check", config), 0, "1 section, policy ", "");
    NO_WARNINGS(config);
}

/* What is there stays when the config is wrong. */
Test(compile, wrong_config)
{
    const char *config;

    compiled_config();
    config = write_config("domain \"a.test\" { }\n");
    expect_outcome(PINSHIM("compile", config), 1, "", "has no pins");
    cr_expect_eq(access(compiled_of(config), F_OK), 0);
}

Test(compile, no_config)
{
    const char *config = scratch_path(scratch, "none.conf");

    expect_outcome(PINSHIM("compile", config), 2, "", "cannot be read");
    cr_expect_neq(access(compiled_of(config), F_OK), 0);
}

Test(compile, no_room)
{
    const char *config = write_config(CONFIG);

    cr_assert_eq(mkdir(compiled_of(config), 0755), 0);
    expect_outcome(PINSHIM("compile", config), 2, "", "it cannot be written: Is a directory");
    expect_outcome(PINSHIM("compile", "--check", config), 1, "", "not a regular file");
}

Test(compile, check_before)
{
    expect_outcome(PINSHIM("compile", "--check", write_config(CONFIG)), 1, "",
                   "there is none; run pinshim compile");
}

Test(compile, stale)
{
    const char *config;

    compiled_config();
    config = write_config(CONFIG CONFIG_MORE);
    expect_outcome(PINSHIM("compile", "--check", config), 1, "", "has changed since");
    WARNINGS(config, {NULL, 0, NULL, "its compiled form is older than the config"});
}

Test(compile, damaged)
{
    const char *config = compiled_config();

    cr_assert_eq(truncate(compiled_of(config), 5000), 0);
    expect_outcome(PINSHIM("compile", "--check", config), 1, "", "it is truncated");
    WARNINGS(config, {NULL, 0, NULL, "its compiled form is not used: it is truncated"});
}

/* The config of the environment, by a relative path. */
Test(compile, relative)
{
    const char *config = write_config(CONFIG);
    struct command command = {.directory = scratch_dir(scratch)};

    pinshim_add(&command, "compile", NULL);
    command_set(&command, scratch_format(scratch, "PINSHIM_CONFIG=%s", strrchr(config, '/') + 1));
    expect_outcome(pinshim_run(command), 0, "1 section, ", "");
    expect_outcome(PINSHIM("compile", "--check", config), 0, NULL, "");
}
