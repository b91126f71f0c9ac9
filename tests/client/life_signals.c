/* Lives under signals. SIGUSR2 is what tests/lives/preload/interrupt.c raises where the shim is in
 * the middle of an event; nothing else does. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/verification.h"
#include "tests/client/life.h"
#include "tests/client/options.h"
#include "tests/client/visit.h"

static volatile sig_atomic_t caught;

static void catch (int number)
{
    (void)number;
    caught++;
}

/* What a handler should not do, and many do. */
static void change_errno(int number)
{
    (void)number;
    errno = EILSEQ;
}

static void handle(int number, int flags, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigaction(number, &action, NULL);
}

static void set_timer(int microseconds)
{
    struct itimerval timer = {{0, microseconds}, {0, microseconds}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

/* The storm breaks loose in the program's own check, right before the shim's. */
static int begin_storm(int ok, X509_STORE_CTX *store)
{
    (void)store;
    set_timer(100);
    return ok;
}

static void set_storm(SSL_CTX *ctx, int flags)
{
    handle(SIGALRM, flags, catch);
    api.SSL_CTX_set_verify(ctx, verification_mode(), begin_storm);
}

static void storm(SSL_CTX *ctx)
{
    set_storm(ctx, 0);
}

static void storm_restarting(SSL_CTX *ctx)
{
    set_storm(ctx, SA_RESTART);
}

static void end_storm(void)
{
    while (!caught) /* whatever the machine's speed: it did break loose */
        sched_yield();
    set_timer(0);
}

static void interrupted(SSL_CTX *ctx)
{
    (void)ctx;
    handle(SIGUSR2, 0, change_errno);
}

static void leave(int number)
{
    (void)number;
    _exit(7);
}

static void leave_interrupted(SSL_CTX *ctx)
{
    (void)ctx;
    handle(SIGUSR2, 0, leave);
}

struct visitor {
    pthread_t id;
    SSL_CTX *ctx;
    struct visit visit;
    bool ended; /* by itself */
};

static sem_t inside, go;

static void *visit_main(void *arg)
{
    struct visitor *visitor = arg;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    api.SSL_SESSION_free(visit_run(&visitor->visit, 0, visitor->ctx, NULL));
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
    visitor->ended = true;
    sem_post(&inside);
    return NULL;
}

static void start(struct visitor *visitor, SSL_CTX *ctx, void (*handler)(int))
{
    *visitor = (struct visitor){.ctx = ctx};
    handle(SIGUSR2, 0, handler);
    sem_init(&inside, 0, 0);
    sem_init(&go, 0, 0);
    if (pthread_create(&visitor->id, NULL, visit_main, visitor) != 0)
        die("pthread_create");
}

static void cancel_myself(int number)
{
    (void)number;
    pthread_cancel(pthread_self());
}

/* A thread that may be cancelled anywhere is, in the middle of an event; then the main thread
 * connects. */
static void cancelled(SSL_CTX *ctx)
{
    struct visitor visitor;

    start(&visitor, ctx, cancel_myself);
    pthread_join(visitor.id, NULL);
    signal(SIGUSR2, SIG_IGN);
    life_tell("cancelled", !visitor.ended);
    life_visit(1, ctx);
}

static void stay(int number)
{
    (void)number;
    handle(SIGUSR2, 0, SIG_IGN);
    sem_post(&inside);
    while (sem_wait(&go) != 0)
        ;
}

/* A child is made while another thread is in the middle of an event. */
static void forked(SSL_CTX *ctx)
{
    struct visitor visitor;
    pid_t pid;
    int status = 0;

    start(&visitor, ctx, stay);
    while (sem_wait(&inside) != 0)
        ;
    pid = fork();
    if (pid == 0) {
        life_visit(1, ctx);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        die("the child ended with status %d", status);
    sem_post(&go);
    pthread_join(visitor.id, NULL);
    report_print(&visitor.visit.report);
}

const struct life lives_of_signals[] = {
    {.name = "storm", .ready = storm, .end = end_storm},
    {.name = "storm-restarting", .ready = storm_restarting, .end = end_storm},
    {.name = "interrupted", .ready = interrupted},
    {.name = "interrupted-exit", .ready = leave_interrupted},
    {.name = "interrupted-cancel", .run = cancelled},
    {.name = "interrupted-fork", .run = forked},
    {0},
};
