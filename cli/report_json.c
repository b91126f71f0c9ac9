/* The report for programs. jansson, for JSON_ENSURE_ASCII: nothing that a peer has named gets to a
 * terminal as it is. */
#include <jansson.h>
#include <string.h>

#include "cli/input.h"
#include "cli/report.h"

static json_t *time_json(int64_t time)
{
    char text[TIME_TEXT];

    if (time == TIME_UNKNOWN)
        return json_null();
    event_time_rfc3339(time, text);
    return json_string(text);
}

static json_t *port_json(const void *part)
{
    return part ? json_integer((json_int_t)(uintptr_t)part) : json_null();
}

#define INTEGER(number) ((json_int_t)(number))

/* The array if it has all its elements, which it lacks when memory was out; else NULL. */
static json_t *whole(json_t *array, size_t count)
{
    if (json_array_size(array) == count)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *reasons(const struct report *report, const struct report_domain *domain)
{
    json_t *array = json_array();
    char words[256];

    for (int i = 0; i < UNREADY_COUNT; i++) {
        if (!(domain->unready & 1u << i))
            continue;
        unready_words((enum unready)i, &domain->counts, domain->first, report->tally->last,
                      &report->options.thresholds, words, sizeof(words));
        json_array_append_new(array, json_pack("{s:s, s:s}", "reason",
                                               unready_name((enum unready)i), "message", words));
    }
    return whole(array, (size_t)__builtin_popcount(domain->unready));
}

static json_t *domains(const struct report *report)
{
    const struct report_domain *domain = report->domains.items;
    json_t *array = json_array();

    for (size_t i = 0; i < report->domains.count; i++, domain++) {
        const struct domain_counts *c = &domain->counts;
        json_array_append_new(
            array,
            json_pack("{s:s, s:b, s:o, s:s?, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
                      "s:I, s:o, s:o}",
                      "domain", domain->name, "ready", domain->unready == 0, "reasons",
                      reasons(report, domain), "mode", domain->mode, "owner", domain->owner,
                      "connections", INTEGER(c->connections), "pin_matched", INTEGER(c->pins),
                      "backup_pin_matched", INTEGER(c->backups), "inspection_ca",
                      INTEGER(c->declared), "would_block", INTEGER(c->blocked),
                      "session_not_verified", INTEGER(c->sessions), "pins_expired",
                      INTEGER(c->expired), "inspection_suspected",
                      INTEGER(c->suspected + c->certain), "earlier_policies",
                      INTEGER(domain->earlier), "unreadable_lines", INTEGER(c->unreadable),
                      "first_seen", time_json(domain->policies ? domain->first : TIME_UNKNOWN),
                      "last_seen", time_json(domain->last)));
    }
    return whole(array, report->domains.count);
}

static json_t *pins(const struct report *report)
{
    const struct rows *rows = &report->tally->pins;
    json_t *array = json_array();

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct pin_row *pin = rows_at(rows, i);
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s?, s:s?, s:I, s:o, s:o}", "domain", pin->row.key[0],
                             "pin", pin->row.key[1], "pin_role", pin->row.key[2], "pin_position",
                             pin->position, "connections", INTEGER(pin->row.count), "first_seen",
                             time_json(pin->row.first), "last_seen", time_json(pin->row.last)));
    }
    return whole(array, rows->list.count);
}

static json_t *blocks(const struct report *report)
{
    const struct rows *rows = &report->tally->blocks;
    json_t *array = json_array();

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct block_row *block = rows_at(rows, i);
        const void *const *key = block->row.key;
        json_array_append_new(
            array, json_pack("{s:s?, s:s?, s:o, s:s?, s:s, s:s, s:s?, s:b, s:I, s:o, s:o}",
                             "domain", key[BLOCK_DOMAIN], "host", key[BLOCK_HOST], "port",
                             port_json(key[ROW_NUMBER]), "program", key[BLOCK_PROGRAM], "machine",
                             key[BLOCK_MACHINE], "reason", key[BLOCK_REASON], "policy",
                             key[BLOCK_POLICY], "policy_in_use", report_block_counts(report, block),
                             "connections", INTEGER(block->row.count), "first_seen",
                             time_json(block->row.first), "last_seen", time_json(block->row.last)));
    }
    return whole(array, rows->list.count);
}

static json_t *opens(const struct report *report)
{
    const struct rows *rows = &report->tally->opens;
    json_t *array = json_array();

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct open_row *open = rows_at(rows, i);
        const void *const *key = open->row.key;
        json_array_append_new(
            array,
            json_pack("{s:s?, s:o, s:s?, s:s, s:s, s:s?, s:b, s:I, s:I, s:o, s:o}", "host",
                      key[OPEN_HOST], "port", port_json(key[ROW_NUMBER]), "program",
                      key[OPEN_PROGRAM], "machine", key[OPEN_MACHINE], "reason", key[OPEN_REASON],
                      "policy", key[OPEN_POLICY], "policy_in_use", report_open_counts(report, open),
                      "connections", INTEGER(open->row.count), "would_block",
                      INTEGER(open->blocked), "first_seen", time_json(open->row.first), "last_seen",
                      time_json(open->row.last)));
    }
    return whole(array, rows->list.count);
}

static json_t *inspections(const struct report *report)
{
    const struct rows *rows = &report->tally->inspections;
    json_t *array = json_array();

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct inspection_row *row = rows_at(rows, i);
        const void *const *key = row->row.key;
        json_array_append_new(
            array, json_pack("{s:s?, s:s?, s:s?, s:s?, s:s, s:s, s:I, s:o, s:o}", "issuer",
                             key[INSPECTION_ISSUER], "host", key[INSPECTION_HOST], "domain",
                             row->domain, "program", key[INSPECTION_PROGRAM], "machine",
                             key[INSPECTION_MACHINE], "inspection", report_inspection(report, row),
                             "connections", INTEGER(row->row.count), "first_seen",
                             time_json(row->row.first), "last_seen", time_json(row->row.last)));
    }
    return whole(array, rows->list.count);
}

static json_t *certs(const struct report *report)
{
    const struct report_cert *cert = report->certs.items;
    json_t *array = json_array();

    for (size_t i = 0; i < report->certs.count; i++, cert++)
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s?, s:o, s:I, s:b, s:b, s:o}", "domain",
                             cert->row->row.key[0], "pin", cert->row->row.key[1], "cert",
                             cert->row->row.key[2], "subject", cert->row->subject, "not_after",
                             time_json(cert->row->not_after), "days", INTEGER(cert->days), "close",
                             cert->close, "replaced", cert->replaced, "last_seen",
                             time_json(cert->row->row.last)));
    return whole(array, report->certs.count);
}

static json_t *programs(const struct report *report)
{
    const struct rows *rows = &report->tally->users;
    json_t *array = json_array();

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct user_row *user = rows_at(rows, i);
        json_array_append_new(
            array, json_pack("{s:s, s:s?, s:I, s:o, s:s?, s:s?, s:s?, s:o}", "machine",
                             user->row.key[0], "program", user->row.key[1], "connections",
                             INTEGER(user->connections), "last_seen", time_json(user->row.last),
                             "policy", user->policy, "config_error", user->error, "file",
                             user->error ? user->error_file : NULL, "line",
                             user->error && user->error_line ? json_integer(user->error_line)
                                                             : json_null()));
    }
    return whole(array, rows->list.count);
}

static json_t *policies(const struct report *report)
{
    const struct rows *rows = &report->tally->policies;
    json_t *array = json_array();

    for (size_t i = 0; i < rows->list.count; i++) {
        const struct policy_row *policy = rows_at(rows, i);
        json_array_append_new(array, json_pack("{s:s, s:b, s:o, s:o}", "policy", policy->row.key[0],
                                               "in_use", policy->in_use, "first_seen",
                                               time_json(policy->row.first), "last_seen",
                                               time_json(policy->row.last)));
    }
    return whole(array, rows->list.count);
}

static json_t *bad_lines(const struct bad_lines *lines)
{
    json_t *array = json_array();

    for (uint64_t i = 0; i < lines->count && i < BAD_LINES; i++) {
        const struct bad_line *bad = &lines->first[i];
        json_t *file = json_string(input_name(bad->file)); /* NULL: it is not UTF-8 */
        json_array_append_new(array, json_pack("{s:o, s:I, s:s}", "file", file ? file : json_null(),
                                               "line", INTEGER(bad->line), "message", bad->why));
    }
    return whole(array, lines->count < BAD_LINES ? lines->count : BAD_LINES);
}

bool report_json(const struct report *report)
{
    const struct tally *tally = report->tally;
    const struct event_reading *reading = report->reading;
    json_t *json = json_pack(
        "{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "ready",
        report->all_ready, "connections", INTEGER(tally->connections), "hosts",
        INTEGER(tally->hosts.list.count), "programs_seen", INTEGER(tally->programs.list.count),
        "machines", INTEGER(tally->machines.list.count), "events", INTEGER(reading->events),
        "config_errors", INTEGER(tally->config_errors), "unknown_events", INTEGER(tally->others),
        "bad_lines", INTEGER(reading->bad.count), "damaged_events", INTEGER(reading->damaged.count),
        "lost_events", INTEGER(tally->lost), "torn_lines", INTEGER(reading->torn), "first_seen",
        time_json(tally->first), "last_seen", time_json(tally->last));
    bool good = json && json_object_set_new(json, "domains", domains(report)) == 0 &&
                json_object_set_new(json, "pins", pins(report)) == 0 &&
                json_object_set_new(json, "would_block", blocks(report)) == 0 &&
                json_object_set_new(json, "no_section", opens(report)) == 0 &&
                json_object_set_new(json, "inspection", inspections(report)) == 0 &&
                json_object_set_new(json, "certificates", certs(report)) == 0 &&
                json_object_set_new(json, "programs", programs(report)) == 0 &&
                json_object_set_new(json, "policies", policies(report)) == 0 &&
                json_object_set_new(json, "bad", bad_lines(&reading->bad)) == 0 &&
                json_object_set_new(json, "damaged", bad_lines(&reading->damaged)) == 0 &&
                json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;

    putchar('\n');
    json_decref(json);
    return good;
}
