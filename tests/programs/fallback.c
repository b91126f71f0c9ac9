/* psql with sslmode=prefer, its default, goes on in clear text when the handshake is refused; a
 * response that ends it does not let it (docs/limits.md). */
#include <signal.h>
#include <string.h>

#include "tests/programs/scene.h"
#include "tests/programs/servers.h"

static struct scene own;

static void open_own(void)
{
    own.scratch = scratch_new();
    pki_make(&own.pki, own.scratch, PKI_P256);
    serve_postgresql(&own, &own.pki.mis_issued);
}

static void close_own(void)
{
    background_kill_all();
    pki_free(&own.pki);
    scratch_free(own.scratch);
}

TestSuite(fallback, .init = open_own, .fini = close_own);

static struct outcome query(const char *responses)
{
    struct command psql = {0}, protected = {0};

    protection_write(&own.protection, own.scratch,
                     "domain \"localhost\" {\n    pins = {\"%s\"}\n    %s\n}\n",
                     own.pki.genuine.pin, responses);
    command_add(&psql, "psql", "-XAtc", "select 'in the clear'",
                scene_expand(&own, "host=localhost port={port} user=tester dbname=postgres "
                                   "sslmode=prefer"),
                NULL);
    protect(&own.protection, own.scratch, "enforce", &psql, &protected);
    return command_run(&protected);
}

Test(fallback, psql_refused)
{
    struct outcome outcome = query("");

    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    cr_assert(strstr(outcome.out, "in the clear"), "%s", outcome.out);
    outcome_free(&outcome);
}

Test(fallback, psql_terminated)
{
    struct outcome outcome = query("on_failure = {terminate} signal = KILL");

    cr_assert_eq(outcome.status, 128 + SIGKILL, "%s%s", outcome.out, outcome.err);
    cr_assert_str_empty(outcome.out);
    cr_assert(strstr(outcome.err, "pinshim: blocked localhost"), "%s", outcome.err);
    outcome_free(&outcome);
}
