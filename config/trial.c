#include "config/trial.h"

#include <stdlib.h>
#include <string.h>

const struct config_trial *trial_find(const struct config_trial *trials, size_t count,
                                      const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(trials[i].path, path) == 0)
            return &trials[i];
    return NULL;
}

char *trial_text(const struct config_trial *trial)
{
    char *text = malloc(trial->length + 1);

    if (text == NULL)
        return NULL;
    memcpy(text, trial->text, trial->length);
    text[trial->length] = '\0';
    return text;
}

/* The name of `path` in `directory`; NULL when it lies elsewhere. */
static const char *name_inside(const char *directory, const char *path)
{
    size_t length = strlen(directory);

    return strncmp(path, directory, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static void take_out(struct list *names, const char *name)
{
    char **names_kept = names->items;
    size_t kept = 0;

    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names_kept[i], name) == 0)
            free(names_kept[i]);
        else
            names_kept[kept++] = names_kept[i];
    }
    names->count = kept;
}

static int by_octets(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool trial_apply(const struct config_trial *trials, size_t count, const char *directory,
                 struct list *names)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = name_inside(directory, trials[i].path);
        char **added;
        if (name == NULL)
            continue;
        take_out(names, name);
        if (trials[i].text == NULL)
            continue;
        added = list_add(names, sizeof *added);
        if (added == NULL || (*added = strdup(name)) == NULL) {
            names->count -= added != NULL;
            return false;
        }
    }
    if (count > 0 && names->count > 1)
        qsort(names->items, names->count, sizeof(char *), by_octets);
    return true;
}
