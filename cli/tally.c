#include "cli/tally.h"

#include <string.h>

void tally_init(struct tally *tally)
{
    *tally = (struct tally){
        .domains.size = sizeof(struct domain_row),
        .policies.size = sizeof(struct policy_row),
        .users.size = sizeof(struct user_row),
        .pins.size = sizeof(struct pin_row),
        .certs.size = sizeof(struct cert_row),
        .blocks.size = sizeof(struct block_row),
        .opens.size = sizeof(struct open_row),
        .inspections.size = sizeof(struct inspection_row),
        .hosts.size = sizeof(struct row),
        .machines.size = sizeof(struct row),
        .programs.size = sizeof(struct row),
        .signers.size = sizeof(struct row),
        .unreadable.size = sizeof(struct row),
        .first = TIME_UNKNOWN,
        .last = TIME_UNKNOWN,
    };
}

void tally_free(struct tally *tally)
{
    struct rows *all[] = {&tally->domains,     &tally->policies, &tally->users,    &tally->pins,
                          &tally->certs,       &tally->blocks,   &tally->opens,    &tally->hosts,
                          &tally->inspections, &tally->signers,  &tally->machines, &tally->programs,
                          &tally->unreadable};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        rows_free(all[i]);
    names_free(&tally->names);
}

/* What an event is counted by: one copy of each of its strings. */
struct facts {
    const char *machine, *program, *policy, *host, *domain, *reason, *issuer;
    const void *port;
    int64_t time;
    bool blocked;   /* enforce would have refused it, or did */
    bool session;   /* resumed under audit: nothing was judged, and enforce makes a new one */
    bool suspected; /* the pins did not match, and the program accepted the chain */
    bool certain, declared;
};

static const char *keep(struct tally *tally, const char *text)
{
    return names_keep(&tally->names, text, &tally->failed);
}

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

static struct facts facts_of(struct tally *tally, const char *machine, const struct event *e)
{
    const char *host = e->host ? e->host : e->address;
    struct facts f = {
        .machine = keep(tally, machine),
        .program = keep(tally, e->program),
        .policy = keep(tally, e->policy),
        .time = e->time,
    };

    if (e->kind != EVENT_HANDSHAKE)
        return f;
    f.host = keep(tally, host);
    f.domain = keep(tally, e->domain);
    f.reason = keep(tally, e->reason);
    f.port = (const void *)(uintptr_t)e->port;
    if (e->chain_count > 0)
        f.issuer = keep(tally, e->chain[e->chain_count - 1].issuer);
    f.session = is(e->reason, "session_not_verified") && e->action == ACTION_ALLOW;
    f.blocked = !f.session && (e->would != ACTION_ALLOW || e->action != ACTION_ALLOW);
    f.certain = e->local_ca == ANSWER_YES;
    f.declared = is(e->reason, "inspection_ca");
    f.suspected = e->verdict == VERDICT_FAIL && e->verification == VERIFICATION_OK &&
                  (is(e->reason, "no_pin_matched") || is(e->reason, "pin_not_in_valid_chain") ||
                   is(e->reason, "chain_invalid"));
    return f;
}

static void count_domain(struct tally *tally, const struct facts *f, const struct event *e)
{
    struct domain_row *row = ROWS_COUNT(&tally->domains, f->time, f->domain, f->policy);
    struct domain_counts *counts;

    if (!row) {
        tally->failed = true;
        return;
    }
    counts = &row->counts;
    counts->connections++;
    counts->declared += f->declared;
    counts->backups += e->verdict == VERDICT_PASS && is(e->reason, "backup_pin_matched");
    counts->pins +=
        e->verdict == VERDICT_PASS && !f->declared && !is(e->reason, "backup_pin_matched");
    counts->blocked += f->blocked;
    counts->sessions += f->session;
    counts->expired += is(e->reason, "pins_expired");
    counts->certain += f->certain && !f->declared && e->verdict != VERDICT_PASS;
    counts->suspected += f->suspected && !f->certain;
    if (f->time >= row->row.last) {
        row->mode = keep(tally, e->mode);
        row->owner = keep(tally, e->owner);
    }
}

/* The certificate that the pin is the key of, or is. */
static const struct event_cert *pinned_cert(const struct event *e)
{
    for (size_t i = 0; i < e->chain_count; i++) {
        const struct event_cert *cert = &e->chain[i];
        if ((cert->spki && is(cert->spki, e->pin)) || (cert->cert && is(cert->cert, e->pin)))
            return cert;
    }
    return NULL;
}

static void count_pin(struct tally *tally, const struct facts *f, const struct event *e)
{
    const struct event_cert *cert = pinned_cert(e);
    const char *pin = keep(tally, e->pin), *id = cert ? keep(tally, cert->cert) : NULL;
    struct pin_row *row =
        ROWS_COUNT(&tally->pins, f->time, f->domain, pin, keep(tally, e->pin_role));
    struct cert_row *known;

    if (!row) {
        tally->failed = true;
        return;
    }
    if (f->time >= row->row.last)
        row->position = keep(tally, e->pin_position);
    if (!id || cert->not_after == TIME_UNKNOWN)
        return;
    known = ROWS_COUNT(&tally->certs, f->time, f->domain, pin, id);
    if (known) {
        known->subject = keep(tally, cert->subject);
        known->not_after = cert->not_after;
    } else {
        tally->failed = true;
    }
}

static void count_trouble(struct tally *tally, const struct facts *f, const struct event *e)
{
    struct open_row *open = NULL;
    struct inspection_row *inspection = NULL;

    if (f->blocked && !ROWS_COUNT(&tally->blocks, f->time, f->domain, f->host, f->program,
                                  f->machine, f->reason, f->policy, f->port))
        tally->failed = true;
    if (!f->domain && !is(e->reason, "config_error")) {
        open = ROWS_COUNT(&tally->opens, f->time, f->host, f->program, f->machine, f->reason,
                          f->policy, NULL, f->port);
        if (open)
            open->blocked += f->blocked;
        else
            tally->failed = true;
    }
    if (f->suspected || f->certain || f->declared) {
        inspection =
            ROWS_COUNT(&tally->inspections, f->time, f->issuer, f->host, f->program, f->machine);
        if (inspection) {
            inspection->domain = f->domain;
            inspection->certain += f->certain;
            inspection->declared += f->declared;
        } else {
            tally->failed = true;
        }
    }
}

static void count_handshake(struct tally *tally, const struct facts *f, const struct event *e)
{
    enum timeline_kind kind = e->verdict == VERDICT_FAIL            ? TIMELINE_FAIL
                              : e->verdict == VERDICT_UNPINNED      ? TIMELINE_UNPINNED
                              : is(e->reason, "backup_pin_matched") ? TIMELINE_BACKUP
                                                                    : TIMELINE_PASS;

    tally->connections++;
    timeline_add(&tally->timeline, f->time, kind);
    if (!ROWS_COUNT(&tally->machines, f->time, f->machine) ||
        !ROWS_COUNT(&tally->programs, f->time, f->program) ||
        !ROWS_COUNT(&tally->hosts, f->time, f->host))
        tally->failed = true;
    if (f->domain)
        count_domain(tally, f, e);
    if (f->domain && e->pin && e->verdict == VERDICT_PASS)
        count_pin(tally, f, e);
    if (e->verdict == VERDICT_PASS && !f->declared && f->issuer &&
        !ROWS_COUNT(&tally->signers, f->time, f->domain, f->issuer))
        tally->failed = true;
    count_trouble(tally, f, e);
}

/* What is in force for the program on the machine. Files come in any order: the time decides. */
static void count_user(struct tally *tally, const struct facts *f, const struct event *e)
{
    struct user_row *user = ROWS_COUNT(&tally->users, f->time, f->machine, f->program);

    if (!user) {
        tally->failed = true;
        return;
    }
    if (user->row.count == 1)
        user->policy_time = user->error_time = TIME_UNKNOWN;
    user->connections += e->kind == EVENT_HANDSHAKE;
    if (f->policy && f->time >= user->policy_time) {
        user->policy = f->policy;
        user->policy_time = f->time;
    }
    /* A handshake under the earlier policy does not mend a config; reading one does. */
    if (e->kind == EVENT_POLICY && f->time >= user->error_time) {
        user->error_time = f->time;
        user->error = NULL;
    }
    if (e->kind == EVENT_CONFIG_ERROR && f->time >= user->error_time) {
        user->error_time = f->time;
        user->error = keep(tally, e->message ? e->message : "the config is wrong");
        user->error_file = keep(tally, e->file);
        user->error_line = e->line;
    }
    /* Without its config_error, which went to another sink. */
    if (f->reason && is(f->reason, "config_error") && !user->error && f->time > user->error_time) {
        user->error_time = f->time;
        user->error = keep(tally, "the config is wrong");
    }
}

void tally_add(struct tally *tally, const char *machine, const struct event *event)
{
    struct facts facts;

    if (event->kind == EVENT_UNREADABLE) {
        if (!ROWS_COUNT(&tally->unreadable, 0, keep(tally, event->domain)))
            tally->failed = true;
        return;
    }
    tally->lost += event->lost;
    if (event->kind == EVENT_OTHER) {
        tally->others++;
        return;
    }
    if (tally->first == TIME_UNKNOWN || event->time < tally->first)
        tally->first = event->time;
    if (tally->last == TIME_UNKNOWN || event->time > tally->last)
        tally->last = event->time;
    facts = facts_of(tally, machine, event);
    count_user(tally, &facts, event);
    if (facts.policy && !ROWS_COUNT(&tally->policies, facts.time, facts.policy))
        tally->failed = true;
    if (event->kind == EVENT_HANDSHAKE)
        count_handshake(tally, &facts, event);
    else if (event->kind == EVENT_POLICY)
        tally->policy_events++;
    else
        tally->config_errors++;
}

static int by_names(const void *a, const void *b)
{
    return row_compare(*(struct row *const *)a, *(struct row *const *)b);
}

static int by_connections(const void *a, const void *b)
{
    const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return by_names(a, b);
}

static int by_expiry(const void *a, const void *b)
{
    const struct cert_row *x = *(struct cert_row *const *)a, *y = *(struct cert_row *const *)b;

    if (x->not_after != y->not_after)
        return x->not_after < y->not_after ? -1 : 1;
    return by_names(a, b);
}

static int by_time(const void *a, const void *b)
{
    const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;

    return x->last != y->last ? (x->last < y->last ? 1 : -1) : by_names(a, b);
}

void tally_finish(struct tally *tally)
{
    for (size_t i = 0; i < tally->users.list.count; i++) {
        const struct user_row *user = rows_at(&tally->users, i);
        struct policy_row *row = user->policy ? ROWS_FIND(&tally->policies, user->policy) : NULL;
        if (row)
            row->in_use = true;
    }
    rows_sort(&tally->domains, by_names);
    rows_sort(&tally->users, by_names);
    rows_sort(&tally->pins, by_names);
    rows_sort(&tally->certs, by_expiry);
    rows_sort(&tally->blocks, by_connections);
    rows_sort(&tally->opens, by_connections);
    rows_sort(&tally->inspections, by_names);
    rows_sort(&tally->policies, by_time);
}

bool tally_in_use(const struct tally *tally, const char *policy)
{
    const struct policy_row *row = policy ? ROWS_FIND(&tally->policies, policy) : NULL;

    return !policy || (row && row->in_use);
}

bool tally_signs(const struct tally *tally, const char *domain, const char *issuer)
{
    return domain && ROWS_FIND(&tally->signers, domain, issuer);
}
