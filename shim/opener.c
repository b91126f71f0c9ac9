#include "shim/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/policy.h"
#include "config/text.h"
#include "shim/elf.h"
#include "shim/environment.h"
#include "shim/lock.h"
#include "shim/spawn.h"

#define OWN_NAME "libpinshim.so"

static char **kept; /* NULL-terminated; its strings lie behind it */

const char *opener_name(void)
{
    return environment.opener != NULL ? environment.opener : "xdg-open";
}

static bool visit_own(const struct elf_object *object, void *arg)
{
    if (!elf_contains(object, (const void *)opener_name))
        return true;
    *(const char **)arg = object->path;
    return false;
}

/* Is this entry of LD_PRELOAD ours: by its file's name, or as the loader was told to find us? */
static bool is_own(const char *entry, size_t length, const char *own)
{
    const char *slash = memrchr(entry, '/', length);
    const char *base = slash == NULL ? entry : slash + 1;

    return (length - (size_t)(base - entry) == strlen(OWN_NAME) &&
            memcmp(base, OWN_NAME, strlen(OWN_NAME)) == 0) ||
           (own != NULL && strlen(own) == length && memcmp(entry, own, length) == 0);
}

/* Copies LD_PRELOAD=… without our entry. False when nothing else is in it. */
static bool add_preload(struct text *text, const char *list)
{
    const char *own = NULL;
    bool any = false;

    elf_walk(visit_own, &own);
    for (size_t length; *list != '\0'; list += length) {
        list += strspn(list, ": ");
        length = strcspn(list, ": ");
        if (length == 0 || is_own(list, length, own))
            continue;
        text_add(text, any ? ":" : "LD_PRELOAD=");
        text_add_n(text, list, length);
        any = true;
    }
    return any;
}

static bool add_variable(struct text *text, const char *variable)
{
    if (strncmp(variable, "PINSHIM_", 8) == 0)
        return false;
    if (strncmp(variable, "LD_PRELOAD=", 11) == 0)
        return add_preload(text, variable + 11);
    text_add(text, variable);
    return true;
}

void opener_remember(void)
{
    size_t count = 0, size = 1, kept_count = 0;
    struct text text;
    char **variables;

    if (kept != NULL)
        return;
    for (; environ != NULL && environ[count] != NULL; count++)
        size += strlen(environ[count]) + 1;
    variables = malloc((count + 1) * sizeof *variables + size);
    if (variables == NULL)
        return;
    text_init(&text, (char *)(variables + count + 1), size);
    for (size_t i = 0; i < count; i++) {
        char *start = text.data + text.length;
        if (!add_variable(&text, environ[i]))
            continue;
        variables[kept_count++] = start;
        text_add_n(&text, "", 1); /* with its NUL */
    }
    variables[kept_count] = NULL;
    kept = variables;
}

static const char *kept_value(const char *name)
{
    size_t length = strlen(name);

    for (char **variable = kept; *variable != NULL; variable++)
        if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=')
            return *variable + length + 1;
    return NULL;
}

/* The paths that `name` may have, by PATH: malloc'ed, NULL-terminated, their strings behind them.
 * What is relative there is left out: the program may be anywhere. */
static const char **candidates(const char *name)
{
    const char *path = kept_value("PATH");
    size_t most = 2, size, count = 0;
    const char **paths;
    struct text text;

    if (path == NULL || strchr(name, '/') != NULL)
        path = "/usr/local/bin:/usr/bin:/bin";
    for (const char *c = path; *c != '\0'; c++)
        most += *c == ':';
    size = strlen(path) + most * (strlen(name) + 2) + 1;
    paths = malloc(most * sizeof *paths + size);
    if (paths == NULL)
        return NULL;
    if (strchr(name, '/') != NULL) {
        paths[count++] = name;
        path = "";
    }
    text_init(&text, (char *)(paths + most), size);
    for (size_t length; *path != '\0'; path += length + (path[length] == ':')) {
        length = strcspn(path, ":");
        if (path[0] != '/')
            continue;
        paths[count++] = text.data + text.length;
        text_add_n(&text, path, length);
        text_add(&text, "/");
        text_add_n(&text, name, strlen(name) + 1);
    }
    paths[count] = NULL;
    return paths;
}

/* Within this process: the last URLs that were opened, as hashes. */
static bool is_new_here(uint64_t url)
{
    static struct opened {
        uint64_t url;
        int64_t time; /* lock_clock */
    } opened[OPENER_BURST];
    static struct lock lock;
    int64_t now = lock_clock();
    struct opened *place = NULL;

    if (!lock_take(&lock))
        return false;
    for (size_t i = 0; i < OPENER_BURST; i++)
        if (opened[i].time == 0 || now - opened[i].time >= OPENER_PAUSE * 1000) {
            place = &opened[i];
        } else if (opened[i].url == url) {
            place = NULL;
            break;
        }
    if (place != NULL)
        *place = (struct opened){url, now};
    lock_release(&lock);
    return place != NULL;
}

/* Among the user's processes, where there is a place to ask: an empty file with the time. */
static bool is_new_for_user(uint64_t url)
{
    const char *directory = kept_value("XDG_RUNTIME_DIR");
    char path[300];
    struct text text;
    struct stat st;
    int fd;

    if (directory == NULL || directory[0] != '/')
        return true;
    text_init(&text, path, sizeof path);
    text_add(&text, directory);
    text_add(&text, "/pinshim-opened-");
    text_add_hex(&text, (const uint8_t *)&url, sizeof url);
    if (text.cut)
        return true;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    if (errno != EEXIST || lstat(path, &st) != 0)
        return true;
    if (st.st_mtime <= time(NULL) && time(NULL) - st.st_mtime < OPENER_PAUSE)
        return false;
    utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
    return true;
}

bool opener_open(const char *url, int *error)
{
    const char *name = opener_name();
    char *argv[] = {(char *)name, (char *)url, NULL};
    struct spawn spawn = {.argv = argv, .envp = kept};
    uint64_t hash = policy_key(0, PATTERN_EXACT, url, strlen(url), 0) ^
                    policy_key(1, PATTERN_EXACT, name, strlen(name), 0);
    const char **paths;

    /* PATH, BROWSER and the display are the caller's, who has less rights. */
    *error = ECANCELED;
    if (getauxval(AT_SECURE) != 0)
        return false;
    *error = ENOMEM;
    if (kept == NULL || (paths = candidates(name)) == NULL)
        return false;
    *error = 0;
    if (is_new_here(hash) && is_new_for_user(hash)) {
        spawn.paths = paths;
        *error = spawn_apart(&spawn);
    }
    free(paths);
    return *error == 0;
}
