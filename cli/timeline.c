#include "cli/timeline.h"

#include <string.h>

#define MINUTE ((int64_t)60000)

/* Widths that people count in, each a multiple of the one before; beyond, it is doubled. */
static const int64_t widths[] = {
    MINUTE,          5 * MINUTE,       15 * MINUTE,          60 * MINUTE,
    4 * 60 * MINUTE, 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE,
};

static int64_t wider(int64_t width)
{
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
        if (widths[i] > width)
            return widths[i];
    return 2 * width;
}

static int64_t floor_to(int64_t time, int64_t width)
{
    return time - (time % width + width) % width;
}

/* Puts all bins into bins of another width, from another start. */
static void regroup(struct timeline *t, int64_t start, int64_t width)
{
    struct timeline old = *t;

    memset(t, 0, sizeof(*t));
    t->start = floor_to(start, width);
    t->width = width;
    for (size_t i = 0; i < old.used; i++) {
        size_t to = (size_t)((old.start + (int64_t)i * old.width - t->start) / width);

        for (size_t kind = 0; kind < TIMELINE_KINDS; kind++)
            t->bins[to][kind] += old.bins[i][kind];
        t->used = to + 1;
    }
}

void timeline_add(struct timeline *t, int64_t time, enum timeline_kind kind)
{
    int64_t start, end, width = t->width;
    size_t bin;

    if (width == 0) {
        t->width = width = widths[0];
        t->start = floor_to(time, width);
    }
    start = time < t->start ? time : t->start;
    end = t->start + (int64_t)t->used * t->width;
    if (time >= end)
        end = time + 1;
    while (end - floor_to(start, width) > TIMELINE_BINS * width)
        width = wider(width);
    if (width != t->width || time < t->start)
        regroup(t, start, width);
    bin = (size_t)((time - t->start) / t->width);
    t->bins[bin][kind]++;
    if (bin >= t->used)
        t->used = bin + 1;
}

uint64_t timeline_total(const struct timeline *t, size_t bin)
{
    uint64_t total = 0;

    for (size_t kind = 0; kind < TIMELINE_KINDS; kind++)
        total += t->bins[bin][kind];
    return total;
}
