/* Ends of a process: in the middle of a handshake, right after it, and with handshakes in what
 * runs at exit. */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/verification.h"
#include "tests/client/life.h"
#include "tests/client/options.h"

enum { STATUS = 7 };

static void (*leave)(int status);
static bool in_destructor;

static void leave_after(void)
{
    leave(STATUS);
}

/* The program's own check, in the middle of the handshake. */
static int leave_inside(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    leave(STATUS);
    return 0;
}

static void set_leave(SSL_CTX *ctx)
{
    api.SSL_CTX_set_verify(ctx, verification_mode(), leave_inside);
}

static void by_exit(void)
{
    leave = exit;
}

static void by_quick_exit(void)
{
    leave = quick_exit;
}

static void by_underscore_exit(void)
{
    leave = _exit;
}

static void last_visit(void)
{
    SSL_CTX *ctx = context_new();

    life_visit(0, ctx);
    api.SSL_CTX_free(ctx);
}

/* Late enough to come before OpenSSL's own. */
static void visit_at_exit(SSL_CTX *ctx)
{
    (void)ctx;
    atexit(last_visit);
}

static void visit_at_quick_exit(SSL_CTX *ctx)
{
    (void)ctx;
    leave = quick_exit;
    if (at_quick_exit(last_visit) != 0)
        die("at_quick_exit");
}

/* OpenSSL must not have been cleaned up by then. */
static void visit_in_destructor(void)
{
    if (api.OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
        die("OPENSSL_init_ssl");
    in_destructor = true;
}

__attribute__((destructor)) static void destroy(void)
{
    if (in_destructor)
        last_visit();
}

const struct life lives_of_ends[] = {
    {.name = "exit", .loaded = by_exit, .end = leave_after},
    {.name = "quick_exit", .loaded = by_quick_exit, .end = leave_after},
    {.name = "_exit", .loaded = by_underscore_exit, .end = leave_after},
    {.name = "exit-inside", .loaded = by_exit, .ready = set_leave},
    {.name = "quick_exit-inside", .loaded = by_quick_exit, .ready = set_leave},
    {.name = "_exit-inside", .loaded = by_underscore_exit, .ready = set_leave},
    {.name = "atexit", .ready = visit_at_exit},
    {.name = "at_quick_exit", .ready = visit_at_quick_exit, .end = leave_after},
    {.name = "destructor", .loaded = visit_in_destructor},
    {0},
};
