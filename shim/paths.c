#include "shim/paths.h"

#include <stdlib.h>
#include <string.h>

#include "shim/slot.h"

enum { PATHS_MAX = 64 };

struct verified {
    struct slot slot;
    enum path_end end;
    uint32_t section;
    unsigned library;
    int level;
    int64_t not_before, not_after;
    size_t sent_count; /* 0: nothing is here */
    size_t count;
    uint64_t sent[CHAIN_MAX]; /* ids (certificate.h) */
    uint8_t path[CHAIN_MAX];  /* with END_PINNED: which of those sent */
};

void paths_clear(struct paths *paths)
{
    free(atomic_exchange(&paths->table, NULL));
}

/* NULL when memory is short. */
static struct verified *make_table(struct paths *paths)
{
    struct verified *table = calloc(PATHS_MAX, sizeof *table), *none = NULL;

    if (table != NULL && !atomic_compare_exchange_strong(&paths->table, &none, table)) {
        free(table); /* another thread was first */
        table = none;
    }
    return table;
}

static struct verified *place_for(struct verified *table, const struct path_question *question)
{
    uint64_t leaf = question->sent->known[0]->id;

    return &table[(leaf * 3 + question->section + question->end) % PATHS_MAX];
}

/* May the answer be kept, or be there? A list that is cut short does not tell all. */
static bool is_whole(const struct path_question *question)
{
    return question->sent->count > 0 && question->sent->whole && question->sent->known[0] != NULL;
}

static bool answers(const struct verified *verified, const struct path_question *question)
{
    const struct cert_list *sent = question->sent;

    if (verified->end != question->end || verified->section != question->section ||
        verified->library != question->library || verified->level != question->level ||
        verified->sent_count != sent->count || question->now < verified->not_before ||
        question->now >= verified->not_after)
        return false;
    for (size_t i = 0; i < sent->count; i++)
        if (verified->sent[i] != sent->known[i]->id)
            return false;
    return true;
}

bool paths_find(struct paths *paths, const struct path_question *question, struct cert_list *path)
{
    struct verified *verified = paths == NULL ? NULL : atomic_load(&paths->table);
    bool found;

    if (verified == NULL || !is_whole(question))
        return false;
    verified = place_for(verified, question);
    if (!slot_enter(&verified->slot))
        return false;
    found = answers(verified, question);
    if (found && question->end == END_PINNED)
        chain_take(question->sent, verified->path, verified->count, path);
    slot_leave(&verified->slot);
    return found;
}

/* Which of those sent is it? False when none. */
static bool find_sent(const struct cert_list *sent, uint64_t id, uint8_t *at)
{
    for (size_t i = 0; i < sent->count; i++)
        if (sent->known[i]->id == id) {
            *at = (uint8_t)i;
            return true;
        }
    return false;
}

static bool describe(const struct path_question *question, const struct cert_list *path,
                     struct verified *out)
{
    const struct cert_list *sent = question->sent;

    out->end = question->end;
    out->section = question->section;
    out->library = question->library;
    out->level = question->level;
    out->sent_count = sent->count;
    out->count = path->count;
    out->not_before = INT64_MIN;
    out->not_after = INT64_MAX;
    for (size_t i = 0; i < sent->count; i++)
        out->sent[i] = sent->known[i]->id;
    for (size_t i = 0; i < path->count; i++) {
        const struct certificate *cert = path->known[i];
        if (question->end == END_PINNED && !find_sent(sent, cert->id, &out->path[i]))
            return false;
        if (cert->not_before > out->not_before)
            out->not_before = cert->not_before;
        if (cert->not_after < out->not_after)
            out->not_after = cert->not_after;
    }
    return path->count > 0;
}

void paths_remember(struct paths *paths, const struct path_question *question,
                    const struct cert_list *path)
{
    struct verified *verified = paths == NULL ? NULL : atomic_load(&paths->table);

    if (paths == NULL || !is_whole(question))
        return;
    if (verified == NULL && (verified = make_table(paths)) == NULL)
        return;
    verified = place_for(verified, question);
    if (!slot_claim(&verified->slot))
        return;
    if (!describe(question, path, verified))
        verified->sent_count = 0;
    slot_publish(&verified->slot);
    slot_leave(&verified->slot);
}
