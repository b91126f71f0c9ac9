#include "cli/config_change.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/config_change_files.h"
#include "cli/config_fault.h"
#include "cli/put_file.h"
#include "config/directory.h"
#include "config/key_file.h"
#include "config/sources.h"
#include "config/store.h"
#include "config/text.h"
#include "config/trust.h"

#define LOCK_NAME ".pinshim.lock"
/* Somebody's editor may be open; but no script may hang for ever. */
#define LOCK_SECONDS 30

static bool load(struct config_change *change, bool *unreadable, char *why, size_t size)
{
    struct config_error error;
    bool good;

    config_free(&change->before);
    good = config_load(change->path, geteuid(), &change->before, &error);
    if (!good)
        config_fault_format(&error, why, size);
    if (unreadable)
        *unreadable = !good && error.unreadable;
    return good;
}

static int wait_for_lock(int fd)
{
    const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
    time_t end = time(NULL) + LOCK_SECONDS;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return errno;
        if (time(NULL) >= end)
            return EWOULDBLOCK;
        nanosleep(&moment, NULL);
    }
    return 0;
}

/* A file that nobody else may open: a lock on what everybody may read is everybody's to hold. */
static bool take_lock(struct config_change *change, char *why, size_t size)
{
    const char *directory = change->before.include_dir;
    char *path =
        directory ? path_inside(directory, LOCK_NAME) : path_beside(change->path, LOCK_NAME);
    int error = ENOMEM;

    if (path) {
        change->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        error = change->lock < 0 ? errno : wait_for_lock(change->lock);
    }
    if (error == EWOULDBLOCK)
        snprintf(why, size, "another pinshim is changing %s; try again when it is done",
                 change->path);
    else if (error)
        snprintf(why, size, "%s cannot be locked: %s: %s%s%s", change->path, path ? path : "",
                 strerror(error), error == EACCES ? "; run it as the owner of " : "",
                 error == EACCES ? change->path : "");
    free(path);
    return error == 0;
}

static struct config_change *begin(const char *path, bool lock, bool *unreadable, char *why,
                                   size_t size)
{
    struct config_change *change = calloc(1, sizeof(*change));

    if (unreadable)
        *unreadable = false;
    if (!change || !(change->path = strdup(path))) {
        change_no_memory(why, size);
        free(change);
        return NULL;
    }
    change->lock = -1;
    /* Where the lock is, it says itself; what it says counts once it is locked. */
    if (load(change, unreadable, why, size)) {
        if (!lock)
            return change;
        if (!take_lock(change, why, size)) {
            if (unreadable)
                *unreadable = true;
        } else if (load(change, unreadable, why, size)) {
            return change;
        }
    }
    config_change_end(change);
    return NULL;
}

struct config_change *config_change_begin(const char *path, bool *unreadable, char *why,
                                          size_t size)
{
    return begin(path, true, unreadable, why, size);
}

struct config_change *config_change_peek(const char *path, bool *unreadable, char *why, size_t size)
{
    return begin(path, false, unreadable, why, size);
}

const struct config *config_change_before(const struct config_change *change)
{
    return &change->before;
}

/* What a "store:" pin is compared by: its digits are the first of the digest's. */
static bool store_pin(const struct config_change *change, const char *id, struct pin *out)
{
    struct list sources = {NULL, 0, 0};
    struct store store;
    char why[400];
    bool good =
        store_id_valid(id) && store_open(&store, change->before.store, geteuid(), why, sizeof(why));

    if (store_id_valid(id)) {
        good = good && store_find(&store, id, geteuid(), &sources, out, why, sizeof(why));
        store_close(&store);
    }
    sources_free(&sources);
    return good;
}

static bool file_pin(const struct config_change *change, const char *file, struct pin *out)
{
    char *path = path_beside(change->path, file), why[400];
    size_t length = 0;
    uint8_t *data =
        path ? trusted_read(path, geteuid(), KEY_FILE_LIMIT, &length, why, sizeof(why), NULL)
             : NULL;
    bool good = data && pin_from_key_file(data, length, out, why, sizeof(why));

    free(data);
    free(path);
    return good;
}

bool config_change_pin(const struct config_change *change, const char *text, struct pin *out)
{
    char why[400];

    if (strncmp(text, "store:", 6) == 0)
        return store_pin(change, text + 6, out);
    if (strncmp(text, "file:", 5) == 0)
        return file_pin(change, text + 5, out);
    return pin_parse(text, out, why, sizeof(why));
}

bool config_change_find(struct config_change *change, uint32_t section,
                        const struct config_text **text, size_t *ordinal, char *why, size_t size)
{
    struct changed_file *file = change_section(change, section, ordinal, why, size);

    if (file)
        *text = &file->text;
    return file;
}

const struct config_text *config_change_text(struct config_change *change, const char *file)
{
    char why[400];
    struct changed_file *found = change_file(change, file, false, why, sizeof(why));

    return found ? &found->text : NULL;
}

bool config_change_replace(struct config_change *change, const char *file, const char *data,
                           size_t length, char *why, size_t size)
{
    struct changed_file *found = change_file(change, file, false, why, size);
    struct config_text text;

    if (!found)
        return false;
    /* A text that cannot be taken apart is kept as it is: config_load says what is wrong with it.
     */
    config_text_read(data, length, &text);
    if (!text.data) {
        config_text_free(&text);
        return change_no_memory(why, size);
    }
    config_text_free(&found->text);
    found->text = text;
    found->changed = true;
    return true;
}

bool config_change_look(struct config_change *change, struct config *out, char *why, size_t size)
{
    struct config_trial *trials = calloc(change->files.count + 1, sizeof(*trials));
    const struct changed_file *file = change->files.items;
    struct config_error error;
    size_t count = 0;
    bool good;

    *out = (struct config){0};
    if (!trials)
        return change_no_memory(why, size);
    for (size_t i = 0; i < change->files.count; i++)
        if (file[i].changed)
            trials[count++] = (struct config_trial){
                file[i].path, file[i].gone ? NULL : file[i].text.data, file[i].text.length};
    good = config_load_trial(change->path, geteuid(), trials, count, out, &error);
    if (!good)
        config_fault_format(&error, why, size);
    free(trials);
    return good;
}

/* Who may read the config may read what it includes. */
static mode_t new_mode(const struct config_change *change)
{
    struct stat st;

    return stat(change->path, &st) == 0 ? (st.st_mode & 0444) | 0600 : 0600;
}

/* First all onto the disk, then each into its place: a full disk changes nothing. Each file is good
 * beside the others' old ones too, for sections do not depend on each other. */
static bool write_files(struct config_change *change, char *why, size_t size)
{
    struct put_file *put = calloc(change->files.count + 1, sizeof(*put));
    struct changed_file *file = change->files.items;
    mode_t mode = new_mode(change);
    bool good = true;

    if (!put)
        return change_no_memory(why, size);
    for (size_t i = 0; good && i < change->files.count; i++)
        if (file[i].changed && !file[i].gone)
            good = put_file_write(file[i].path, file[i].text.data, file[i].text.length, mode,
                                  &put[i], why, size);
    for (size_t i = 0; good && i < change->files.count; i++) {
        if (put[i].temporary)
            good = put_file_place(&put[i], why, size);
        else if (file[i].changed && file[i].gone && !(good = (unlink(file[i].path) == 0)))
            snprintf(why, size, "%s cannot be removed: %s", file[i].path, strerror(errno));
    }
    for (size_t i = 0; i < change->files.count; i++)
        put_file_drop(&put[i]);
    free(put);
    return good;
}

bool config_change_commit(struct config_change *change, char *why, size_t size)
{
    struct config after;
    bool good = config_change_look(change, &after, why, size);

    config_free(&after);
    if (good && change->lock < 0) {
        snprintf(why, size, "%s was not locked", change->path);
        return false;
    }
    return good && write_files(change, why, size);
}

void config_change_end(struct config_change *change)
{
    struct changed_file *file;
    struct fresh_section *fresh;

    if (!change)
        return;
    file = change->files.items;
    fresh = change->fresh.items;
    for (size_t i = 0; i < change->files.count; i++) {
        config_text_free(&file[i].text);
        free(file[i].lines.items);
        free(file[i].path);
    }
    for (size_t i = 0; i < change->fresh.count; i++)
        free(fresh[i].ports.items);
    free(file);
    free(fresh);
    config_free(&change->before);
    if (change->lock >= 0)
        close(change->lock);
    free(change->path);
    free(change);
}
