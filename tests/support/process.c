#include "tests/support/process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

/* One stream as it comes in. */
struct stream {
    int fd; /* -1: ended */
    FILE *memory;
    char *text;
    size_t length;
};

static void stream_open(struct stream *stream, int fd)
{
    *stream = (struct stream){.fd = fd};
    stream->memory = open_memstream(&stream->text, &stream->length);
    cr_assert(stream->memory, "out of memory");
}

static void stream_read(struct stream *stream)
{
    char buffer[4096];
    ssize_t n = read(stream->fd, buffer, sizeof buffer);

    if (n > 0) {
        fwrite(buffer, 1, (size_t)n, stream->memory);
    } else {
        close(stream->fd);
        stream->fd = -1;
    }
}

static char *stream_close(struct stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    fclose(stream->memory);
    return stream->text;
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads both streams to their ends. False when that took too long. */
static bool collect(struct stream streams[2])
{
    long end = milliseconds() + DEADLINE * 1000L;

    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        struct pollfd fds[2] = {{.fd = streams[0].fd, .events = POLLIN},
                                {.fd = streams[1].fd, .events = POLLIN}};
        long left = end - milliseconds();
        if (left <= 0)
            return false;
        poll(fds, 2, (int)left);
        for (int i = 0; i < 2; i++)
            if (fds[i].revents)
                stream_read(&streams[i]);
    }
    return true;
}

struct outcome command_run(const struct command *command)
{
    struct child child;
    struct stream streams[2];
    struct outcome outcome;
    const char *input = command->input ? command->input : "";

    signal(SIGPIPE, SIG_IGN); /* it may end without reading */
    command_start(command, false, &child);
    if (write(child.in, input, strlen(input)) < 0)
        cr_assert(errno == EPIPE, "standard input: %s", strerror(errno));
    close(child.in);
    stream_open(&streams[0], child.out);
    stream_open(&streams[1], child.err);
    bool in_time = collect(streams);
    if (!in_time)
        kill(-child.pid, SIGKILL);
    outcome = (struct outcome){.out = stream_close(&streams[0]),
                               .err = stream_close(&streams[1]),
                               .status = child_wait(child.pid),
                               .pid = child.pid};
    cr_assert(in_time, "%s did not end within %d s\nstdout: %s\nstderr: %s", command->argv[0],
              DEADLINE, outcome.out, outcome.err);
    return outcome;
}

void outcome_free(struct outcome *outcome)
{
    free(outcome->out);
    free(outcome->err);
}

char *build_path(const char *name)
{
    const char *build = getenv("BUILD");
    char *path = NULL, *absolute;

    cr_assert(asprintf(&path, "%s/%s", build && *build ? build : "build", name) >= 0,
              "out of memory");
    absolute = realpath(path, NULL);
    cr_assert(absolute, "%s: %s (make test builds it)", path, strerror(errno));
    free(path);
    return absolute;
}

unsigned free_port(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0 &&
                  getsockname(fd, (struct sockaddr *)&sa, &length) == 0,
              "no free port: %s", strerror(errno));
    close(fd);
    return ntohs(sa.sin_port);
}
