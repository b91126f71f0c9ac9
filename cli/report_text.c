/* The report for people: a few lines, and tables (libsmartcols). */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/table.h"

#define NUMBER_SIZE 24

/* A number as a cell. */
static const char *number(uint64_t value, char out[NUMBER_SIZE])
{
    snprintf(out, NUMBER_SIZE, "%" PRIu64, value);
    return out;
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

/* A port as part of a key. */
static const char *port_of(const void *part, char out[NUMBER_SIZE])
{
    return part ? number((uintptr_t)part, out) : "-";
}

/* A table under a heading. */
static struct table *begin(const char *heading, const struct table_column *columns, size_t count)
{
    printf("\n%s\n", heading);
    return table_new("report", false, columns, count);
}
#define BEGIN(heading, columns) begin(heading, columns, sizeof(columns) / sizeof((columns)[0]))

static bool end(struct table *table, bool good)
{
    good = good && table_print(table);
    table_free(table);
    return good;
}

#define ROW(table, ...) table_row(table, (const char *const[]){__VA_ARGS__})

static void print_summary(const struct report *report)
{
    const struct tally *tally = report->tally;
    char first[TIME_TEXT], last[TIME_TEXT], caveat[CAVEAT_SIZE];

    cli_print(stdout,
              "%" PRIu64 " connection%s by %zu program%s on %zu machine%s to %zu host%s; %" PRIu64
              " %s read, %" PRIu64 " config error%s.",
              tally->connections, plural(tally->connections), tally->programs.list.count,
              plural(tally->programs.list.count), tally->machines.list.count,
              plural(tally->machines.list.count), tally->hosts.list.count,
              plural(tally->hosts.list.count), tally->policy_events,
              tally->policy_events == 1 ? "policy" : "policies", tally->config_errors,
              plural(tally->config_errors));
    if (tally->last != TIME_UNKNOWN) {
        event_time_format(tally->first, first);
        event_time_format(tally->last, last);
        cli_print(stdout, "From %s to %s UTC.", first, last);
    }
    for (size_t i = 0; i < tally->policies.list.count; i++) {
        const struct policy_row *policy = rows_at(&tally->policies, i);
        event_time_format(policy->row.first, first);
        event_time_format(policy->row.last, last);
        cli_print(stdout, "Policy %s, %s, from %s to %s.", (const char *)policy->row.key[0],
                  policy->in_use ? "in use" : "no longer in use", first, last);
    }
    for (size_t i = 0; report_caveat(report, i, caveat, sizeof(caveat)); i++)
        cli_print(stdout, "%s", caveat);
}

static void print_lines(const struct bad_lines *lines, const char *what, const char *one,
                        const char *many)
{
    for (uint64_t i = 0; i < lines->count && i < BAD_LINES; i++)
        cli_error("%s:%" PRIu64 ": %s: %s", input_name(lines->first[i].file), lines->first[i].line,
                  what, lines->first[i].why);
    if (lines->count > BAD_LINES)
        cli_error("%" PRIu64 " more %s", lines->count - BAD_LINES,
                  lines->count - BAD_LINES == 1 ? one : many);
}

/* Where it was that something could not be read, on stderr. */
static void print_bad(const struct report *report)
{
    const struct event_reading *reading = report->reading;

    cli_flush();
    print_lines(&reading->bad, "no event", "line is no event", "lines are no events");
    print_lines(&reading->damaged, "left out of an event", "event has damage",
                "events have damage");
    if (reading->torn > 0)
        cli_error("%" PRIu64 " event%s cut off", reading->torn,
                  reading->torn == 1 ? " is" : "s are");
    if (report->tally->others > 0)
        cli_error("%" PRIu64 " event%s of a kind that this pinshim does not know",
                  report->tally->others, report->tally->others == 1 ? " is" : "s are");
}

static bool domain_row(struct table *table, const struct report *report,
                       const struct report_domain *domain)
{
    const struct domain_counts *c = &domain->counts;
    char why[REASONS_SIZE], last[TIME_TEXT], n[4][NUMBER_SIZE];

    report_reasons(report, domain, why);
    event_time_format(domain->last, last);
    return ROW(table, domain->name, domain->unready ? "not ready" : "READY",
               number(c->connections, n[0]), number(c->pins + c->declared, n[1]),
               number(c->backups, n[2]), number(c->blocked, n[3]), or_dash(domain->mode), last,
               or_dash(domain->owner), why);
}

static bool print_domains(const struct report *report)
{
    static const struct table_column columns[] = {
        {"DOMAIN", TABLE_TEXT, TABLE_BOTH},   {"ENFORCE", TABLE_TEXT, TABLE_BOTH},
        {"SEEN", TABLE_NUMBER, TABLE_BOTH},   {"PASSED", TABLE_NUMBER, TABLE_BOTH},
        {"BACKUP", TABLE_NUMBER, TABLE_BOTH}, {"BLOCKED", TABLE_NUMBER, TABLE_BOTH},
        {"MODE", TABLE_TEXT, TABLE_BOTH},     {"LAST SEEN", TABLE_TEXT, TABLE_BOTH},
        {"OWNER", TABLE_TEXT, TABLE_BOTH},    {"WHY NOT", TABLE_TEXT, TABLE_BOTH},
    };
    struct report_domain *domain = report->domains.items;
    struct table *table;
    bool good;

    if (report->domains.count == 0)
        return true;
    table = BEGIN("DOMAINS (blocked: by enforce)", columns);
    good = table;
    for (size_t i = 0; good && i < report->domains.count; i++)
        good = domain_row(table, report, &domain[i]);
    return end(table, good);
}

static bool print_pins(const struct report *report)
{
    static const struct table_column columns[] = {
        {"DOMAIN", TABLE_TEXT, TABLE_BOTH},    {"PIN", TABLE_TEXT, TABLE_BOTH},
        {"ROLE", TABLE_TEXT, TABLE_BOTH},      {"POSITION", TABLE_TEXT, TABLE_BOTH},
        {"MATCHED", TABLE_NUMBER, TABLE_BOTH}, {"LAST SEEN", TABLE_TEXT, TABLE_BOTH},
    };
    const struct rows *pins = &report->tally->pins;
    struct table *table;
    bool good;

    if (pins->list.count == 0)
        return true;
    table = BEGIN("PINS THAT MATCHED", columns);
    good = table;
    for (size_t i = 0; good && i < pins->list.count; i++) {
        const struct pin_row *pin = rows_at(pins, i);
        char last[TIME_TEXT], count[NUMBER_SIZE];

        event_time_format(pin->row.last, last);
        good = ROW(table, pin->row.key[0], pin->row.key[1], or_dash(pin->row.key[2]),
                   or_dash(pin->position), number(pin->row.count, count), last);
    }
    return end(table, good);
}

static bool print_blocks(const struct report *report)
{
    static const struct table_column columns[] = {
        {"HOST", TABLE_TEXT, TABLE_BOTH},      {"PORT", TABLE_TEXT, TABLE_BOTH},
        {"PROGRAM", TABLE_TEXT, TABLE_BOTH},   {"MACHINE", TABLE_TEXT, TABLE_BOTH},
        {"REASON", TABLE_TEXT, TABLE_BOTH},    {"TIMES", TABLE_NUMBER, TABLE_BOTH},
        {"LAST SEEN", TABLE_TEXT, TABLE_BOTH}, {"POLICY", TABLE_TEXT, TABLE_BOTH},
    };
    const struct rows *blocks = &report->tally->blocks;
    struct table *table;
    bool good;

    if (blocks->list.count == 0) {
        puts("\nNothing was seen that enforce blocks.");
        return true;
    }
    table = BEGIN("BLOCKED BY ENFORCE", columns);
    good = table;
    for (size_t i = 0; good && i < blocks->list.count; i++) {
        const struct block_row *block = rows_at(blocks, i);
        const void *const *key = block->row.key;
        char last[TIME_TEXT], port[NUMBER_SIZE], count[NUMBER_SIZE];

        event_time_format(block->row.last, last);
        good = ROW(table, or_dash(key[BLOCK_HOST]), port_of(key[ROW_NUMBER], port),
                   or_dash(key[BLOCK_PROGRAM]), key[BLOCK_MACHINE], key[BLOCK_REASON],
                   number(block->row.count, count), last,
                   !key[BLOCK_POLICY]                   ? "-"
                   : report_block_counts(report, block) ? (const char *)key[BLOCK_POLICY]
                                                        : "no longer in use");
    }
    return end(table, good);
}

static bool print_opens(const struct report *report)
{
    static const struct table_column columns[] = {
        {"HOST", TABLE_TEXT, TABLE_BOTH},      {"PORT", TABLE_TEXT, TABLE_BOTH},
        {"PROGRAM", TABLE_TEXT, TABLE_BOTH},   {"MACHINE", TABLE_TEXT, TABLE_BOTH},
        {"SEEN", TABLE_NUMBER, TABLE_BOTH},    {"BLOCKED", TABLE_NUMBER, TABLE_BOTH},
        {"LAST SEEN", TABLE_TEXT, TABLE_BOTH}, {"REASON", TABLE_TEXT, TABLE_BOTH},
    };
    const struct rows *opens = &report->tally->opens;
    struct table *table;
    bool good;

    if (report->opens == 0)
        return true;
    table = BEGIN("NO SECTION NAMES THEM", columns);
    good = table;
    for (size_t i = 0; good && i < opens->list.count; i++) {
        const struct open_row *open = rows_at(opens, i);
        const void *const *key = open->row.key;
        char last[TIME_TEXT], n[3][NUMBER_SIZE];

        if (!report_open_counts(report, open))
            continue;
        event_time_format(open->row.last, last);
        good = ROW(table, or_dash(key[OPEN_HOST]), port_of(key[ROW_NUMBER], n[0]),
                   or_dash(key[OPEN_PROGRAM]), key[OPEN_MACHINE], number(open->row.count, n[1]),
                   number(open->blocked, n[2]), last, key[OPEN_REASON]);
    }
    return end(table, good);
}

static bool print_inspections(const struct report *report)
{
    static const struct table_column columns[] = {
        {"SIGNED BY", TABLE_TEXT, TABLE_BOTH}, {"HOST", TABLE_TEXT, TABLE_BOTH},
        {"PROGRAM", TABLE_TEXT, TABLE_BOTH},   {"MACHINE", TABLE_TEXT, TABLE_BOTH},
        {"TIMES", TABLE_NUMBER, TABLE_BOTH},   {"INSPECTION", TABLE_TEXT, TABLE_BOTH},
        {"LAST SEEN", TABLE_TEXT, TABLE_BOTH},
    };
    const struct rows *rows = &report->tally->inspections;
    struct table *table;
    bool good;

    if (rows->list.count == 0)
        return true;
    table = BEGIN("ACCEPTED BY THE PROGRAM, NOT BY THE PINS", columns);
    good = table;
    for (size_t i = 0; good && i < rows->list.count; i++) {
        const struct inspection_row *row = rows_at(rows, i);
        const void *const *key = row->row.key;
        char last[TIME_TEXT], count[NUMBER_SIZE];

        event_time_format(row->row.last, last);
        good = ROW(table, or_dash(key[INSPECTION_ISSUER]), or_dash(key[INSPECTION_HOST]),
                   or_dash(key[INSPECTION_PROGRAM]), key[INSPECTION_MACHINE],
                   number(row->row.count, count), report_inspection(report, row), last);
    }
    return end(table, good);
}

static bool print_certs(const struct report *report)
{
    static const struct table_column columns[] = {
        {"DOMAIN", TABLE_TEXT, TABLE_BOTH},    {"CERTIFICATE", TABLE_TEXT, TABLE_BOTH},
        {"ENDS", TABLE_TEXT, TABLE_BOTH},      {"DAYS", TABLE_TEXT, TABLE_BOTH},
        {"LAST SEEN", TABLE_TEXT, TABLE_BOTH}, {"PIN", TABLE_TEXT, TABLE_BOTH},
    };
    const struct report_cert *cert = report->certs.items;
    struct table *table = NULL;
    bool good = true;

    for (size_t i = 0; good && i < report->certs.count; i++, cert++) {
        char ends[TIME_TEXT], last[TIME_TEXT], days[NUMBER_SIZE];

        if (!cert->close || cert->replaced)
            continue;
        if (!table)
            table = BEGIN("PINNED CERTIFICATES CLOSE TO THEIR END (does the new one keep the key?)",
                          columns);
        event_day_format(cert->row->not_after, ends);
        event_time_format(cert->row->row.last, last);
        snprintf(days, sizeof(days), "%" PRId64, cert->days);
        good = table && ROW(table, cert->row->row.key[0], or_dash(cert->row->subject), ends, days,
                            last, cert->row->row.key[1]);
    }
    if (table)
        return end(table, good);
    if (good && report->certs.count > 0)
        printf("\nNo pinned certificate ends within %" PRId64 " days.\n", report->options.within);
    return good;
}

static bool print_users(const struct report *report)
{
    static const struct table_column columns[] = {
        {"MACHINE", TABLE_TEXT, TABLE_BOTH}, {"PROGRAM", TABLE_TEXT, TABLE_BOTH},
        {"SEEN", TABLE_NUMBER, TABLE_BOTH},  {"LAST SEEN", TABLE_TEXT, TABLE_BOTH},
        {"POLICY", TABLE_TEXT, TABLE_BOTH},  {"CONFIG ERROR", TABLE_TEXT, TABLE_BOTH},
    };
    const struct rows *users = &report->tally->users;
    struct table *table;
    bool good;

    if (users->list.count == 0)
        return true;
    table = BEGIN("PROGRAMS", columns);
    good = table;
    for (size_t i = 0; good && i < users->list.count; i++) {
        const struct user_row *user = rows_at(users, i);
        char last[TIME_TEXT], count[NUMBER_SIZE], error[2 * EVENT_TEXT_LIMIT + 32] = "";

        event_time_format(user->row.last, last);
        if (user->error)
            snprintf(error, sizeof(error), "%s:%u: %s", or_dash(user->error_file), user->error_line,
                     user->error);
        good = ROW(table, user->row.key[0], or_dash(user->row.key[1]),
                   number(user->connections, count), last, or_dash(user->policy), error);
    }
    return end(table, good);
}

bool report_text(const struct report *report)
{
    char line[512];
    bool good;

    print_summary(report);
    good = print_domains(report) && print_pins(report) && print_blocks(report) &&
           print_opens(report) && print_inspections(report) && print_certs(report) &&
           print_users(report);
    if (good) {
        report_conclusion(report, line, sizeof(line));
        printf("\n%s\n", line);
        print_bad(report);
    }
    return good;
}
