/* Which machine a file of events is from: events do not say. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/event_file.h"
#include "cli/input.h"
#include "config/text.h"

/* Cuts `ending` off, unless nothing would be left. */
static bool cut(char *name, const char *ending)
{
    size_t length = strlen(name), end = strlen(ending);

    if (length <= end || strcmp(name + length - end, ending) != 0)
        return false;
    name[length - end] = '\0';
    return true;
}

/* Cuts "`separator`DIGITS" off, if there are at least that many. */
static void cut_number(char *name, char separator, size_t at_least)
{
    char *at = strrchr(name, separator);

    if (at && at > name && strlen(at + 1) >= at_least &&
        strspn(at + 1, "0123456789") == strlen(at + 1))
        *at = '\0';
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static char *stem(const char *path)
{
    static const char *const endings[] = {".jsonl", ".ndjson", ".json", ".log"};
    char *name = strdup(strcmp(path, "-") == 0 ? input_name(path) : base_of(path));

    if (!name)
        return NULL;
    cut_number(name, '.', 1);
    cut_number(name, '-', 8);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (cut(name, endings[i]))
            break;
    cut_number(name, '-', 8); /* logrotate's `extension` puts the day before the ending */
    return name;
}

static size_t directory_length(const char *path)
{
    return (size_t)(base_of(path) - path);
}

/* Is there a file of the same stem in another directory? */
static bool is_ambiguous(char *const *paths, char *const *stems, size_t count, size_t i)
{
    size_t length = directory_length(paths[i]);

    for (size_t j = 0; j < count; j++)
        if (strcmp(stems[i], stems[j]) == 0 &&
            (directory_length(paths[j]) != length || memcmp(paths[i], paths[j], length) != 0))
            return true;
    return false;
}

static char *printable(const char *directory, size_t length, const char *name)
{
    char *raw, *out = NULL;
    struct text text;
    size_t size;

    if (asprintf(&raw, "%.*s%s", (int)length, directory, name) < 0)
        return NULL;
    size = 4 * strlen(raw) + 1;
    out = malloc(size);
    if (out) {
        text_init(&text, out, size);
        text_add_printable(&text, raw);
    }
    free(raw);
    return out;
}

void event_machines_free(char **names, size_t count)
{
    for (size_t i = 0; names && i < count; i++)
        free(names[i]);
    free(names);
}

char **event_machines(char *const *paths, size_t count)
{
    char **stems = calloc(count + 1, sizeof(*stems)), **names = calloc(count + 1, sizeof(*names));
    bool good = stems && names;

    for (size_t i = 0; good && i < count; i++)
        good = (stems[i] = stem(paths[i])) != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = (names[i] = printable(
                    paths[i], is_ambiguous(paths, stems, count, i) ? directory_length(paths[i]) : 0,
                    stems[i])) != NULL;
    event_machines_free(stems, count);
    if (!good) {
        event_machines_free(names, count);
        names = NULL;
    }
    return names;
}
