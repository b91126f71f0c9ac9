/* psql: TLS starts inside PostgreSQL's own protocol, and Debian's psql is a Perl wrapper. */
#include "tests/programs/scene.h"
#include "tests/programs/servers.h"
#include "tests/support/version.h"

TestSuite(psql, .init = scene_open, .fini = scene_close);

/* libpq sends a server name since version 14. */
static void know_server_name(struct program *row)
{
    if (!version_from("psql", "--version", 14, 0))
        row->host_source = "resolver";
}

static const char *const starttls[] = {"--starttls", "postgres", "--respond", "close", NULL};

#define CONNECTION                                                                                 \
    "host=localhost port={port} user=tester dbname=postgres sslcert={cert} sslkey={key} "

#define PSQL                                                                                       \
    .name = "psql", .host = "localhost", .host_source = "sni", .output = "genuine\n",              \
    .refused_status = 2, .complaint = "SSL error: certificate verify failed",                      \
    .has_client_cert = true, .adapt = know_server_name, .serve = serve_postgresql,                 \
    .recorder = starttls

PROGRAM(psql, require, PSQL, .verification = "skipped",
        .argv = {"psql", "-XAtc", "select 'genuine'", CONNECTION "sslmode=require"})

PROGRAM(psql, verify_full, PSQL, .verification = "ok",
        .argv = {"psql", "-XAtc", "select 'genuine'",
                 CONNECTION "sslmode=verify-full sslrootcert={ca}"})
