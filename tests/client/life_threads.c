/* Lives with many threads, small stacks, threads that are cancelled, and children of all that. */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/verification.h"
#include "tests/client/life.h"
#include "tests/client/options.h"
#include "tests/client/visit.h"

enum { PAINT = 0xa5, PAGE = 65536 /* no machine has larger ones */ };

struct thread {
    pthread_t id;
    SSL_CTX *ctx;
    unsigned index;
    struct visit visit;
};

static pthread_barrier_t together;

static void *crowd_main(void *arg)
{
    struct thread *thread = arg;

    pthread_barrier_wait(&together);
    api.SSL_SESSION_free(visit_run(&thread->visit, thread->index, thread->ctx, NULL));
    return NULL;
}

/* All at once, every other one to the second server; and one more when they are gone: what a sink
 * was too busy for is told there. */
static void crowd(SSL_CTX *ctx)
{
    unsigned count = (unsigned)atoi(options.life_number);
    struct thread *threads = calloc(count, sizeof *threads);

    pthread_barrier_init(&together, NULL, count);
    for (unsigned i = 0; threads && i < count; i++) {
        threads[i].ctx = ctx;
        threads[i].index = i % 2;
        if (pthread_create(&threads[i].id, NULL, crowd_main, &threads[i]) != 0)
            die("pthread_create");
    }
    for (unsigned i = 0; threads && i < count; i++) {
        pthread_join(threads[i].id, NULL);
        report_print(&threads[i].visit.report);
    }
    free(threads);
    life_visit(0, ctx);
}

/* All that the client does, from looking for OpenSSL on. */
static void *whole_main(void *arg)
{
    SSL_CTX *ctx;

    (void)arg;
    api_load(options.load);
    ctx = context_new();
    life_visit(0, ctx);
    api.SSL_CTX_free(ctx);
    return NULL;
}

/* Runs it on a stack of `size`, below which nothing is mapped. Returns how much was used of it. */
static size_t run_painted(void *(*main)(void *), void *arg, size_t size)
{
    unsigned char *map =
        mmap(NULL, size + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_t attributes;
    pthread_t id;
    size_t untouched = 0;

    if (map == MAP_FAILED || mprotect(map, PAGE, PROT_NONE) != 0)
        die("mmap");
    memset(map + PAGE, PAINT, size);
    pthread_attr_init(&attributes);
    if (pthread_attr_setstack(&attributes, map + PAGE, size) != 0 ||
        pthread_create(&id, &attributes, main, arg) != 0)
        die("pthread_create");
    pthread_join(id, NULL);
    while (untouched < size && map[PAGE + untouched] == PAINT)
        untouched++;
    munmap(map, size + PAGE);
    return size - untouched;
}

static void tell_used(size_t used)
{
    FILE *file = options.life_file ? fopen(options.life_file, "we") : NULL;

    if (file) {
        fprintf(file, "%zu\n", used);
        fclose(file);
    }
}

/* A small stack, for everything. */
static void small(char **argv)
{
    (void)argv;
    tell_used(run_painted(whole_main, NULL, (size_t)atoi(options.life_number)));
    exit(0);
}

static void *connection_main(void *ctx)
{
    life_visit(0, ctx);
    return NULL;
}

/* A small stack, for the connection alone. */
static void small_connection(SSL_CTX *ctx)
{
    tell_used(run_painted(connection_main, ctx, (size_t)atoi(options.life_number)));
}

static _Thread_local int to_be_cancelled;

static int cancel_inside(int ok, X509_STORE_CTX *store)
{
    (void)store;
    if (to_be_cancelled)
        pthread_cancel(pthread_self());
    return ok;
}

static void *cancelled_main(void *arg)
{
    struct thread *thread = arg;

    to_be_cancelled = 1;
    visit_run(&thread->visit, 0, thread->ctx, NULL);
    return NULL;
}

/* A thread is cancelled in the program's own check, and so at the next call that may end it; then
 * the main thread connects. */
static void cancelled(SSL_CTX *ctx)
{
    struct thread thread = {.ctx = ctx};
    void *result;

    api.SSL_CTX_set_verify(ctx, verification_mode(), cancel_inside);
    if (pthread_create(&thread.id, NULL, cancelled_main, &thread) != 0)
        die("pthread_create");
    pthread_join(thread.id, &result);
    life_tell("cancelled", result == PTHREAD_CANCELED);
    life_visit(1, ctx);
}

enum { BUSY = 3, ROUNDS = 4 };

static sem_t arrived;
static _Thread_local sem_t *stays; /* in its next check, until this lets it go on */

/* Stays in the middle of its handshake, where it has no lock of OpenSSL's: a child of a thread that
 * has one may hang in OpenSSL, and does, once in a thousand times. */
static int stay_inside(int ok, X509_STORE_CTX *store)
{
    sem_t *go = stays;

    (void)store;
    stays = NULL; /* this is called for each certificate */
    if (go) {
        sem_post(&arrived);
        sem_wait(go);
    }
    return ok;
}

struct busy {
    pthread_t id;
    SSL_CTX *ctx;
    sem_t go;
    struct visit visits[ROUNDS];
};

static void *busy_main(void *arg)
{
    struct busy *busy = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        stays = &busy->go;
        api.SSL_SESSION_free(visit_run(&busy->visits[i], i, busy->ctx, NULL));
    }
    return NULL;
}

static void fork_one(SSL_CTX *ctx)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        life_visit(1, ctx);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        die("a child ended with status %d", status);
}

/* Children are made while other threads are in the middle of a handshake. */
static void forks(SSL_CTX *ctx)
{
    struct busy busy[BUSY];

    sem_init(&arrived, 0, 0);
    api.SSL_CTX_set_verify(ctx, verification_mode(), stay_inside);
    for (unsigned i = 0; i < BUSY; i++) {
        busy[i].ctx = ctx;
        sem_init(&busy[i].go, 0, 0);
        if (pthread_create(&busy[i].id, NULL, busy_main, &busy[i]) != 0)
            die("pthread_create");
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < BUSY; i++)
            sem_wait(&arrived);
        fork_one(ctx);
        for (unsigned i = 0; i < BUSY; i++)
            sem_post(&busy[i].go);
    }
    for (unsigned i = 0; i < BUSY; i++) {
        pthread_join(busy[i].id, NULL);
        for (unsigned round = 0; round < ROUNDS; round++)
            report_print(&busy[i].visits[round].report);
    }
}

const struct life lives_of_threads[] = {
    {.name = "crowd", .run = crowd},
    {.name = "small", .start = small},
    {.name = "small-connection", .run = small_connection},
    {.name = "cancelled", .run = cancelled},
    {.name = "forks", .run = forks},
    {0},
};
