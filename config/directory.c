#include "config/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/trust.h"

static int by_octets(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);

    return length >= end && strcmp(name + length - end, suffix) == 0;
}

/* Reads on to the end; false when that fails. */
static bool read_names(DIR *dir, const char *suffix, struct list *names, char *why, size_t size)
{
    const struct dirent *entry;
    char **name;

    while (errno = 0, (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.' || !ends_in(entry->d_name, suffix))
            continue;
        name = list_add(names, sizeof *name);
        if (name == NULL || (*name = strdup(entry->d_name)) == NULL) {
            snprintf(why, size, "there is not enough memory to read it");
            return false;
        }
    }
    if (errno != 0)
        snprintf(why, size, "it cannot be read: %m");
    return errno == 0;
}

bool directory_list(const char *path, uid_t user, const char *suffix, struct list *names, char *why,
                    size_t size)
{
    DIR *dir = opendir(path);
    struct stat st;
    bool good = false;

    if (dir == NULL) {
        snprintf(why, size, "it cannot be read: %m");
        return false;
    }
    if (fstat(dirfd(dir), &st) != 0)
        snprintf(why, size, "it cannot be looked at: %m");
    else if (trusted_directory(path, &st, user, why, size))
        good = read_names(dir, suffix, names, why, size);
    closedir(dir);
    if (good && names->count > 1)
        qsort(names->items, names->count, sizeof(char *), by_octets);
    return good;
}

static bool add_path(struct list *paths, char *path, char *why, size_t size)
{
    char **added = path == NULL ? NULL : list_add(paths, sizeof *added);

    if (added == NULL) {
        free(path);
        snprintf(why, size, "there is not enough memory to read it");
        return false;
    }
    *added = path;
    return true;
}

bool anchor_files(const char *path, uid_t user, struct list *files, char *why, size_t size)
{
    static const char *const suffixes[] = {".pem", ".crt", ".cer"};
    struct list names = {NULL, 0, 0};
    bool good = true;
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return add_path(files, strdup(path), why, size);
    for (size_t i = 0; good && i < sizeof suffixes / sizeof *suffixes; i++)
        good = directory_list(path, user, suffixes[i], &names, why, size);
    for (size_t i = 0; good && i < names.count; i++)
        good = add_path(files, path_inside(path, ((char **)names.items)[i]), why, size);
    list_free_strings(&names);
    return good;
}

char *path_beside(const char *config, const char *file)
{
    const char *slash = file[0] == '/' ? NULL : strrchr(config, '/');
    size_t directory = slash == NULL ? 0 : (size_t)(slash - config) + 1;
    char *path = malloc(directory + strlen(file) + 1);

    if (path == NULL)
        return NULL;
    memcpy(path, config, directory);
    strcpy(path + directory, file);
    return path;
}

char *path_inside(const char *directory, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}
