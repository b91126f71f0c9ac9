#include "config/sources.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void source_look(const char *path, struct source_state *out)
{
    struct stat st;

    memset(out, 0, sizeof *out);
    if (stat(path, &st) != 0)
        return;
    out->device = st.st_dev;
    out->inode = st.st_ino;
    out->modified = nanoseconds(st.st_mtim);
    out->changed = nanoseconds(st.st_ctim);
    /* A directory's size says nothing that its times do not, and differs between file systems; it
     * is no empty file, though. */
    out->size = S_ISDIR(st.st_mode) ? UINT64_MAX : (uint64_t)st.st_size;
}

/* File systems take their times from the kernel's coarse clock. What changes once more before that
 * goes on may look the same: then a state is noted that there is none of, so that the file is read
 * again. A time further ahead than that is another machine's. */
static void distrust_new(struct source_state *state, struct timespec before)
{
    int64_t ahead = state->changed - nanoseconds(before);

    if (ahead >= 0 && ahead < 1000000000)
        state->changed = -1;
}

bool sources_add(struct list *sources, const char *path)
{
    struct timespec before = {0, 0};
    struct source *source = list_add(sources, sizeof *source);

    if (source == NULL)
        return false;
    source->path = strdup(path);
    if (source->path == NULL) {
        sources->count--;
        return false;
    }
    clock_gettime(CLOCK_REALTIME_COARSE, &before);
    source_look(path, &source->state);
    distrust_new(&source->state, before);
    return true;
}

void sources_read(struct list *sources, size_t length)
{
    struct source *last = (struct source *)sources->items + sources->count - 1;

    last->state.size = length;
}

/* A missing file has nothing in it either, and no inode. */
static bool is_empty_file(const struct source *source)
{
    return source->state.inode != 0 && source->state.size == 0;
}

static bool had_something(const struct list *sources, const char *path)
{
    const struct source *source = sources->items;

    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(source[i].path, path) == 0)
            return !is_empty_file(&source[i]);
    return false;
}

const char *sources_emptied(const struct list *before, const struct list *now)
{
    const struct source *source = now->items;

    for (size_t i = 0; i < now->count; i++)
        if (is_empty_file(&source[i]) && had_something(before, source[i].path))
            return source[i].path;
    return NULL;
}

bool sources_changed(const struct list *sources)
{
    const struct source *source = sources->items;
    struct source_state now;

    for (size_t i = 0; i < sources->count; i++, source++) {
        source_look(source->path, &now);
        if (memcmp(&now, &source->state, sizeof now) != 0)
            return true;
    }
    return false;
}

void sources_free(struct list *sources)
{
    struct source *source = sources->items;

    for (size_t i = 0; i < sources->count; i++)
        free(source[i].path);
    free(source);
    *sources = (struct list){NULL, 0, 0};
}
