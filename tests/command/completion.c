/* Completion, as bash asks for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"

TestSuite(completion, .init = open_desk, .fini = close_desk, .timeout = 60);

/* What completes the last of these words, one a line. */
static struct outcome complete(const char *words)
{
    static const char script[] = "source completion/pinshim.bash; COMP_WORDS=('%s' %s); "
                                 "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pinshim; "
                                 "printf '%%s\\n' \"${COMPREPLY[@]}\"";
    struct command command = {0};
    char *pinshim = build_path("pinshim");

    command_set(&command, scratch_format(scratch, "PINSHIM_CONFIG=%s", desk_config));
    command_add(&command, "bash", "-c", scratch_format(scratch, script, pinshim, words), NULL);
    free(pinshim);
    return command_run(&command);
}

Test(completion, bash)
{
    write_pins("x.conf", "domain \"*.a.test\" { pins = {\"" PIN_A "\"} }\n"
                         "domain \"b.test\" { pins = {\"" PIN_A "\"} }\n");
    static const struct {
        const char *words, *completed;
    } table[] = {
        {"sho", "show\n"},
        {"nothing", "\n"},
        {"--v", "--version\n"},
        {"help lis", "list\n"},
        {"show --start", "--starttls\n"},
        {"add --in", "--insecure-first-use\n--include-subdomains\n"},
        {"run --m", "--mode\n"},
        {"check --j", "--json\n"},
        {"show --starttls po", "pop3\npostgres\n"},
        {"list --status ex", "expiring\nexpired\n"},
        {"store re", "remove\n"},
        {"remove ''", "*.a.test\nb.test\n"},
        {"edit b", "b.test\n"},
        {"refresh b", "b.test\n"},
        {"import --format t", "tyk\ntrustkit\n"},
        {"check --c", "--config\n"},
        {"report --min-d", "--min-days\n"},
        {"show x", "\n"}, /* a file: bash's own */
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome outcome = complete(table[i].words);

        cr_expect_str_eq(outcome.out, table[i].completed, "%s: %s", table[i].words, outcome.out);
        expect_outcome(outcome, 0, NULL, "");
    }
}
