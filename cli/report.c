#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static void add_counts(struct domain_counts *sum, const struct domain_counts *more)
{
    sum->connections += more->connections;
    sum->pins += more->pins;
    sum->backups += more->backups;
    sum->declared += more->declared;
    sum->blocked += more->blocked;
    sum->sessions += more->sessions;
    sum->expired += more->expired;
    sum->suspected += more->suspected;
    sum->certain += more->certain;
}

static struct report_domain *new_domain(struct report *report, const char *name)
{
    struct report_domain *domain = list_add(&report->domains, sizeof(*domain));

    if (domain) {
        domain->name = name;
        domain->last = TIME_UNKNOWN;
    }
    return domain;
}

/* Adds a domain as one policy saw it. */
static void add_row(struct report *report, struct report_domain *domain,
                    const struct domain_row *row)
{
    if (row->row.last >= domain->last || !domain->mode) {
        domain->last = row->row.last;
        domain->mode = row->mode;
        domain->owner = row->owner;
    }
    if (!tally_in_use(report->tally, row->row.key[1])) {
        domain->earlier += row->counts.connections;
        report->earlier += row->counts.connections;
        return;
    }
    if (domain->policies++ == 0 || row->row.first < domain->first)
        domain->first = row->row.first;
    add_counts(&domain->counts, &row->counts);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct report_domain *)a)->name, ((const struct report_domain *)b)->name);
}

/* Adds the lines that could not be read to the domain that they name, or to all. Domains that have
 * no other are put behind the rest. */
static bool add_unreadable(struct report *report)
{
    const struct rows *rows = &report->tally->unreadable;
    size_t known = report->domains.count;
    struct report_domain *domain;

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct row *row = rows_at(rows, i);
        const struct report_domain wanted = {.name = row->key[0]};

        if (!wanted.name) {
            report->unplaced = row->count;
            continue;
        }
        domain = known > 0 ? bsearch(&wanted, report->domains.items, known, sizeof(wanted), by_name)
                           : NULL;
        if (!domain)
            domain = new_domain(report, wanted.name);
        if (!domain)
            return false;
        domain->counts.unreadable = row->count;
    }
    domain = report->domains.items;
    for (size_t i = 0; i < report->domains.count; i++, domain++)
        domain->counts.unreadable += report->unplaced;
    return true;
}

static bool add_domains(struct report *report)
{
    const struct tally *tally = report->tally;
    struct report_domain *domain = NULL;

    for (size_t i = 0; i < tally->domains.list.count; i++) {
        const struct domain_row *row = rows_at(&tally->domains, i);

        if (!domain || domain->name != row->row.key[0]) {
            domain = new_domain(report, row->row.key[0]);
            if (!domain)
                return false;
        }
        add_row(report, domain, row);
    }
    if (!add_unreadable(report))
        return false;
    if (report->domains.count > 0)
        qsort(report->domains.items, report->domains.count, sizeof(*domain), by_name);
    domain = report->domains.items;
    for (size_t i = 0; i < report->domains.count; i++, domain++) {
        domain->unready = readiness_judge(&domain->counts, domain->first, tally->last,
                                          &report->options.thresholds);
        report->ready += domain->unready == 0;
    }
    return true;
}

/* The certificate of a pin that holds the longest. key: domain, pin */
struct newest_row {
    struct row row;
    const struct cert_row *cert;
};

/* Has the server shown another certificate of the same pin since, that holds for longer? */
static bool is_replaced(const struct rows *newest, const struct cert_row *row)
{
    const struct newest_row *known = ROWS_FIND(newest, row->row.key[0], row->row.key[1]);

    return known->cert->not_after > row->not_after && known->cert->row.first > row->row.last;
}

static bool find_newest(const struct tally *tally, struct rows *newest)
{
    for (size_t i = 0; i < tally->certs.list.count; i++) {
        const struct cert_row *cert = rows_at(&tally->certs, i);
        struct newest_row *row = ROWS_COUNT(newest, 0, cert->row.key[0], cert->row.key[1]);

        if (!row)
            return false;
        if (!row->cert || cert->not_after >= row->cert->not_after)
            row->cert = cert;
    }
    return true;
}

static bool add_certs(struct report *report)
{
    struct rows newest = {.size = sizeof(struct newest_row)};
    bool good = find_newest(report->tally, &newest);

    for (size_t i = 0; good && i < report->tally->certs.list.count; i++) {
        struct report_cert *cert = list_add(&report->certs, sizeof(*cert));

        good = cert != NULL;
        if (!good)
            break;
        cert->row = rows_at(&report->tally->certs, i);
        cert->days = event_days(report->options.now, cert->row->not_after);
        cert->close = cert->row->not_after - report->options.now <= report->options.within * DAY_MS;
        cert->replaced = is_replaced(&newest, cert->row);
    }
    rows_free(&newest);
    return good;
}

static void add_opens(struct report *report)
{
    for (size_t i = 0; i < report->tally->opens.list.count; i++) {
        const struct open_row *open = rows_at(&report->tally->opens, i);

        if (report_open_counts(report, open)) {
            report->opens++;
            report->open_blocked += open->blocked;
        } else {
            report->earlier += open->row.count;
        }
    }
}

bool report_make(const struct tally *tally, const struct event_reading *reading,
                 const struct report_options *options, struct report *out)
{
    struct report report = {.options = *options, .tally = tally, .reading = reading};

    if (!add_domains(&report) || !add_certs(&report)) {
        report_free(&report);
        return false;
    }
    add_opens(&report);
    for (size_t i = 0; i < tally->users.list.count; i++)
        report.broken += ((struct user_row *)rows_at(&tally->users, i))->error != NULL;
    report.all_ready = report.domains.count > 0 && report.ready == report.domains.count &&
                       report.open_blocked == 0 && report.broken == 0 && reading->bad.count == 0;
    *out = report;
    return true;
}

void report_free(struct report *report)
{
    free(report->domains.items);
    free(report->certs.items);
    *report = (struct report){0};
}

bool report_block_counts(const struct report *report, const struct block_row *row)
{
    return tally_in_use(report->tally, row->row.key[BLOCK_POLICY]);
}

bool report_open_counts(const struct report *report, const struct open_row *row)
{
    return tally_in_use(report->tally, row->row.key[OPEN_POLICY]);
}

void report_reasons(const struct report *report, const struct report_domain *domain,
                    char out[REASONS_SIZE])
{
    char *at = out, *end = out + REASONS_SIZE;

    *at = '\0';
    for (int reason = 0; reason < UNREADY_COUNT; reason++) {
        if (!(domain->unready & 1u << reason))
            continue;
        if (at > out)
            at = stpcpy(at, "; ");
        unready_words((enum unready)reason, &domain->counts, domain->first, report->tally->last,
                      &report->options.thresholds, at, (size_t)(end - at) - 2);
        at += strlen(at);
    }
}

const char *report_inspection(const struct report *report, const struct inspection_row *row)
{
    if (row->declared == row->row.count)
        return "declared";
    if (row->certain > 0)
        return "certain";
    return tally_signs(report->tally, row->domain, row->row.key[INSPECTION_ISSUER]) ? "other key"
                                                                                    : "suspected";
}

void report_conclusion(const struct report *report, char *out, size_t size)
{
    int n;

    if (report->all_ready) {
        snprintf(out, size, "Ready: enforce would have changed nothing for %zu domain%s.",
                 report->domains.count, plural(report->domains.count));
        return;
    }
    if (report->domains.count == 0)
        n = snprintf(out, size, "Not ready: no connection to a domain of the policy was seen");
    else
        n = snprintf(out, size, "%s: %" PRIu64 " of %zu domain%s ready",
                     report->ready == 0 ? "Not ready" : "Not all ready", report->ready,
                     report->domains.count, report->domains.count == 1 ? " is" : "s are");
    if (report->open_blocked > 0 && n > 0 && (size_t)n < size)
        n += snprintf(out + n, size - (size_t)n,
                      "; enforce blocks %" PRIu64 " connection%s that no section names",
                      report->open_blocked, plural(report->open_blocked));
    if (report->reading->bad.count > 0 && n > 0 && (size_t)n < size)
        n += snprintf(out + n, size - (size_t)n, "; %" PRIu64 " line%s could not be read",
                      report->reading->bad.count, plural(report->reading->bad.count));
    if (report->broken > 0 && n > 0 && (size_t)n < size)
        n += snprintf(out + n, size - (size_t)n, "; the config of %" PRIu64 " program%s is wrong",
                      report->broken, plural(report->broken));
    if (n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, ".");
}
