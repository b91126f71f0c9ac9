#include "cli/readiness.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/event_time.h"

static uint64_t passed(const struct domain_counts *counts)
{
    return counts->pins + counts->backups + counts->declared;
}

unsigned readiness_judge(const struct domain_counts *counts, int64_t first, int64_t end,
                         const struct thresholds *thresholds)
{
    unsigned set = 0;

    if (counts->unreadable > 0)
        set |= 1u << UNREADY_UNREADABLE;
    if (counts->connections == 0)
        return set | 1u << UNREADY_NOT_SEEN;
    if (counts->blocked > 0)
        set |= 1u << UNREADY_WOULD_BLOCK;
    if (counts->suspected + counts->certain > 0)
        set |= 1u << UNREADY_INSPECTION;
    if (counts->expired > 0)
        set |= 1u << UNREADY_PINS_EXPIRED;
    if (counts->sessions == counts->connections)
        set |= 1u << UNREADY_NOT_JUDGED;
    else if (passed(counts) == 0)
        set |= 1u << UNREADY_NO_PASS;
    else if (counts->pins + counts->declared == 0)
        set |= 1u << UNREADY_BACKUP_ONLY;
    if (passed(counts) > 0 && passed(counts) < thresholds->connections)
        set |= 1u << UNREADY_TOO_FEW;
    if (end - first < thresholds->days * DAY_MS)
        set |= 1u << UNREADY_TOO_SHORT;
    return set;
}

const char *unready_name(enum unready reason)
{
    static const char *const names[] = {
        [UNREADY_WOULD_BLOCK] = "would_block",   [UNREADY_INSPECTION] = "inspection_suspected",
        [UNREADY_PINS_EXPIRED] = "pins_expired", [UNREADY_UNREADABLE] = "unreadable",
        [UNREADY_NOT_SEEN] = "not_seen",         [UNREADY_NOT_JUDGED] = "not_judged",
        [UNREADY_NO_PASS] = "no_pass",           [UNREADY_BACKUP_ONLY] = "backup_only",
        [UNREADY_TOO_FEW] = "too_few",           [UNREADY_TOO_SHORT] = "too_short",
    };

    return names[reason];
}

static void inspection_words(const struct domain_counts *counts, char *out, size_t size)
{
    if (counts->certain > 0)
        snprintf(out, size, "TLS inspection: %" PRIu64 " chain%s in a CA added to the machine",
                 counts->certain, counts->certain == 1 ? " ends" : "s end");
    else
        snprintf(out, size,
                 "TLS inspection or another key: the program accepted %" PRIu64
                 " chain%s without a pin",
                 counts->suspected, plural(counts->suspected));
}

void unready_words(enum unready reason, const struct domain_counts *counts, int64_t first,
                   int64_t end, const struct thresholds *thresholds, char *out, size_t size)
{
    static const char *const plain[UNREADY_COUNT] = {
        [UNREADY_NOT_SEEN] = "not seen under the policy in use",
        [UNREADY_NOT_JUDGED] = "only resumed sessions seen, so no key was: restart the program",
        [UNREADY_NO_PASS] = "no pin has matched yet",
        [UNREADY_BACKUP_ONLY] = "only the backup pin has matched: is the current one still right?",
    };

    if (plain[reason])
        snprintf(out, size, "%s", plain[reason]);
    else if (reason == UNREADY_WOULD_BLOCK)
        snprintf(out, size, "enforce blocks %" PRIu64 " of %" PRIu64 " connection%s",
                 counts->blocked, counts->connections, plural(counts->connections));
    else if (reason == UNREADY_INSPECTION)
        inspection_words(counts, out, size);
    else if (reason == UNREADY_PINS_EXPIRED)
        snprintf(out, size, "the pins have expired, seen %" PRIu64 " time%s", counts->expired,
                 plural(counts->expired));
    else if (reason == UNREADY_UNREADABLE)
        snprintf(out, size, "%" PRIu64 " line%s that may be about it could not be read",
                 counts->unreadable, plural(counts->unreadable));
    else if (reason == UNREADY_TOO_FEW)
        snprintf(out, size, "passed %" PRIu64 " time%s, and %" PRIu64 " are asked for",
                 passed(counts), plural(passed(counts)), thresholds->connections);
    else
        snprintf(out, size, "watched for %" PRId64 " day%s, and %" PRId64 " are asked for",
                 event_days(first, end), plural((uint64_t)event_days(first, end)),
                 thresholds->days);
}
