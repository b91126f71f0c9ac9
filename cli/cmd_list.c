/* pinshim list: the pin table. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/arguments.h"
#include "cli/cert_text.h"
#include "cli/cli.h"
#include "cli/config_open.h"
#include "cli/pin_list.h"
#include "cli/section_choice.h"
#include "cli/suggest.h"
#include "cli/table.h"

static const struct command_line line = {
    .usage = "list [OPTION...]",
    .about = "Lists the config's pins as they stand in its files. What is known of a pin is its\n"
             "certificate's in the store, or in the file that it names; else what was typed with\n"
             "'pinshim add --pin'. Its status is valid, expiring, expired, or unknown: no\n"
             "certificate was met, and no date that was typed or that the section has is near.\n",
    .accepted = ARG(DOMAIN) | ARG(PROGRAM) | ARG(STATUS) | ARG(WITHIN) | ARG(SORT) | ARG(CONFIG) |
                ARG(JSON),
    .examples = "  pinshim list --status expired,expiring --within 14\n"
                "  pinshim list --domain '*.example.com' --sort expires\n",
    .status = "0 good, 1 the config is wrong, 2 wrong usage, or it cannot be read.\n",
};

static const struct table_column columns[] = {
    {"DOMAIN", TABLE_TEXT, TABLE_BOTH},      {"CN", TABLE_TEXT, TABLE_BOTH},
    {"PIN", TABLE_TEXT, TABLE_BOTH},         {"ROLE", TABLE_TEXT, TABLE_BOTH},
    {"POSITION", TABLE_TEXT, TABLE_BOTH},    {"EXPIRES", TABLE_TEXT, TABLE_BOTH},
    {"STATUS", TABLE_TEXT, TABLE_BOTH},      {"OWNER", TABLE_TEXT, TABLE_BOTH},
    {"FINGERPRINT", TABLE_TEXT, TABLE_BOTH}, {"PORTS", TABLE_TEXT, TABLE_BOTH},
    {"PROGRAM", TABLE_TEXT, TABLE_BOTH},     {"WRITTEN", TABLE_TEXT, TABLE_JSON},
    {"SOURCE", TABLE_TEXT, TABLE_JSON},      {"FILE", TABLE_TEXT, TABLE_JSON},
    {"LINE", TABLE_NUMBER, TABLE_JSON},      {"INCLUDE_SUBDOMAINS", TABLE_YES_NO, TABLE_JSON},
};

struct view {
    const struct config *config;
    const struct arguments *arguments;
    struct table *table;
    bool json;
    enum { BY_DOMAIN, BY_CN, BY_EXPIRES, BY_STATUS, BY_OWNER } sort;
    unsigned statuses; /* bits: which are shown */
};

static const char *const sort_names[] = {"domain", "cn", "expires", "status", "owner"};

static const char *string_of(const struct view *view, uint32_t offset)
{
    return policy_string(view->config->policy, offset);
}

static const struct policy_section *section_of(const struct view *view,
                                               const struct listed_pin *pin)
{
    return policy_section(view->config->policy, pin->section);
}

/* Whose section it stands in; "": everybody's. */
static const char *program_of(const struct view *view, const struct listed_pin *pin)
{
    const struct policy *policy = view->config->policy;

    return string_of(view, policy_scope(policy, section_of(view, pin)->scope)->program);
}

/* First what ends first; what has no known end comes last. */
static int compare_ends(int64_t a, int64_t b)
{
    if (!a || !b)
        return (a == 0) - (b == 0);
    return (a > b) - (a < b);
}

static int compare_places(const struct config_origin *a, const struct config_origin *b)
{
    int order = strcmp(a->file, b->file);

    return order ? order : (a->line > b->line) - (a->line < b->line);
}

static int compare(const void *a, const void *b, void *data)
{
    const struct view *view = data;
    const struct listed_pin *x = a, *y = b;
    const struct policy *policy = view->config->policy;
    const struct policy_section *s = section_of(view, x), *t = section_of(view, y);
    static const int urgency[] = {
        [PIN_EXPIRED] = 0, [PIN_EXPIRING] = 1, [PIN_UNKNOWN] = 2, [PIN_VALID] = 3};
    int order = view->sort == BY_CN        ? strcmp(x->about.cn, y->about.cn)
                : view->sort == BY_EXPIRES ? compare_ends(x->expires, y->expires)
                : view->sort == BY_STATUS  ? urgency[x->status] - urgency[y->status]
                : view->sort == BY_OWNER
                    ? strcmp(string_of(view, s->owner), string_of(view, t->owner))
                    : 0;

    if (order == 0)
        order = strcmp(string_of(view, s->title), string_of(view, t->title));
    if (order == 0) /* sections that are titled alike stay apart */
        order = section_is_widened(policy, s) - section_is_widened(policy, t);
    if (order == 0)
        order = strcmp(program_of(view, x), program_of(view, y));
    if (order == 0)
        order =
            compare_places(&view->config->origins[x->section], &view->config->origins[y->section]);
    if (order == 0)
        order = x->backup - y->backup;
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* "443,8443"; malloc'ed, NULL: any. */
static char *ports_text(const struct view *view, const struct policy_section *section)
{
    const uint16_t *ports = policy_ports(view->config->policy, section);
    char *text = NULL;
    size_t length;
    FILE *out = section->ports.count ? open_memstream(&text, &length) : NULL;

    for (uint32_t i = 0; out && i < section->ports.count; i++)
        fprintf(out, "%s%u", i ? "," : "", ports[i]);
    if (out)
        fclose(out);
    return text;
}

/* The pattern that a section stands for, in the words that 'pinshim remove' takes; malloc'ed, NULL:
 * no memory. */
static char *pattern_text(const struct view *view, const struct policy_section *section)
{
    bool widened = section_is_widened(view->config->policy, section);
    char *text;

    if (asprintf(&text, "%s%s", widened ? "**." : "", string_of(view, section->title)) < 0)
        return NULL;
    return text;
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

/* With colons, as show writes it; NULL: not known. */
static const char *fingerprint_text(const struct listed_pin *pin, char out[FINGERPRINT_SIZE])
{
    char text[sizeof(pin->about.fingerprint) + 16], why[400];
    struct pin digest;

    snprintf(text, sizeof(text), "cert-sha256/%s", pin->about.fingerprint);
    if (!pin->about.fingerprint[0] || !pin_parse(text, &digest, why, sizeof(why)))
        return NULL;
    fingerprint_format(&digest, out);
    return out;
}

static bool add_row(const struct view *view, const struct listed_pin *pin)
{
    const struct policy_section *section = section_of(view, pin);
    const struct config_origin *at = &view->config->origins[pin->section];
    const char *program = program_of(view, pin);
    char expires[32] = "", number[16], fingerprint[FINGERPRINT_SIZE],
         *ports = ports_text(view, section), *pattern = pattern_text(view, section);
    time_t last = (time_t)pin->expires - 1;
    struct tm tm;
    bool good;

    if (pin->expires && gmtime_r(&last, &tm))
        strftime(expires, sizeof(expires), view->json ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d", &tm);
    snprintf(number, sizeof(number), "%u", at->line);
    good =
        pattern &&
        table_row(view->table,
                  (const char *const[]){
                      view->json ? string_of(view, section->title) : pattern,
                      or_null(pin->about.cn), pin->text, pin->backup ? "backup" : "pin",
                      or_null(pin->about.position), or_null(expires), pin_status_name(pin->status),
                      or_null(string_of(view, section->owner)), fingerprint_text(pin, fingerprint),
                      ports, or_null(program), pin->written, pin->source, at->file, number,
                      section->kind == PATTERN_ANY_DEPTH ? "yes" : "no"});
    if (pin->status == PIN_EXPIRED || pin->status == PIN_EXPIRING)
        table_color(view->table, pin->status == PIN_EXPIRED ? "red" : "yellow");
    free(pattern);
    free(ports);
    return good;
}

/* By its title, or by what the table shows. */
static bool is_named(const struct view *view, const struct policy_section *section,
                     const char *pattern)
{
    char *own = pattern_text(view, section);
    bool named = fnmatch(pattern, string_of(view, section->title), FNM_CASEFOLD) == 0 ||
                 (own && fnmatch(pattern, own, FNM_CASEFOLD) == 0);

    free(own);
    return named;
}

static bool wanted(const struct view *view, const struct listed_pin *pin)
{
    const char *pattern = view->arguments->value[ARG_DOMAIN];
    const char *program = view->arguments->value[ARG_PROGRAM];

    return (view->statuses & 1U << pin->status) &&
           (!program || strcmp(program, program_of(view, pin)) == 0) &&
           (!pattern || is_named(view, section_of(view, pin), pattern));
}

static int print(struct view *view, struct list *pins)
{
    const struct listed_pin *pin = pins->items;
    bool good;

    if (pins->count > 1)
        qsort_r(pins->items, pins->count, sizeof(*pin), compare, view);
    view->table = table_new("pins", view->json, columns, sizeof(columns) / sizeof(columns[0]));
    good = view->table;
    for (size_t i = 0; good && i < pins->count; i++)
        good = !wanted(view, &pin[i]) || add_row(view, &pin[i]);
    good = good && table_print(view->table);
    table_free(view->table);
    if (!good)
        cli_error("cannot print the pins");
    return good ? STATUS_GOOD : STATUS_USAGE;
}

static bool read_status(const char *text, unsigned *out)
{
    char *copy = strdup(text), *rest = copy, *word;
    bool good = copy;

    *out = 0;
    while (good && (word = strsep(&rest, ","))) {
        unsigned bit = 0;

        for (int i = PIN_VALID; i <= PIN_UNKNOWN; i++)
            if (strcmp(word, pin_status_name((enum pin_status)i)) == 0)
                bit = 1U << i;
        *out |= bit;
        good = bit;
        if (!good)
            cli_usage_error("--status %s: write valid, expiring, expired or unknown", word);
    }
    free(copy);
    return good;
}

static bool read_view(const struct arguments *arguments, struct view *view, unsigned *within)
{
    const char *sort = arguments->value[ARG_SORT], *near;
    bool found = !sort;

    *view =
        (struct view){.arguments = arguments, .json = given(arguments, ARG_JSON), .statuses = ~0U};
    for (unsigned i = 0; sort && i < sizeof(sort_names) / sizeof(sort_names[0]); i++)
        if (strcmp(sort, sort_names[i]) == 0) {
            view->sort = i;
            found = true;
        }
    if (!found) {
        near = suggest(sort, sort_names, sizeof(sort_names) / sizeof(sort_names[0]));
        cli_usage_error("--sort %s: write domain, cn, expires, status or owner%s%s", sort,
                        near ? "; did you mean " : "", near ? near : "");
        return false;
    }
    return (!given(arguments, ARG_STATUS) ||
            read_status(arguments->value[ARG_STATUS], &view->statuses)) &&
           arguments_number(arguments, ARG_WITHIN, 1, 36500, 30, within);
}

int cmd_list(int argc, char **argv)
{
    struct config_change *change;
    struct arguments arguments;
    struct list pins = {NULL, 0, 0};
    struct view view;
    char why[2 * WHY_SIZE];
    unsigned within;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (arguments.count > 0) {
        cli_usage_error("'%s' is too much; --domain PATTERN chooses", arguments.rest[0]);
        return STATUS_USAGE;
    }
    if (!read_view(&arguments, &view, &within))
        return STATUS_USAGE;
    change = config_open(arguments_config(&arguments), true, &status);
    if (!change)
        return status;
    view.config = config_change_before(change);
    if (pin_list_read(change, (int64_t)within * 24 * 60 * 60, &pins, why, sizeof(why))) {
        status = print(&view, &pins);
    } else {
        cli_error("%s", why);
        status = STATUS_USAGE;
    }
    pin_list_free(&pins);
    config_change_end(change);
    return status;
}
