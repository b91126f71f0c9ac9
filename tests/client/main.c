/* An ordinary client of OpenSSL that tells all it can observe, a line of JSON a connection. It
 * knows nothing of pinshim; tests run it bare and protected, and compare. */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/life.h"
#include "tests/client/libctx.h"
#include "tests/client/options.h"
#include "tests/client/pause.h"
#include "tests/client/resolver.h"
#include "tests/client/rights.h"
#include "tests/client/roads_quic.h"
#include "tests/client/server_role.h"
#include "tests/client/session_file.h"
#include "tests/client/roads.h"
#include "tests/client/threads.h"
#include "tests/client/twin.h"
#include "tests/client/visit.h"

/* An allocator of the program's own: what OpenSSL frees through it must have come from it, and
 * nobody may have written behind its end, also far behind. */

enum { FENCE = 4096, POST = 0x5a };

struct block {
    _Alignas(max_align_t) char mark[16];
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

static const char mark[] = "from this alloc";

static void *fence(struct block *block, size_t size)
{
    if (!block)
        return NULL;
    memcpy(block->mark, mark, sizeof mark);
    block->size = size;
    memset(block->bytes + size, POST, FENCE);
    return block->bytes;
}

static struct block *block_of(void *pointer)
{
    struct block *block = (void *)((char *)pointer - offsetof(struct block, bytes));

    if (memcmp(block->mark, mark, sizeof mark) != 0)
        die("%p is not from this allocator", pointer);
    for (size_t i = 0; i < FENCE; i++)
        if (block->bytes[block->size + i] != POST)
            die("a block of %zu was written to at %zu", block->size, block->size + i);
    return block;
}

static void *take(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return fence(malloc(sizeof(struct block) + size + FENCE), size);
}

static void give(void *pointer, const char *file, int line)
{
    (void)file, (void)line;
    if (pointer)
        free(block_of(pointer));
}

static void *resize(void *pointer, size_t size, const char *file, int line)
{
    if (!pointer)
        return take(size, file, line);
    return fence(realloc(block_of(pointer), sizeof(struct block) + size + FENCE), size);
}

/* In a child, as the options say; the parent waits, and ends as the child did. */
static void fork_when(const char *when)
{
    int status;
    pid_t pid;

    if (!option_is(options.fork, when))
        return;
    pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        return;
    if (waitpid(pid, &status, 0) != pid)
        die("waitpid");
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* One after the other. */
static void run_in_turn(SSL_CTX *ctx)
{
    unsigned times = (unsigned)atoi(options.times);
    SSL_SESSION *session = options.session_in ? session_file_read(options.session_in) : NULL;
    SSL_SESSION *next;

    for (unsigned i = 0; i < times && pause_before(i); i++) {
        struct visit visit;
        server_role_run(ctx);
        next = visit_run(&visit, i, ctx, session);
        report_print(&visit.report);
        if (options.session_out && i + 1 == times)
            session_file_write(options.session_out, next);
        api.SSL_SESSION_free(session);
        session = options.resume ? next : NULL;
        if (!options.resume)
            api.SSL_SESSION_free(next);
        if (i == 0) {
            libctx_change("between");
            fork_when("between");
            rights_drop();
        }
    }
    api.SSL_SESSION_free(session);
}

/* Of the kinds that a write brings, and another. */
static void leave_signals_pending(void)
{
    static const int signals[] = {SIGPIPE, SIGXFSZ, SIGUSR1};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        raise(signals[i]);
}

/* Once more, with OpenSSL loaded anew. */
static void run_again(void)
{
    SSL_CTX *ctx;

    api_unload();
    api_load(options.load);
    ctx = context_new();
    run_in_turn(ctx);
    api.SSL_CTX_free(ctx);
}

int main(int argc, char **argv)
{
    SSL_CTX *ctx = NULL;

    signal(SIGPIPE, SIG_IGN);
    options_parse(argc, argv);
    life_start(argv);
    if (options.pending_signals)
        leave_signals_pending();
    if (options.apart && !dlmopen(LM_ID_NEWLM, options.apart, RTLD_NOW))
        die("%s", dlerror());
    api_load(options.load);
    if (options.mem_functions && api.CRYPTO_set_mem_functions(take, resize, give) != 1)
        die("CRYPTO_set_mem_functions came too late");
    if (options.renegotiate)
        request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    quic_beside();
    if (!options.alone)
        resolver_run();
    fork_when("before");
    if (options.twin) {
        twin_run();
        return 0;
    }
    libctx_change("before");
    life_loaded();
    if (!options.alone)
        ctx = context_new();
    libctx_change("after");
    fork_when("after");
    life_ready(ctx);
    if (life_run(ctx))
        ;
    else if (options.threads)
        threads_run(ctx);
    else
        run_in_turn(ctx);
    life_end();
    api.SSL_CTX_free(ctx);
    if (options.reload)
        run_again();
    return 0;
}
