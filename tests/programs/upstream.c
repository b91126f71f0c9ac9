#include "tests/programs/upstream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Waits until a watched directory has the finished file `name`; after DEADLINE seconds no more. */
static void wait_for_file(int watch, const char *name)
{
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct pollfd fd = {.fd = watch, .events = POLLIN};

    while (poll(&fd, 1, DEADLINE * 1000) > 0) {
        ssize_t n = read(watch, buffer, sizeof buffer);
        for (ssize_t i = 0; i < n;) {
            const struct inotify_event *event = (const void *)(buffer + i);
            if (strcmp(event->name, name) == 0)
                return;
            i += (ssize_t)(sizeof *event + event->len);
        }
    }
}

struct outcome upstream_ask(struct scene *scene, const struct command *command)
{
    struct command browser = {0};
    const char *dir = scratch_dir(scene->scratch), *log = scratch_path(scene->scratch, "error.log");
    const char *socket = scratch_path(scene->scratch, "http.sock");
    char *output, *both;
    int watch = inotify_init1(IN_CLOEXEC);

    unlink(log);
    unlink(socket);
    cr_assert(watch >= 0 && inotify_add_watch(watch, dir, IN_CLOSE_WRITE) >= 0, "inotify: %s",
              strerror(errno));
    struct background *nginx = background_start(command);
    wait_for_file(watch, "nginx.pid"); /* made when it listens */
    close(watch);
    command_add(&browser, "curl", "-sS", "--fail", "-w", "%{http_code}\n", "--unix-socket", socket,
                "http://localhost/", NULL);
    struct outcome outcome = command_run(&browser);
    background_stop(nginx, SIGTERM, &output);
    cr_assert(asprintf(&both, "%s%s%s", outcome.err, output, scratch_read(scene->scratch, log)) >=
                  0,
              "out of memory");
    free(output);
    free(outcome.err);
    outcome.err = both;
    return outcome;
}
