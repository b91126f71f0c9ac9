#include "tests/command/pinshim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

struct scratch *scratch;

void open_scratch(void)
{
    scratch = scratch_new();
}

void close_scratch(void)
{
    scratch_free(scratch);
}

void pinshim_add(struct command *command, ...)
{
    char *path = build_path("pinshim");
    const char *arg;
    va_list args;

    command_add(command, scratch_format(scratch, "%s", path), NULL);
    free(path);
    va_start(args, command);
    while ((arg = va_arg(args, const char *)))
        command_add(command, arg, NULL);
    va_end(args);
}

struct outcome pinshim_run(struct command command)
{
    return command_run(&command);
}

static void expect_text(const char *stream, const char *text, const char *want)
{
    if (want && !*want)
        cr_expect_str_eq(text, "", "%s is not empty: %s", stream, text);
    else if (want)
        cr_expect(strstr(text, want), "no \"%s\" in %s: %s", want, stream, text);
}

void expect_outcome(struct outcome outcome, int status, const char *out, const char *err)
{
    cr_expect_eq(outcome.status, status, "status %d instead of %d\nstdout: %s\nstderr: %s",
                 outcome.status, status, outcome.out, outcome.err);
    expect_text("stdout", outcome.out, out);
    expect_text("stderr", outcome.err, err);
    outcome_free(&outcome);
}

json_t *expect_json(struct outcome outcome, int status)
{
    json_error_t error;
    json_t *json = json_loads(outcome.out, JSON_REJECT_DUPLICATES, &error);

    cr_assert_eq(outcome.status, status, "status %d\nstdout: %s\nstderr: %s", outcome.status,
                 outcome.out, outcome.err);
    cr_assert(json, "not JSON (%s): %s", error.text, outcome.out);
    outcome_free(&outcome);
    return json;
}

const char *write_config(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    cr_assert(vasprintf(&text, format, args) >= 0);
    va_end(args);
    const char *path = scratch_text(scratch, "pinshim.conf", 0600, "%s", text);
    free(text);
    return path;
}
