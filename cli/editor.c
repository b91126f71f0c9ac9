#include "cli/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config/trust.h"

#define TEXT_LIMIT ((size_t)64 * 1024 * 1024)

bool edited_open(const char *name, const char *text, size_t length, struct edited *out, char *why,
                 size_t size)
{
    const char *base = cli_environment("TMPDIR");
    FILE *file = NULL;
    bool good = false;

    *out = (struct edited){0};
    if (asprintf(&out->directory, "%s/pinshim.XXXXXX", base ? base : "/tmp") < 0)
        out->directory = NULL;
    else if (!mkdtemp(out->directory)) {
        snprintf(why, size, "no copy can be made in %s: %s", base ? base : "/tmp", strerror(errno));
        free(out->directory);
        *out = (struct edited){0};
        return false;
    }
    if (out->directory && asprintf(&out->path, "%s/%s", out->directory, name) < 0)
        out->path = NULL;
    if (out->path)
        file = fopen(out->path, "wxe");
    if (file) {
        good = fwrite(text, 1, length, file) == length;
        good = fclose(file) == 0 && good;
    }
    if (good)
        return true;
    snprintf(why, size, "the copy to edit cannot be written: %s", strerror(errno));
    edited_close(out, false);
    return false;
}

static const char *editor(void)
{
    const char *named = cli_environment("VISUAL");

    if (!named)
        named = cli_environment("EDITOR");
    if (named)
        return named;
    return access("/usr/bin/editor", X_OK) == 0 ? "/usr/bin/editor" : "vi";
}

/* Starts the shell; what the terminal sends is the editor's to act on, not ours. */
static int start(char *const argv[], pid_t *pid)
{
    posix_spawnattr_t attributes;
    sigset_t keys;
    int error;

    sigemptyset(&keys);
    sigaddset(&keys, SIGINT);
    sigaddset(&keys, SIGQUIT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &keys);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    error = posix_spawn(pid, "/bin/sh", NULL, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* The variables hold a command with its options, as a shell reads it. */
static bool run(const char *path, char *why, size_t size)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction interrupt, quit;
    char *command = NULL;
    int status = -1, error = ENOMEM;
    pid_t pid;

    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);

    if (asprintf(&command, "%s \"$1\"", editor()) >= 0) {
        char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, command,
                              (char[]){"sh"}, (char *)path,   NULL};

        error = start(argv, &pid);
        while (error == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    free(command);
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    if (error != 0)
        snprintf(why, size, "the editor cannot be run: %s", strerror(error));
    else if (status != 0)
        snprintf(why, size, "the editor (%s) failed; set VISUAL or EDITOR", editor());
    return error == 0 && status == 0;
}

bool edited_run(struct edited *edited, char *why, size_t size)
{
    char reason[400];
    int fd;

    if (!run(edited->path, why, size))
        return false;
    free(edited->text);
    edited->text = NULL;
    fd =
        open(edited->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); /* perhaps a new file */
    if (fd >= 0)
        edited->text = (char *)read_whole(fd, TEXT_LIMIT, &edited->length, reason, sizeof(reason));
    else
        snprintf(reason, sizeof(reason), "%s", strerror(errno));
    if (fd >= 0)
        close(fd);
    if (!edited->text)
        snprintf(why, size, "what was edited cannot be read: %s", reason);
    return edited->text;
}

void edited_close(struct edited *edited, bool keep)
{
    if (edited->path && !keep)
        unlink(edited->path);
    if (edited->directory && !keep)
        rmdir(edited->directory); /* an editor may have left something of its own: then it stays */
    free(edited->text);
    free(edited->path);
    free(edited->directory);
    *edited = (struct edited){0};
}
