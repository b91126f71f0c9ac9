/* pinshim check: reads the config as the shim would; errors, and what will hurt one day. */
#include <stdio.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "cli/table.h"

static const char help[] =
    "Usage: pinshim check [--json] [FILE]\n"
    "\n"
    "Reads a config as the shim would (without FILE: $PINSHIM_CONFIG, else\n" DEFAULT_CONFIG
    "). Prints how much is in it and the policy's id, and\n"
    "warns, with file and line, of what is allowed and will hurt: no backup pin, or\n"
    "one that is also a current pin; only a public root pinned; pins, or the\n"
    "certificates they were read from, that have expired or do so within 30 days;\n"
    "wildcards wider than a public suffix; sections that nothing can fall under;\n"
    "what on_failure does not ask for, and signals that end nothing.\n"
    "\n"
    "  --json   errors and warnings as JSON\n"
    "  --help   this text\n"
    "\n"
    "Exit status: 0 good, with or without warnings; 1 the config is wrong; 2 wrong\n"
    "usage, or it cannot be read.\n";

void check_all(const struct config *config, struct findings *findings)
{
    time_t now = time(NULL);

    check_pins(config, now, findings);
    check_roots(config, findings);
    check_certificates(config, now, findings);
    check_wildcards(config, findings);
    check_networks(config, findings);
    check_programs(config, findings);
    check_responses(config, findings);
    check_compiled(config, findings);
    findings_sort(findings, config);
}

static void print_summary(const char *path, const struct policy *policy)
{
    uint32_t sections = policy->sections.count, pins = 0;
    char id[17];

    for (uint32_t i = 0; i < sections; i++)
        pins += policy_section(policy, i)->pins.count;
    policy_id(policy, id);
    cli_print(stdout, "%s: %u section%s, %u pin%s, mode %s, policy %s", path, sections,
              sections == 1 ? "" : "s", pins, pins == 1 ? "" : "s",
              mode_name(policy_scope(policy, 0)->mode), id);
}

/* Like a compiler's: what was asked for on stdout, what is wrong with it on stderr. */
static void print_warnings(const struct findings *findings)
{
    const struct finding *finding = findings->items.items;

    fflush(stdout);
    for (size_t i = 0; i < findings->items.count; i++, finding++)
        if (finding->domain)
            cli_print(stderr, "%s:%u: warning: domain \"%s\": %s", finding->at.file,
                      finding->at.line, finding->domain, finding->message);
        else if (finding->at.line > 0)
            cli_print(stderr, "%s:%u: warning: %s", finding->at.file, finding->at.line,
                      finding->message);
        else
            cli_print(stderr, "%s: warning: %s", finding->at.file, finding->message);
}

static bool add_row(struct table *table, const char *level, const char *path, unsigned line,
                    const char *domain, const char *message)
{
    char number[16];

    snprintf(number, sizeof(number), "%u", line);
    return table_row(table,
                     (const char *const[]){level, path, line ? number : NULL, domain, message});
}

static bool print_json(const struct config_error *error, const struct findings *findings)
{
    const struct finding *finding = findings->items.items;
    static const struct table_column columns[] = {
        {"level", TABLE_TEXT, TABLE_BOTH},   {"file", TABLE_TEXT, TABLE_BOTH},
        {"line", TABLE_NUMBER, TABLE_BOTH},  {"domain", TABLE_TEXT, TABLE_BOTH},
        {"message", TABLE_TEXT, TABLE_BOTH},
    };
    struct table *table =
        table_new("findings", true, columns, sizeof(columns) / sizeof(columns[0]));
    bool good = table;

    if (good && error)
        good = add_row(table, "error", error->file, error->line, NULL, error->text);
    for (size_t i = 0; good && i < findings->items.count; i++, finding++)
        good = add_row(table, "warning", finding->at.file, finding->at.line, finding->domain,
                       finding->message);
    good = good && table_print(table);
    table_free(table);
    return good;
}

static int check(const char *path, bool json)
{
    struct config config = {0};
    struct config_error error = {0};
    struct findings findings = {0};
    bool loaded = config_load(path, geteuid(), &config, &error);
    char line[sizeof(error.file) + sizeof(error.text) + 32];
    int status = STATUS_GOOD;

    if (!loaded)
        status = error.unreadable ? STATUS_USAGE : STATUS_NO;
    else
        check_all(&config, &findings);
    if (findings.failed || (json && !print_json(loaded ? NULL : &error, &findings))) {
        cli_error("out of memory");
        status = STATUS_USAGE;
    } else if (!json && loaded) {
        print_summary(path, config.policy);
        print_warnings(&findings);
    } else if (!json) {
        config_error_format(&error, line, sizeof(line));
        cli_print(stderr, "%s", line);
    }
    findings_free(&findings);
    config_free(&config);
    return status;
}

int cmd_check(int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *path = cli_environment("PINSHIM_CONFIG");
    bool json = false;
    int option;

    while ((option = cli_option(argc, argv, ":h", longs)) != -1) {
        if (option == 'h')
            return cli_help(help);
        if (option == '?')
            return STATUS_USAGE;
        json = true;
    }
    if (argc - optind > 1) {
        cli_usage_error("one file at a time");
        return STATUS_USAGE;
    }
    if (optind < argc)
        path = argv[optind];
    return check(path ? path : DEFAULT_CONFIG, json);
}
