/* The tables of docs/names.md say what the code does. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "config/program.h"
#include "tests/unit/load.h"

#define PAGE "docs/names.md"
enum { CELLS_MAX = 8 };

static struct scratch *scratch;

static void setup(void)
{
    scratch = scratch_new();
}

static void cleanup(void)
{
    scratch_free(scratch);
}

TestSuite(names_doc, .init = setup, .fini = cleanup);

/* One table of the page, the lines of its rows one by one. */
struct page_table {
    char *rest, *heads;
    unsigned rows;
};

static void find_table(const char *heads, struct page_table *table)
{
    char *page = scratch_read(scratch, PAGE);

    cr_assert(*page, PAGE " is not there: run the tests in the source tree");
    table->heads = scratch_format(scratch, "\n| %s |\n| ---", heads);
    table->rest = strstr(page, table->heads);
    table->rows = 0;
    cr_assert(table->rest, "there is no table with %s", heads);
    table->rest = strchr(table->rest + strlen(table->heads), '\n') + 1;
}

/* The cells of the next row, without the blanks around them; "" where it has fewer. False at the
 * table's end. */
static bool next_row(struct page_table *table, char *cells[CELLS_MAX])
{
    static char none[] = "";
    char *line;
    size_t count = 0;

    for (size_t i = 0; i < CELLS_MAX; i++)
        cells[i] = none;
    if (table->rest[0] != '|') {
        cr_assert_geq(table->rows, 3, "hardly a row below %s", table->heads);
        return false;
    }
    line = strsep(&table->rest, "\n") + 1;
    for (char *cell; (cell = strsep(&line, "|")) && line; count++) {
        size_t length = strlen(cell);
        cr_assert(count < CELLS_MAX && length >= 1, "%s", cell);
        cell[length - (length > 1)] = '\0'; /* a blank on either side, one in an empty cell */
        cells[count] = cell + 1;
    }
    table->rows++;
    return true;
}

/* What stands between the next two backticks; `text` goes behind them. NULL: no more. */
static char *next_code(char **text)
{
    char *start = strchr(*text, '`'), *stop = start ? strchr(start + 1, '`') : NULL;

    if (!stop)
        return NULL;
    *stop = '\0';
    *text = stop + 1;
    return start + 1;
}

static char *only_code(char *cell)
{
    return next_code(&cell);
}

/* "`title` with `option` in `program "x"`, `title`": the sections of a cell as a config. */
static const char *config_of(char *cell)
{
    const char *config = "";

    for (char *rest = cell, *title; (title = next_code(&rest));) {
        const char *options = "", *program = NULL, *section;
        while (rest[0] && strncmp(rest, ", ", 2) != 0) {
            bool inside = strncmp(rest, " in `", 5) == 0;
            if (!inside && strncmp(rest, " with `", 7) != 0)
                break; /* words for people up to the end */
            *(inside ? &program : &options) = next_code(&rest);
        }
        section = scratch_format(scratch, "domain \"%s\" { %s %s }\n", title, options,
                                 strstr(options, "off") ? "" : "pins = {\"" PIN_A "\"}");
        config = program ? scratch_format(scratch, "%s%s { %s }\n", config, program, section)
                         : scratch_format(scratch, "%s%s", config, section);
        if (strncmp(rest, ", ", 2) != 0)
            break;
    }
    cr_assert(*config, "no section in: %s", cell);
    return config;
}

/* A peer by NAME, NAME:PORT or address. */
static struct peer peer_of(char *text)
{
    char *colon = strchr(text, ':');
    struct peer peer = {.sni = text};

    if (colon && !strchr(colon + 1, ':')) {
        *colon = '\0';
        peer.port = (uint16_t)strtoul(colon + 1, NULL, 10);
    }
    return peer;
}

/* The title of the section that decides; "none". */
static const char *ask(const char *text, const char *program, const struct peer *peer,
                       struct policy_match *match)
{
    struct policy_view view = {.override = MODE_UNSET};
    struct config config;
    const char *title = "none";

    must_load(scratch, text, &config);
    view.policy = config.policy;
    if (program)
        view.scope = program_scope(config.policy, program, strrchr(program, '/') + 1);
    policy_find(&view, peer, match);
    if (match->section)
        title = scratch_format(scratch, "%s", policy_string(config.policy, match->section->title));
    config_free(&config);
    return title;
}

static const char *decided(char *cell)
{
    const char *title = only_code(cell);

    cr_assert(title || strcmp(cell, "none") == 0, "what is %s?", cell);
    return title ? title : "none";
}

static void check_names(const char *config, char *names, bool match)
{
    struct policy_match found;

    for (char *name; (name = next_code(&names));) {
        const struct peer peer = {.sni = name};
        cr_expect_eq(strcmp(ask(config, NULL, &peer, &found), "none") != 0, match, "%s and %s",
                     config, name);
    }
}

Test(names_doc, patterns)
{
    struct page_table table;
    char *cells[CELLS_MAX];

    find_table("section | matches | does not match", &table);
    while (next_row(&table, cells)) {
        const char *config = config_of(cells[0]);
        cr_assert(strchr(cells[1], '`') && strchr(cells[2], '`'), "%s", cells[0]);
        check_names(config, cells[1], true);
        check_names(config, cells[2], false);
    }
}

/* Every mend that the page names is in the error. */
Test(names_doc, refused)
{
    struct page_table table;
    char *cells[CELLS_MAX], why[300];

    find_table("title | why", &table);
    while (next_row(&table, cells)) {
        const char *words = scratch_format(scratch, "%s", cells[1]);
        for (char *rest = cells[0], *title; (title = next_code(&rest));) {
            struct pattern pattern;
            char *mends = scratch_format(scratch, "%s", words), *mend;
            if (title[0] == '"') { /* to show that there is nothing, or nearly */
                title[strlen(title) - 1] = '\0';
                title++;
            }
            cr_expect_not(pattern_parse(title, &pattern, why, sizeof why), "%s", title);
            while ((mend = next_code(&mends)))
                cr_expect(strstr(why, scratch_format(scratch, " %s", mend)) ||
                              strstr(why, scratch_format(scratch, "\"%s\"", mend)),
                          "no %s for %s: %s", mend, title, why);
        }
    }
}

Test(names_doc, which_wins)
{
    struct page_table table;
    char *cells[CELLS_MAX];
    struct policy_match match;

    find_table("sections | peer | decides", &table);
    while (next_row(&table, cells)) {
        const char *config = config_of(cells[0]);
        const struct peer peer = peer_of(only_code(cells[1]));
        cr_expect_str_eq(ask(config, NULL, &peer, &match), decided(cells[2]), "%s of\n%s", peer.sni,
                         config);
    }
}

Test(names_doc, programs)
{
    struct page_table table;
    char *cells[CELLS_MAX];
    struct policy_match match;

    find_table("sections | program | peer | decides", &table);
    while (next_row(&table, cells)) {
        const char *config = config_of(cells[0]), *program = only_code(cells[1]);
        const struct peer peer = peer_of(only_code(cells[2]));
        cr_expect_str_eq(ask(config, program, &peer, &match), decided(cells[3]), "%s for %s of\n%s",
                         peer.sni, program, config);
    }
}

Test(names_doc, sources)
{
    struct page_table table;
    char *cells[CELLS_MAX];
    struct policy_match match;

    find_table("sections | server name | verified name | resolved | address | decides | `host` | "
               "`host_source`",
               &table);
    while (next_row(&table, cells)) {
        const char *config = config_of(cells[0]), *address = only_code(cells[4]);
        const char *host = only_code(cells[6]), *source = only_code(cells[7]);
        struct peer peer = {.sni = only_code(cells[1]),
                            .verify_host = only_code(cells[2]),
                            .resolved = only_code(cells[3])};
        cr_assert(!address || address_parse(address, &peer.address));
        cr_expect_str_eq(ask(config, NULL, &peer, &match), decided(cells[5]), "row %u", table.rows);
        cr_expect_str_eq(match.host, host ? host : "", "row %u", table.rows);
        cr_expect_str_eq(host_source_name(match.source), source, "row %u", table.rows);
    }
}
