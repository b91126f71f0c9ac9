#include "config/sources.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    /* A directory's size says nothing that its times do not, and differs between file systems. */
    out->size = S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size;
}

bool sources_add(struct list *sources, const char *path)
{
    struct source *source = list_add(sources, sizeof *source);

    if (source == NULL)
        return false;
    source->path = strdup(path);
    if (source->path == NULL) {
        sources->count--;
        return false;
    }
    source_look(path, &source->state);
    return true;
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
