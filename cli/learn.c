#include "cli/learn.h"

#include <string.h>

#include "config/name.h"
#include "config/pin.h"

void learn_init(struct learn *learn)
{
    *learn = (struct learn){
        .keys.size = sizeof(struct key_row),
        .visitors.size = sizeof(struct row),
        .strange.size = sizeof(struct row),
        .first = TIME_UNKNOWN,
        .last = TIME_UNKNOWN,
    };
}

void learn_free(struct learn *learn)
{
    rows_free(&learn->keys);
    rows_free(&learn->visitors);
    rows_free(&learn->strange);
    names_free(&learn->names);
}

static const char *keep(struct learn *learn, const char *text)
{
    return names_keep(&learn->names, text, &learn->failed);
}

/* The title of a section for this one peer, quoted without harm: a name may hold what is a wildcard
 * in a title, or what ends a string. */
static bool title_of(const char *host, char out[NAME_SIZE])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    struct pattern pattern;
    char why[200];

    if (!pattern_parse(host, &pattern, why, sizeof(why)))
        return false;
    if (pattern.kind == PATTERN_NETWORK && pattern.prefix == pattern.network.bits) {
        address_format(&pattern.network, out);
        return true;
    }
    if (pattern.kind != PATTERN_EXACT || strspn(pattern.name, plain) != strlen(pattern.name))
        return false;
    strcpy(out, pattern.name);
    return true;
}

/* Whose certificate it is that signed the leaf; NULL: it is not told, or not for sure. A peer may
 * send anything along; the program has verified a path, and the names say which it was. */
static const struct event_cert *issuer_of(const struct event *e)
{
    const struct event_cert *leaf = &e->chain[0], *next = &e->chain[1];

    if (e->verification != VERIFICATION_OK || e->chain_count < 2 || !leaf->issuer ||
        !next->subject || !next->spki || strcmp(leaf->issuer, next->subject) != 0)
        return NULL;
    return next;
}

/* Did pins that were in force, or the checks of the policy, refuse it? */
static bool is_refused(const struct event *e)
{
    static const char *const not_about_keys[] = {"no_section", "no_name", "pins_expired"};

    if (e->verdict != VERDICT_FAIL)
        return false;
    for (size_t i = 0; i < sizeof(not_about_keys) / sizeof(not_about_keys[0]); i++)
        if (strcmp(e->reason, not_about_keys[i]) == 0)
            return false;
    return true;
}

/* The pin as learn writes it: the one text of its octets. */
static const char *canonical(struct learn *learn, const char *text)
{
    char written[PIN_TEXT_SIZE], why[200];
    struct pin pin;

    pin_parse(text, &pin, why, sizeof(why)); /* event_parse has seen that it is one */
    pin_format(&pin, written);
    return keep(learn, written);
}

static void describe(struct learn *learn, struct key_row *key, const struct event *e)
{
    const struct event_cert *ca = issuer_of(e);

    if (ca) {
        key->ca = canonical(learn, ca->spki);
        key->ca_subject = keep(learn, ca->subject);
    }
    if (e->time < key->row.last && key->subject)
        return;
    key->subject = keep(learn, e->chain[0].subject);
    key->signer = keep(learn, e->chain[e->chain_count - 1].issuer);
    key->not_after = e->chain[0].not_after;
}

static bool is_inspected(const struct event *e)
{
    return e->local_ca == ANSWER_YES || strcmp(e->reason, "inspection_ca") == 0;
}

static void count_key(struct learn *learn, const char *host, const struct event *e)
{
    bool inspected = is_inspected(e);
    struct key_row *key =
        ROWS_COUNT(&learn->keys, e->time, host, canonical(learn, e->chain[0].spki), NULL, NULL,
                   NULL, NULL, (const void *)(uintptr_t)e->port);

    if (!key) {
        learn->failed = true;
        return;
    }
    describe(learn, key, e);
    key->inspected |= inspected;
    if (inspected || is_refused(e))
        key->refused++;
    else if (e->verification == VERIFICATION_FAILED)
        key->failed++;
    else if (e->verification == VERIFICATION_OK)
        key->verified++;
    else
        key->unverified++;
}

void learn_add(struct learn *learn, const char *machine, const struct event *e)
{
    const char *peer = e->host ? e->host : e->address, *host;
    char title[NAME_SIZE];

    if (e->kind != EVENT_HANDSHAKE)
        return;
    learn->connections++;
    if (learn->first == TIME_UNKNOWN || e->time < learn->first)
        learn->first = e->time;
    if (learn->last == TIME_UNKNOWN || e->time > learn->last)
        learn->last = e->time;
    if (!peer) {
        learn->nameless++;
        return;
    }
    if (!title_of(peer, title)) {
        if (!ROWS_COUNT(&learn->strange, e->time, keep(learn, peer)))
            learn->failed = true;
        return;
    }
    /* A resumed session proves no key; a full handshake has, before. */
    if (e->chain_count == 0 || !e->chain[0].spki || e->resumed)
        return;
    /* What was left out of it may be what speaks against the key. */
    if (e->damage && !is_refused(e) && !is_inspected(e))
        return;
    host = keep(learn, title);
    if (!ROWS_COUNT(&learn->visitors, e->time, host, keep(learn, e->program), keep(learn, machine)))
        learn->failed = true;
    count_key(learn, host, e);
}

static uint64_t accepted(const struct key_row *key)
{
    return key->refused > 0 ? 0 : key->verified + key->unverified;
}

bool learn_takes(const struct key_row *key)
{
    return accepted(key) > 0 && !key->dropped;
}

static int by_key(const void *a, const void *b)
{
    return row_compare(*(struct row *const *)a, *(struct row *const *)b);
}

/* key: host, or host and signer */
struct sum_row {
    struct row row;
    uint64_t accepted; /* of a host: of the signer that has most */
};

/* Adds up a host's connections by signer, and finds the most. */
static bool add_sum(struct rows *sums, const struct key_row *key)
{
    const void *host = key->row.key[KEY_HOST];
    struct sum_row *signer, *most;

    if (accepted(key) == 0)
        return true;
    signer = ROWS_COUNT(sums, 0, host, key->signer, host);
    most = ROWS_COUNT(sums, 0, host);
    if (!signer || !most)
        return false;
    signer->accepted += accepted(key);
    if (signer->accepted > most->accepted)
        most->accepted = signer->accepted;
    return true;
}

/* Drops the keys that another CA has signed than most of their host's. */
static void drop_odd(struct learn *learn)
{
    struct rows sums = {.size = sizeof(struct sum_row)};

    for (size_t i = 0; i < learn->keys.list.count; i++)
        if (!add_sum(&sums, rows_at(&learn->keys, i)))
            learn->failed = true;
    for (size_t i = 0; !learn->failed && i < learn->keys.list.count; i++) {
        struct key_row *key = rows_at(&learn->keys, i);
        const void *host = key->row.key[KEY_HOST];
        const struct sum_row *signer = ROWS_FIND(&sums, host, key->signer, host);

        key->dropped = accepted(key) > 0 &&
                       signer->accepted < ((struct sum_row *)ROWS_FIND(&sums, host))->accepted;
    }
    rows_free(&sums);
}

void learn_finish(struct learn *learn)
{
    drop_odd(learn);
    rows_sort(&learn->keys, by_key);
    rows_sort(&learn->visitors, by_key);
    rows_sort(&learn->strange, by_key);
}
