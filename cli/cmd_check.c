/* pinshim check: reads the config as the shim would; errors, and what will hurt one day. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "config/config.h"

static const char help[] =
    "Usage: pinshim check [--json] [FILE]\n"
    "\n"
    "Reads a config as the shim would (without FILE: $PINSHIM_CONFIG, else\n" DEFAULT_CONFIG
    "). Prints how much is in it and the policy's id, and\n"
    "warns of what is allowed and will hurt: no backup pin, a backup that is also a\n"
    "current pin, pins that have expired or do so within 30 days.\n"
    "\n"
    "  --json   errors and warnings as JSON\n"
    "  --help   this text\n"
    "\n"
    "Exit status: 0 good, with or without warnings; 1 the config is wrong; 2 wrong\n"
    "usage, or it cannot be read.\n";

#define WARN_BEFORE (30 * 24 * 60 * 60)

struct finding {
    unsigned line;
    const char *domain;
    char message[256];
};

struct findings {
    struct finding *items;
    size_t count;
    bool failed; /* memory ran out */
};

static void __attribute__((format(printf, 4, 5)))
warn(struct findings *findings, unsigned line, const char *domain, const char *format, ...)
{
    struct finding *items =
        reallocarray(findings->items, findings->count + 1, sizeof(*findings->items));
    va_list arguments;

    if (!items) {
        findings->failed = true;
        return;
    }
    findings->items = items;
    items += findings->count++;
    items->line = line;
    items->domain = domain;
    va_start(arguments, format);
    vsnprintf(items->message, sizeof(items->message), format, arguments);
    va_end(arguments);
}

static bool same_pin(const struct policy_pin *a, const struct policy_pin *b)
{
    return a->kind == b->kind && memcmp(a->digest, b->digest, DIGEST_SIZE) == 0;
}

/* Does one of the backup pins stand among the current ones too? */
static bool has_vain_backup(const struct policy *policy, const struct policy_section *section)
{
    const struct policy_pin *pins = policy_pins(policy, section);

    for (uint32_t i = section->current; i < section->pins.count; i++)
        for (uint32_t j = 0; j < section->current; j++)
            if (same_pin(&pins[i], &pins[j]))
                return true;
    return false;
}

static void check_backup(const struct policy *policy, const struct policy_section *section,
                         unsigned line, struct findings *findings)
{
    const char *domain = policy_string(policy, section->title);

    if (section->pins.count == 0)
        return; /* mode = "off" */
    if (section->current == section->pins.count)
        warn(findings, line, domain,
             "no backup pin: when the key changes, every program is locked out; make a spare key "
             "and put its pin into backup_pins");
    else if (has_vain_backup(policy, section))
        warn(findings, line, domain,
             "a backup pin is one of the current pins, so it saves nobody; pin another key");
}

static void check_expiry(const struct policy *policy, const struct policy_section *section,
                         unsigned line, time_t now, struct findings *findings)
{
    const char *domain = policy_string(policy, section->title);
    time_t last = (time_t)section->expires - 1;
    char day[32] = "";
    struct tm tm;

    if (section->expires == 0 || section->expires > now + WARN_BEFORE)
        return;
    if (gmtime_r(&last, &tm))
        strftime(day, sizeof(day), "%Y-%m-%d", &tm);
    if (section->expires <= now)
        warn(findings, line, domain, "the pins expired at the end of %s; renew them", day);
    else
        warn(findings, line, domain, "the pins expire at the end of %s; renew them before", day);
}

static int by_line(const void *a, const void *b)
{
    const struct finding *left = a, *right = b;

    return (left->line > right->line) - (left->line < right->line);
}

static void look(const struct config *config, struct findings *findings)
{
    const struct policy *policy = config->policy;
    time_t now = time(NULL);

    for (uint32_t i = 0; i < policy->sections.count; i++) {
        const struct policy_section *section = policy_section(policy, i);
        unsigned line = config->origins[i].line;

        check_backup(policy, section, line, findings);
        check_expiry(policy, section, line, now, findings);
    }
    if (findings->count > 0)
        qsort(findings->items, findings->count, sizeof(*findings->items), by_line);
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
static void print_warnings(const char *path, const struct findings *findings)
{
    fflush(stdout);
    for (size_t i = 0; i < findings->count; i++)
        cli_print(stderr, "%s:%u: warning: domain \"%s\": %s", path, findings->items[i].line,
                  findings->items[i].domain, findings->items[i].message);
}

static bool add_row(struct table *table, const char *level, const char *path, unsigned line,
                    const char *domain, const char *message)
{
    char number[16];

    snprintf(number, sizeof(number), "%u", line);
    return table_row(table,
                     (const char *const[]){level, path, line ? number : NULL, domain, message});
}

static bool print_json(const char *path, const struct config_error *error,
                       const struct findings *findings)
{
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
    for (size_t i = 0; good && i < findings->count; i++)
        good = add_row(table, "warning", path, findings->items[i].line, findings->items[i].domain,
                       findings->items[i].message);
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
        look(&config, &findings);
    if (findings.failed || (json && !print_json(path, loaded ? NULL : &error, &findings))) {
        cli_error("out of memory");
        status = STATUS_USAGE;
    } else if (!json && loaded) {
        print_summary(path, config.policy);
        print_warnings(path, &findings);
    } else if (!json) {
        config_error_format(&error, line, sizeof(line));
        cli_print(stderr, "%s", line);
    }
    free(findings.items);
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
