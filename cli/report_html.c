/* The report as a page for people who have no terminal. Nothing in it is fetched or run: the style
 * and the pictures are inside, there is no script, and the policy of the page forbids both. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/html.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/report_plot.h"
#include "cli/report_style.h"

/* What a page is known by when it is to be replaced. */
#define DOCTYPE "<!DOCTYPE html>\n"

static void put_head(FILE *page)
{
    fputs(DOCTYPE
          "<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta name=\"robots\" content=\"noindex\"/>\n"
          "<title>pinshim report</title>\n<style>\n",
          page);
    fputs(report_style, page);
    fputs("</style></head>\n<body>\n", page);
}

static void put_time(FILE *page, int64_t time)
{
    char text[TIME_TEXT];

    event_time_format(time, text);
    html_element(page, "td", "t", text);
}

static void put_number(FILE *page, uint64_t number)
{
    html_format(page, "td", "n", "%" PRIu64, number);
}

static void put_port(FILE *page, const void *part)
{
    html_format(page, "td", "n", part ? "%u" : "-", (unsigned)(uintptr_t)part);
}

static void put_tile(FILE *page, uint64_t number, const char *words)
{
    fputs("<li>", page);
    html_format(page, "b", NULL, "%" PRIu64, number);
    html_text(page, words);
    fputs("</li>\n", page);
}

static void put_summary(FILE *page, const struct report *report)
{
    const struct tally *tally = report->tally;
    char first[TIME_TEXT], last[TIME_TEXT], now[TIME_TEXT], line[512], caveat[CAVEAT_SIZE];

    event_time_format(report->options.now, now);
    report_conclusion(report, line, sizeof(line));
    fputs("<h1>Certificate pinning: what the trial saw</h1>\n", page);
    if (tally->last == TIME_UNKNOWN) {
        html_format(page, "p", "dim", "Made %s UTC by pinshim " PINSHIM_VERSION ".", now);
    } else {
        event_time_format(tally->first, first);
        event_time_format(tally->last, last);
        html_format(page, "p", "dim", "From %s to %s UTC. Made %s by pinshim " PINSHIM_VERSION ".",
                    first, last, now);
    }
    html_element(page, "p", report->all_ready ? "conclusion good" : "conclusion bad", line);
    for (size_t i = 0; report_caveat(report, i, caveat, sizeof(caveat)); i++)
        html_element(page, "p", NULL, caveat);
    fputs("\n<ul class=\"tiles\">\n", page);
    put_tile(page, tally->connections, "connections");
    put_tile(page, report->ready, "domains ready");
    put_tile(page, report->domains.count - report->ready, "domains not ready");
    put_tile(page, tally->hosts.list.count, "hosts");
    put_tile(page, tally->programs.list.count, "programs");
    put_tile(page, tally->machines.list.count, "machines");
    fputs("</ul>\n", page);
}

static void put_timeline(FILE *page, const struct report *report)
{
    if (report->tally->connections == 0)
        return;
    fputs("<h2>Verdicts over time</h2>\n<p class=\"dim\">"
          "<span class=\"key pass\"></span>pin matched"
          "<span class=\"key backup\"></span>backup pin matched"
          "<span class=\"key unpinned\"></span>no pin for it"
          "<span class=\"key fail\"></span>not a pinned key</p>\n",
          page);
    plot_timeline(page, &report->tally->timeline);
}

static void put_domains(FILE *page, const struct report *report)
{
    static const char *const columns[] = {"Domain",  "Enforce",  "#Seen", "#Passed",
                                          "#Backup", "#Blocked", "Mode",  "Last seen (UTC)",
                                          "Owner",   "Why not",  NULL};
    const struct report_domain *domain = report->domains.items;

    if (report->domains.count == 0)
        return;
    fputs("<h2>Domains</h2>\n<p class=\"dim\">Blocked: connections that enforce refuses.</p>\n",
          page);
    html_table_begin(page, columns);
    for (size_t i = 0; i < report->domains.count; i++, domain++) {
        char why[REASONS_SIZE];

        report_reasons(report, domain, why);
        fputs("<tr>", page);
        html_element(page, "td", "name", domain->name);
        fputs("<td>", page);
        html_element(page, "span", domain->unready ? "badge bad" : "badge good",
                     domain->unready ? "not ready" : "ready");
        fputs("</td>", page);
        put_number(page, domain->counts.connections);
        put_number(page, domain->counts.pins + domain->counts.declared);
        put_number(page, domain->counts.backups);
        put_number(page, domain->counts.blocked);
        html_element(page, "td", NULL, domain->mode);
        put_time(page, domain->last);
        html_element(page, "td", "name", domain->owner);
        html_element(page, "td", "name", why);
        fputs("</tr>\n", page);
    }
    html_table_end(page);
}

static void put_blocks(FILE *page, const struct report *report)
{
    static const char *const columns[] = {"Host",   "#Port",  "Program",         "Machine",
                                          "Reason", "#Times", "Last seen (UTC)", "Policy",
                                          NULL};
    const struct rows *blocks = &report->tally->blocks;

    fputs("<h2>What enforce blocks</h2>\n", page);
    if (blocks->list.count == 0) {
        fputs("<p>Nothing.</p>\n", page);
        return;
    }
    html_table_begin(page, columns);
    for (size_t i = 0; i < blocks->list.count; i++) {
        const struct block_row *block = rows_at(blocks, i);
        const void *const *key = block->row.key;

        fputs("<tr>", page);
        html_element(page, "td", "name", key[BLOCK_HOST]);
        put_port(page, key[ROW_NUMBER]);
        html_element(page, "td", NULL, key[BLOCK_PROGRAM]);
        html_element(page, "td", NULL, key[BLOCK_MACHINE]);
        html_element(page, "td", NULL, key[BLOCK_REASON]);
        put_number(page, block->row.count);
        put_time(page, block->row.last);
        html_element(page, "td", NULL,
                     report_block_counts(report, block) ? key[BLOCK_POLICY] : "no longer in use");
        fputs("</tr>\n", page);
    }
    html_table_end(page);
}

static void put_inspections(FILE *page, const struct report *report)
{
    static const char *const columns[] = {"Signed by", "Host",       "Program",         "Machine",
                                          "#Times",    "Inspection", "Last seen (UTC)", NULL};
    const struct rows *rows = &report->tally->inspections;

    if (rows->list.count == 0)
        return;
    fputs("<h2>Accepted by the program, not by the pins</h2>\n<p class=\"dim\">Certain: signed by "
          "a CA that was added to the machine. Suspected: by a CA that no pinned chain of the "
          "domain had. Other key: by the same CA as a pinned one, so a new key of the server, or a "
          "mis-issued certificate. Declared: by an inspection CA of the policy.</p>\n",
          page);
    html_table_begin(page, columns);
    for (size_t i = 0; i < rows->list.count; i++) {
        const struct inspection_row *row = rows_at(rows, i);
        const void *const *key = row->row.key;

        fputs("<tr>", page);
        html_element(page, "td", "name", key[INSPECTION_ISSUER]);
        html_element(page, "td", "name", key[INSPECTION_HOST]);
        html_element(page, "td", NULL, key[INSPECTION_PROGRAM]);
        html_element(page, "td", NULL, key[INSPECTION_MACHINE]);
        put_number(page, row->row.count);
        html_element(page, "td", NULL, report_inspection(report, row));
        put_time(page, row->row.last);
        fputs("</tr>\n", page);
    }
    html_table_end(page);
}

static void put_opens(FILE *page, const struct report *report)
{
    static const char *const columns[] = {"Host",  "#Port",    "Program",         "Machine",
                                          "#Seen", "#Blocked", "Last seen (UTC)", "Reason",
                                          NULL};
    const struct rows *opens = &report->tally->opens;

    if (report->opens == 0)
        return;
    fputs("<h2>No section names them</h2>\n", page);
    html_table_begin(page, columns);
    for (size_t i = 0; i < opens->list.count; i++) {
        const struct open_row *open = rows_at(opens, i);
        const void *const *key = open->row.key;

        if (!report_open_counts(report, open))
            continue;
        fputs("<tr>", page);
        html_element(page, "td", "name", key[OPEN_HOST]);
        put_port(page, key[ROW_NUMBER]);
        html_element(page, "td", NULL, key[OPEN_PROGRAM]);
        html_element(page, "td", NULL, key[OPEN_MACHINE]);
        put_number(page, open->row.count);
        put_number(page, open->blocked);
        put_time(page, open->row.last);
        html_element(page, "td", NULL, key[OPEN_REASON]);
        fputs("</tr>\n", page);
    }
    html_table_end(page);
}

static void put_calendar(FILE *page, const struct report *report)
{
    size_t all;

    if (report->certs.count == 0)
        return;
    fputs("<h2>When pinned certificates end</h2>\n", page);
    html_format(page, "p", "dim",
                "A key may live on in the next certificate. Ask, before the %" PRId64
                " days that are marked, whether it will.",
                report->options.within);
    all = plot_calendar(page, report);
    if (all > CALENDAR_ROWS)
        html_format(page, "p", "dim", "The %d that end soonest, of %zu.", CALENDAR_ROWS, all);
}

static void put_pins(FILE *page, const struct report *report)
{
    static const char *const columns[] = {"Domain",          "Pin", "Role", "Position", "#Matched",
                                          "Last seen (UTC)", NULL};
    const struct rows *pins = &report->tally->pins;

    if (pins->list.count == 0)
        return;
    fputs("<h2>Pins that matched</h2>\n", page);
    html_table_begin(page, columns);
    for (size_t i = 0; i < pins->list.count; i++) {
        const struct pin_row *pin = rows_at(pins, i);

        fputs("<tr>", page);
        html_element(page, "td", "name", pin->row.key[0]);
        html_element(page, "td", "pin", pin->row.key[1]);
        html_element(page, "td", NULL, pin->row.key[2]);
        html_element(page, "td", NULL, pin->position);
        put_number(page, pin->row.count);
        put_time(page, pin->row.last);
        fputs("</tr>\n", page);
    }
    html_table_end(page);
}

static void put_users(FILE *page, const struct report *report)
{
    static const char *const columns[] = {"Machine", "Program",      "#Seen", "Last seen (UTC)",
                                          "Policy",  "Config error", NULL};
    const struct rows *users = &report->tally->users;

    if (users->list.count == 0)
        return;
    fputs("<h2>Programs</h2>\n", page);
    html_table_begin(page, columns);
    for (size_t i = 0; i < users->list.count; i++) {
        const struct user_row *user = rows_at(users, i);

        fputs("<tr>", page);
        html_element(page, "td", NULL, user->row.key[0]);
        html_element(page, "td", NULL, user->row.key[1]);
        put_number(page, user->connections);
        put_time(page, user->row.last);
        html_element(page, "td", NULL, user->policy);
        html_element(page, "td", "name", user->error ? user->error : "");
        fputs("</tr>\n", page);
    }
    html_table_end(page);
}

static void put_lines(FILE *page, const struct bad_lines *lines, const char *what)
{
    for (uint64_t i = 0; i < lines->count && i < BAD_LINES; i++)
        html_format(page, "p", "dim", "%s:%" PRIu64 ": %s: %s", input_name(lines->first[i].file),
                    lines->first[i].line, what, lines->first[i].why);
}

static void put_notes(FILE *page, const struct report *report)
{
    fputs("<h2>Notes</h2>\n", page);
    html_format(page, "p", NULL,
                "Ready: at least %" PRIu64
                " connections passed, the domain was watched for %" PRId64
                " days, and nothing of it would have been blocked.",
                report->options.thresholds.connections, report->options.thresholds.days);
    put_lines(page, &report->reading->bad, "no event");
    put_lines(page, &report->reading->damaged, "left out of an event");
}

bool report_html(const struct report *report, const char *path)
{
    char *data = NULL;
    size_t length = 0;
    FILE *page = open_memstream(&data, &length);
    bool good = page != NULL;

    if (good) {
        put_head(page);
        put_summary(page, report);
        put_domains(page, report);
        put_timeline(page, report);
        put_blocks(page, report);
        put_inspections(page, report);
        put_opens(page, report);
        put_calendar(page, report);
        put_pins(page, report);
        put_users(page, report);
        put_notes(page, report);
        fputs("</body></html>\n", page);
        good = !ferror(page);
        good = fclose(page) == 0 && good;
    }
    if (!good)
        cli_error("out of memory");
    good = good && output_replace(path, data, length, strlen(DOCTYPE));
    free(data);
    return good;
}
