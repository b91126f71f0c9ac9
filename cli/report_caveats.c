/* What a report leaves out, and what follows from that. */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/report.h"

static int lost(const struct report *report, char *out, size_t size)
{
    uint64_t n = report->tally->lost;

    return n == 0 ? 0
                  : snprintf(out, size,
                             "%" PRIu64
                             " event%s lost, so more may have happened than is counted here.",
                             n, n == 1 ? " was" : "s were");
}

static int torn(const struct report *report, char *out, size_t size)
{
    uint64_t n = report->reading->torn;

    return n == 0 ? 0
                  : snprintf(out, size,
                             "%" PRIu64 " event%s cut off, as by a full disk, or %s being written; "
                             "what is left tells of no refusal.",
                             n, n == 1 ? " is" : "s are", n == 1 ? "is" : "are");
}

/* The first of the lines, which stderr and the page name with others. */
static int first(const struct bad_lines *lines, char *out, size_t size)
{
    return snprintf(out, size, "%s:%" PRIu64 ": %s", input_name(lines->first[0].file),
                    lines->first[0].line, lines->first[0].why);
}

static int bad(const struct report *report, char *out, size_t size)
{
    const struct bad_lines *lines = &report->reading->bad;
    const char *them = lines->count == 1 ? "it" : "them";
    char place[512];

    if (lines->count == 0)
        return 0;
    first(lines, place, sizeof(place));
    return snprintf(out, size,
                    "%" PRIu64 " line%s could not be read and may tell of a refusal, the first %s. "
                    "%s ready until somebody has mended %s, taken %s out of the file, or read %s "
                    "with a pinshim that knows %s.",
                    lines->count, plural(lines->count), place,
                    report->unplaced > 0 ? "No domain is"
                                         : "The domains that are named there are not",
                    them, them, them, them);
}

static int damaged(const struct report *report, char *out, size_t size)
{
    const struct bad_lines *lines = &report->reading->damaged;
    char place[512];

    if (lines->count == 0)
        return 0;
    first(lines, place, sizeof(place));
    return snprintf(out, size,
                    "%" PRIu64 " event%s counted without a detail that could not be read, the "
                    "first %s.",
                    lines->count, lines->count == 1 ? " is" : "s are", place);
}

static int earlier(const struct report *report, char *out, size_t size)
{
    uint64_t n = report->earlier;

    return n == 0 ? 0
                  : snprintf(out, size,
                             "%" PRIu64 " connection%s under policies no longer in use %s not "
                             "count.",
                             n, plural(n), n == 1 ? "does" : "do");
}

bool report_caveat(const struct report *report, size_t i, char *out, size_t size)
{
    static int (*const all[])(const struct report *, char *, size_t) = {bad, damaged, torn, lost,
                                                                        earlier};

    for (size_t n = 0; n < sizeof(all) / sizeof(all[0]); n++)
        if (all[n](report, out, size) > 0 && i-- == 0)
            return true;
    return false;
}
