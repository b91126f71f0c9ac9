#include "cli/dependencies.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/elf_file.h"
#include "config/trust.h"

/* Starts `loader --list path` in an environment that has nothing but LD_LIBRARY_PATH: what else the
 * loader would take from it (LD_AUDIT, LD_BIND_NOW …) makes it execute code. Returns the end of a
 * pipe to read from, -1 when it did not start. */
static int start(const char *loader, const char *path, pid_t *pid)
{
    char *argv[] = {(char *)loader, (char[]){"--list"}, (char *)path, NULL};
    const char *search = getenv("LD_LIBRARY_PATH");
    char *environment[] = {NULL, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2], error = ENOMEM;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    if (!search || asprintf(&environment[0], "LD_LIBRARY_PATH=%s", search) >= 0) {
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        error = posix_spawn(pid, loader, &actions, NULL, argv, environment);
        posix_spawn_file_actions_destroy(&actions);
        free(environment[0]);
    }
    close(ends[1]);
    if (error == 0)
        return ends[0];
    close(ends[0]);
    errno = error;
    return -1;
}

/* One line: "NAME => PATH (0x…)", "NAME => not found", "PATH (0x…)" for one that is asked for by
 * its path, "NAME (0x…)" for the kernel's own. */
static bool take_line(char *line, struct list *out)
{
    char *name = line + strspn(line, " \t"), *arrow = strstr(name, " => ");
    char *path = arrow ? arrow + 4 : name, *address = NULL;
    struct dependency *item;

    for (char *at = path; (at = strstr(at, " (0x")); at++)
        address = at;
    if (address)
        *address = '\0';
    if (arrow)
        *arrow = '\0';
    path[strcspn(path, "\n")] = '\0';
    if (path[0] != '/' && !arrow)
        return true;
    item = list_add(out, sizeof(*item));
    if (!item)
        return false;
    item->name = strdup(name);
    item->path = path[0] == '/' ? strdup(path) : NULL;
    return item->name && (item->path || path[0] != '/');
}

static bool take_lines(int fd, struct list *out)
{
    FILE *stream = fdopen(fd, "r");
    char *line = NULL;
    size_t room = 0;
    bool good = stream != NULL;

    if (!stream)
        close(fd);
    while (good && getline(&line, &room, stream) > 0)
        good = take_line(line, out);
    free(line);
    if (stream)
        fclose(stream);
    return good;
}

static bool ask(const char *loader, const char *path, struct list *out, char *why, size_t size)
{
    pid_t pid;
    int fd = start(loader, path, &pid), status = 0;
    bool good;

    if (fd < 0) {
        snprintf(why, size, "cannot be looked at: %s cannot be started: %m", loader);
        return false;
    }
    good = take_lines(fd, out);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!good)
        snprintf(why, size, "cannot be looked at: out of memory");
    else if (out->count == 0 && status != 0)
        snprintf(why, size, "is refused by the loader (%s --list)", loader);
    else
        return true;
    return false;
}

bool dependencies_list(const char *path, struct list *out, char *why, size_t size)
{
    char *real = realpath(path, NULL), reason[512];
    struct elf_file ours;
    bool good = false;

    *out = (struct list){0};
    if (!real || !elf_file_read("/proc/self/exe", &ours)) {
        snprintf(why, size, "cannot be looked at: %m");
    } else {
        if (!trusted_path(real, geteuid(), reason, sizeof(reason)))
            snprintf(why, size,
                     "is not shown to the loader, so the libraries it gets are not known: %s",
                     reason);
        else
            good = ask(ours.interpreter, real, out, why, size);
        elf_file_free(&ours);
    }
    free(real);
    return good;
}

void dependencies_free(struct list *dependencies)
{
    struct dependency *items = dependencies->items;

    for (size_t i = 0; i < dependencies->count; i++) {
        free(items[i].name);
        free(items[i].path);
    }
    free(items);
    *dependencies = (struct list){0};
}
