#include "tests/client/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/options.h"
#include "tests/client/pause.h"
#include "tests/client/resolver.h"
#include "tests/client/visit.h"

struct thread {
    pthread_t id;
    unsigned index, times; /* of its visits */
    bool in_child;
    SSL_CTX *ctx;
    struct visit *visits;
};

static pthread_barrier_t start, visited, over, paused;
static bool told_to_end; /* between two waits at `paused` */

/* All wait, and one of them for standard input. */
static bool pause_together(unsigned number)
{
    if (!options.pause || option_is(options.fork, "during"))
        return true;
    // NOLINTNEXTLINE(bugprone-posix-return): it returns this negative number, and no other
    if (pthread_barrier_wait(&paused) == PTHREAD_BARRIER_SERIAL_THREAD)
        told_to_end = !pause_before(number);
    pthread_barrier_wait(&paused);
    return !told_to_end;
}

static void visit_all(struct thread *thread, SSL_CTX *ctx)
{
    unsigned times = thread->times;

    thread->visits = calloc(times, sizeof *thread->visits);
    for (thread->times = 0; thread->visits && thread->times < times; thread->times++) {
        if (!(thread->in_child ? pause_before(2 + thread->times) : pause_together(thread->times)))
            break;
        api.SSL_SESSION_free(visit_run(&thread->visits[thread->times], thread->index, ctx, NULL));
    }
}

static void report_all(struct thread *thread)
{
    for (unsigned i = 0; thread->visits && i < thread->times; i++)
        report_print(&thread->visits[i].report);
    free(thread->visits);
}

static void *thread_main(void *arg)
{
    struct thread *thread = arg;

    pthread_barrier_wait(&start);
    if (options.alone) {
        SSL_CTX *own;
        resolver_run();
        own = context_new();
        visit_all(thread, own);
        api.SSL_CTX_free(own);
    } else {
        visit_all(thread, thread->ctx);
    }
    pthread_barrier_wait(&visited);
    pthread_barrier_wait(&over);
    return NULL;
}

/* A child of a process with threads, which are not in the child: so what OpenSSL keeps for them is
 * lost there, and the child does not end by exit, which would look for it. */
static void visit_in_child(SSL_CTX *ctx, unsigned times)
{
    struct thread thread = {.ctx = ctx, .times = times, .in_child = true};
    int status;
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        visit_all(&thread, ctx);
        report_all(&thread);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        die("the child ended with %d", status);
}

void threads_run(SSL_CTX *ctx)
{
    unsigned count = (unsigned)atoi(options.threads);
    struct thread *threads = calloc(count, sizeof *threads);

    if (!threads || pthread_barrier_init(&start, NULL, count + 1) != 0 ||
        pthread_barrier_init(&visited, NULL, count + 1) != 0 ||
        pthread_barrier_init(&over, NULL, count + 1) != 0 ||
        pthread_barrier_init(&paused, NULL, count) != 0)
        die("out of memory");
    if (option_is(options.fork, "during"))
        pause_before(0);
    for (unsigned i = 0; i < count; i++) {
        threads[i].ctx = ctx;
        threads[i].times = (unsigned)atoi(options.times);
        threads[i].index = options.port2 ? i % 2 : 0;
        if (pthread_create(&threads[i].id, NULL, thread_main, &threads[i]) != 0)
            die("pthread_create");
    }
    pthread_barrier_wait(&start);
    if (option_is(options.fork, "during") && pause_before(1))
        visit_in_child(ctx, (unsigned)atoi(options.times));
    pthread_barrier_wait(&visited);
    if (option_is(options.fork, "threaded"))
        visit_in_child(ctx, 1);
    pthread_barrier_wait(&over);
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i].id, NULL);
        report_all(&threads[i]);
    }
    free(threads);
}
