#include "tests/support/background.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

struct background {
    struct background *next;
    struct child child;
    char name[64]; /* for messages */
    pthread_t reader;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t more;
    char *output; /* NUL-terminated */
    size_t length;
    bool ended; /* the stream has */
};

static struct background *running;

static void *read_all(void *arg)
{
    struct background *b = arg;
    char buffer[4096];
    ssize_t n;

    do {
        n = read(b->child.out, buffer, sizeof buffer);
        pthread_mutex_lock(&b->lock);
        if (n > 0) {
            b->output = realloc(b->output, b->length + (size_t)n + 1);
            memcpy(b->output + b->length, buffer, (size_t)n);
            b->length += (size_t)n;
            b->output[b->length] = 0;
        }
        b->ended = n <= 0;
        pthread_cond_broadcast(&b->more);
        pthread_mutex_unlock(&b->lock);
    } while (n > 0);
    return NULL;
}

struct background *background_start(const struct command *command)
{
    struct background *b = calloc(1, sizeof *b);

    cr_assert(b && (b->output = calloc(1, 1)), "out of memory");
    snprintf(b->name, sizeof b->name, "%s", command->argv[0]);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->more, NULL);
    command_start(command, true, &b->child);
    close(b->child.err);
    cr_assert(pthread_create(&b->reader, NULL, read_all, b) == 0, "pthread_create");
    b->next = running;
    running = b;
    return b;
}

/* The whole line that contains `text`, copied; NULL when it is not there (yet). */
static char *find_line(const char *output, const char *text)
{
    const char *found = strstr(output, text), *start = found;

    if (!found || !strchr(found, '\n'))
        return NULL;
    while (start > output && start[-1] != '\n')
        start--;
    return strndup(start, strcspn(start, "\n"));
}

/* Waits, under the lock, for more output or the end. False after `until`. */
static bool wait_more(struct background *b, const struct timespec *until)
{
    return pthread_cond_timedwait(&b->more, &b->lock, until) != ETIMEDOUT;
}

static void deadline(struct timespec *until)
{
    clock_gettime(CLOCK_REALTIME, until);
    until->tv_sec += DEADLINE;
}

char *background_wait_for(struct background *b, const char *text)
{
    struct timespec until;
    char *line;
    bool in_time = true;

    deadline(&until);
    pthread_mutex_lock(&b->lock);
    while (!(line = find_line(b->output, text)) && !b->ended && in_time)
        in_time = wait_more(b, &until);
    pthread_mutex_unlock(&b->lock);
    cr_assert(in_time || line, "%s did not say \"%s\" within %d s:\n%s", b->name, text, DEADLINE,
              b->output);
    return line;
}

void background_tell(struct background *b, const char *text)
{
    cr_assert_eq(write(b->child.in, text, strlen(text)), (ssize_t)strlen(text), "%s: %s", b->name,
                 strerror(errno));
}

/* Takes it off the list, reaps it and frees it. */
static int finish(struct background *b, char **output)
{
    struct background **link = &running;
    int status;

    while (*link != b)
        link = &(*link)->next;
    *link = b->next;
    if (b->child.in >= 0)
        close(b->child.in);
    pthread_join(b->reader, NULL);
    close(b->child.out);
    status = child_wait(b->child.pid);
    if (output)
        *output = b->output;
    else
        free(b->output);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->more);
    free(b);
    return status;
}

int background_stop(struct background *b, int signal, char **output)
{
    struct timespec until;
    bool in_time = true;

    if (signal) {
        kill(b->child.pid, signal);
    } else {
        close(b->child.in);
        b->child.in = -1;
    }
    deadline(&until);
    pthread_mutex_lock(&b->lock);
    while (!b->ended && in_time)
        in_time = wait_more(b, &until);
    pthread_mutex_unlock(&b->lock);
    cr_assert(in_time, "%s did not end within %d s:\n%s", b->name, DEADLINE, b->output);
    return finish(b, output);
}

void background_kill_all(void)
{
    while (running) {
        kill(-running->child.pid, SIGKILL); /* with its workers: it leads a session */
        finish(running, NULL);
    }
}
