/* The tables of docs/events.md have every value that an event may have. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "config/verdict.h"
#include "tests/support/scratch.h"

#define PAGE "docs/events.md"

static struct scratch *scratch;
static char *page;

static void setup(void)
{
    scratch = scratch_new();
    page = scratch_read(scratch, PAGE);
    cr_assert(*page, PAGE " is not there: run the tests in the source tree");
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(events_doc, .init = setup, .fini = cleanup);

/* The row of a table that begins with this cell; "" when there is none. */
static const char *row_of(const char *first)
{
    const char *row = strstr(page, scratch_format(scratch, "\n| %s |", first));

    return row ? scratch_format(scratch, "%.*s", (int)strcspn(row + 1, "\n"), row + 1) : "";
}

/* As REASON_SESSION_NOT_VERIFIED is the last. */
enum { REASONS = REASON_SESSION_NOT_VERIFIED + 1 };

Test(events_doc, reasons)
{
    const char *table = strstr(page, "\n| `reason` | `verdict` |");
    size_t rows = 0;

    for (int i = 0; i < REASONS; i++)
        cr_expect(*row_of(scratch_format(scratch, "`%s`", reason_name((enum reason)i))),
                  "%s is not there", reason_name((enum reason)i));
    cr_assert(table);
    for (const char *line = strchr(table + 1, '\n') + 1; *line == '|';
         line = strchr(line, '\n') + 1)
        rows++;
    cr_expect_eq(rows, REASONS + 1, "%zu rows below the head, for %d reasons", rows, REASONS);
}

/* Fields, or several, and what they may be. */
Test(events_doc, fields)
{
    static const struct {
        const char *field, *values[6];
    } fields[] = {
        {"`event`", {"policy", "handshake", "config_error"}},
        {"`host_source`", {"sni", "verify_host", "resolver", "none"}},
        {"`mode`", {"off", "audit", "enforce"}},
        {"`verdict`", {"pass", "fail", "unpinned"}},
        {"`action`", {"allow", "block", "terminate"}},
        {"`would`", {"allow", "block", "terminate"}},
        {"`pin`, `pin_role`, `pin_position`", {"pin", "backup", "leaf", "intermediate", "root"}},
        {"`program_verification`", {"ok", "failed", "skipped"}},
        {"`lost`", {NULL}},
    };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *row = row_of(fields[i].field);

        cr_expect(*row, "%s is not there", fields[i].field);
        for (const char *const *value = fields[i].values; *value; value++)
            cr_expect(strstr(row, scratch_format(scratch, "`%s`", *value)), "%s lacks %s",
                      fields[i].field, *value);
    }
}

/* All rows of the fields are in one table. */
Test(events_doc, one_table)
{
    const char *line = strstr(page, "\n| field | values |");
    size_t rows = 0;

    cr_assert(line);
    for (line++; *line == '|'; line = strchr(line, '\n') + 1)
        rows++;
    cr_expect(strstr(page, "\n| `lost` |") < line, "`lost` stands behind the table");
    cr_expect_gt(rows, 20);
}
