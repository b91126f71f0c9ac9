#include "tests/command/findings.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"

static struct outcome check(const char *config, const char *variable, const char *option)
{
    struct command command = {0};

    if (variable)
        command_set(&command, variable);
    pinshim_add(&command, "check", option, NULL);
    command_add(&command, config, NULL);
    return pinshim_run(command);
}

static void expect_warning(const json_t *finding, const char *file, const struct warning *want)
{
    const char *message = field_string(finding, "message");

    expect_string(finding, "level", "warning");
    expect_string(finding, "file", file);
    if (want->line > 0)
        expect_number(finding, "line", want->line);
    else
        cr_expect(json_is_null(json_object_get(finding, "line")));
    if (want->domain)
        expect_string(finding, "domain", want->domain);
    else
        cr_expect(json_is_null(json_object_get(finding, "domain")), "%s", message);
    cr_expect(strstr(message, want->says), "no \"%s\" in: %s", want->says, message);
}

void expect_warnings(const char *config, const char *variable, const struct warning *want,
                     size_t count)
{
    struct outcome text = check(config, variable, "--");
    json_t *json = expect_json(check(config, variable, "--json"), 0);
    const json_t *findings = json_object_get(json, "findings");
    const char *rest = text.err;

    cr_expect_eq(text.status, 0);
    cr_assert_eq(json_array_size(findings), count, "%zu findings instead of %zu: %s",
                 json_array_size(findings), count, text.err);
    for (size_t i = 0; i < count; i++) {
        const json_t *finding = json_array_get(findings, i);
        const char *file = want[i].file ? want[i].file : config, *domain = want[i].domain;
        const char *number = want[i].line > 0 ? scratch_format(scratch, ":%ld", want[i].line) : "";
        const char *line = scratch_format(scratch, "%s%s: warning: %s%s%s%s\n", file, number,
                                          domain ? "domain \"" : "", domain ? domain : "",
                                          domain ? "\": " : "", field_string(finding, "message"));

        expect_warning(finding, file, &want[i]);
        cr_expect(strncmp(rest, line, strlen(line)) == 0, "not \"%s\" but: %s", line, rest);
        rest += strcspn(rest, "\n");
        rest += *rest == '\n';
    }
    cr_expect_str_empty(rest);
    json_decref(json);
    outcome_free(&text);
}

void expect_lines(const struct line *lines, size_t count)
{
    struct warning *want = calloc(count, sizeof *want);
    const char *text = "";
    size_t warnings = 0;

    cr_assert(want);
    for (size_t i = 0; i < count; i++) {
        const char *more = lines[i].more ? lines[i].more : "";

        if (lines[i].domain)
            text = scratch_format(scratch, "%sdomain \"%s\" { %s %s }\n", text, lines[i].domain,
                                  PINS, more);
        else
            text = scratch_format(scratch, "%s%s\n", text, more);
        if (lines[i].says)
            want[warnings++] = (struct warning){NULL, (long)i + 1, lines[i].domain, lines[i].says};
    }
    expect_warnings(write_config("%s", text), NULL, want, warnings);
    free(want);
}
