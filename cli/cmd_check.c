/* pinshim check: reads the config as the shim would; errors, and what will hurt one day. */
#include <stdio.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/config_fault.h"
#include "cli/table.h"

static const struct command_line line = {
    .usage = "check [OPTION...] [FILE]",
    .about = "Reads a config (FILE, or as below) as the shim would. Prints how much is in it and\n"
             "the policy's id, and warns, with file and line, of what is allowed and will hurt:\n"
             "no backup pin, or one that is also a current pin; only a public root pinned;\n"
             "pins, or their certificates (in the files that they name, in the store, or as\n"
             "typed with 'pinshim add --pin'), that have expired or do so within 30 days;\n"
             "wildcards wider than a public suffix;\n"
             "sections that nothing can fall under; what on_failure does not ask for, and\n"
             "signals that end nothing.\n",
    .accepted = ARG(CONFIG) | ARG(JSON),
    .examples = "  pinshim check pinshim.conf\n",
    .status = "0 good, with or without warnings; 1 the config is wrong; 2 wrong\n"
              "usage, or it cannot be read.\n",
};

void check_all(const struct config *config, struct findings *findings)
{
    time_t now = time(NULL);

    check_pins(config, now, findings);
    check_roots(config, findings);
    check_certificates(config, now, findings);
    check_typed(config, now, findings);
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
              plural(sections), pins, plural(pins), mode_name(policy_scope(policy, 0)->mode), id);
}

/* Like a compiler's: what was asked for on stdout, what is wrong with it on stderr. */
static void print_warnings(const struct findings *findings)
{
    const struct finding *finding = findings->items.items;

    cli_flush();
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

static bool add_row(struct table *table, const char *level, const char *path, unsigned at,
                    const char *domain, const char *message)
{
    char number[16];

    snprintf(number, sizeof(number), "%u", at);
    return table_row(table,
                     (const char *const[]){level, path, at ? number : NULL, domain, message});
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
    char text[sizeof(error.file) + sizeof(error.text) + 128];
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
        config_fault_format(&error, text, sizeof(text));
        cli_print(stderr, "%s", text);
    }
    findings_free(&findings);
    config_free(&config);
    return status;
}

int cmd_check(int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&line, argc, argv, &arguments);
    const char *path;

    if (status >= 0)
        return status;
    path = arguments_config_file(&arguments);
    return path ? check(path, given(&arguments, ARG_JSON)) : STATUS_USAGE;
}
