#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/trust.h"

/* The kernel's own limit is a quarter of the stack's. */
#define ENVIRONMENT_LIMIT ((size_t)64 << 20)

#define DELETED " (deleted)"

static bool cut_deleted(char *path)
{
    size_t length = strlen(path), end = strlen(DELETED);

    if (length <= end || strcmp(path + length - end, DELETED) != 0)
        return false;
    path[length - end] = '\0';
    return true;
}

/* "/proc/PID/NAME" */
static void proc_path(pid_t pid, const char *name, char out[64])
{
    snprintf(out, 64, "/proc/%d/%s", (int)pid, name);
}

static bool same_link(pid_t pid, const char *name)
{
    char path[64], theirs[128] = "", ours[128] = "";

    proc_path(pid, name, path);
    if (readlink(path, theirs, sizeof(theirs) - 1) < 0)
        return true;
    snprintf(path, sizeof(path), "/proc/self/%s", name);
    if (readlink(path, ours, sizeof(ours) - 1) < 0)
        return true;
    return strcmp(theirs, ours) == 0;
}

static bool is_other_root(pid_t pid)
{
    struct stat theirs, ours;
    char path[64];

    proc_path(pid, "root/", path);
    if (stat(path, &theirs) == 0 && stat("/", &ours) == 0 &&
        (theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino))
        return true;
    return !same_link(pid, "ns/mnt");
}

static struct mapped_file *known(struct list *files, const char *path, bool deleted)
{
    struct mapped_file *items = files->items;

    for (size_t i = 0; i < files->count; i++)
        if (items[i].deleted == deleted && strcmp(items[i].path, path) == 0)
            return &items[i];
    return NULL;
}

/* "LOW-HIGH PERMISSIONS OFFSET DEVICE INODE   PATH" */
static bool take_mapping(struct process *process, char *line)
{
    char *permissions = strchr(line, ' '), *path = strchr(line, '/');
    struct mapped_file *file;
    bool deleted, code;
    int length;

    if (!permissions || !path)
        return true;
    path[strcspn(path, "\n")] = '\0';
    *permissions++ = '\0';
    code = permissions[2] == 'x';
    deleted = cut_deleted(path);
    file = known(&process->files, path, deleted);
    if (file) {
        file->code |= code;
        return true;
    }
    file = list_add(&process->files, sizeof(*file));
    if (!file)
        return false;
    file->code = code;
    file->deleted = deleted;
    file->path = strdup(path);
    length = deleted ? asprintf(&file->open, "/proc/%d/map_files/%s", (int)process->pid, line)
                     : asprintf(&file->open, "/proc/%d/root%s", (int)process->pid, path);
    if (length < 0)
        file->open = NULL;
    return file->path && file->open;
}

static int read_maps(struct process *process)
{
    char path[64], *line = NULL;
    size_t room = 0;
    bool good = true;
    FILE *maps;

    proc_path(process->pid, "maps", path);
    maps = fopen(path, "re");
    if (!maps)
        return errno;
    errno = 0;
    while (good && getline(&line, &room, maps) > 0)
        good = take_mapping(process, line);
    if (good && ferror(maps) && errno == 0)
        errno = EIO;
    free(line);
    fclose(maps);
    return good ? errno : ENOMEM;
}

static int read_executable(struct process *process)
{
    char path[64], target[PATH_MAX + sizeof(DELETED)];
    ssize_t length;

    proc_path(process->pid, "exe", path);
    length = readlink(path, target, sizeof(target) - 1);
    if (length < 0)
        return errno;
    target[length] = '\0';
    cut_deleted(target);
    process->executable = strdup(target);
    return process->executable ? 0 : ENOMEM;
}

static void read_environment(struct process *process)
{
    char path[64], why[128];
    int fd;

    proc_path(process->pid, "environ", path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    process->environment =
        (char *)read_whole(fd, ENVIRONMENT_LIMIT, &process->environment_size, why, sizeof(why));
    close(fd);
}

static void read_user(struct process *process)
{
    struct stat st;
    char path[64];

    proc_path(process->pid, "", path);
    process->user = stat(path, &st) == 0 ? st.st_uid : geteuid();
}

bool process_read(pid_t pid, struct process *out, char *why, size_t size)
{
    int error;
    char path[64];

    *out = (struct process){.pid = pid};
    proc_path(pid, "", path);
    if (access(path, F_OK) != 0) {
        snprintf(why, size, "there is no process %d; a program of that name is ./%d", (int)pid,
                 (int)pid);
        return false;
    }
    error = read_executable(out);
    if (!error)
        error = read_maps(out);
    if (error == ENOENT)
        snprintf(why, size, "process %d has no program: it is one of the kernel's, or has ended",
                 (int)pid);
    else if (error)
        snprintf(why, size, "may not look at process %d: %s; ask as its user, or as root", (int)pid,
                 strerror(error));
    if (error)
        return false;
    read_environment(out);
    read_user(out);
    out->other_root = is_other_root(pid);
    return true;
}

void process_free(struct process *process)
{
    struct mapped_file *files = process->files.items;

    for (size_t i = 0; i < process->files.count; i++) {
        free(files[i].path);
        free(files[i].open);
    }
    free(files);
    free(process->executable);
    free(process->environment);
    *process = (struct process){0};
}

const char *process_variable(const struct process *process, const char *name)
{
    size_t length = strlen(name);
    const char *at = process->environment, *end = at ? at + process->environment_size : at;

    while (at && at < end) {
        size_t size = strnlen(at, (size_t)(end - at));

        if (size > length + 1 && at[length] == '=' && memcmp(at, name, length) == 0 &&
            at + size < end)
            return at + length + 1;
        at += size + 1;
    }
    return NULL;
}
