/* redis-cli: sends no server name, so the peer's is the one it resolved. */
#include "tests/programs/scene.h"
#include "tests/programs/servers.h"
#include "tests/support/version.h"

TestSuite(redis, .init = scene_open, .fini = scene_close);

static const char *const pong[] = {"--respond", "redis", NULL};

/* Refused at its start, it tries once more for the command; 6.0 gives up. */
static void count_attempts(struct program *row)
{
    row->attempts = version_from("redis-cli", "--version", 7, 0) ? 2 : 1;
}

static void need_insecure(struct program *row)
{
    count_attempts(row);
    if (!version_from("redis-cli", "--version", 6, 2))
        cr_skip_test("this redis-cli always verifies: it has no --insecure");
}

#define REDIS                                                                                      \
    .name = "redis-cli", .host = "localhost", .host_source = "resolver", .output = "PONG\n",       \
    .refused_status = 1, .complaint = "certificate verify failed", .has_client_cert = true,        \
    .serve = serve_redis, .recorder = pong

PROGRAM(redis, verifying, REDIS, .verification = "ok", .adapt = count_attempts,
        .argv = {"redis-cli", "--tls", "-h", "localhost", "-p", "{port}", "--cacert", "{ca}",
                 "--cert", "{cert}", "--key", "{key}", "PING"})

PROGRAM(redis, insecure, REDIS, .verification = "skipped", .adapt = need_insecure,
        .argv = {"redis-cli", "--tls", "--insecure", "-h", "localhost", "-p", "{port}", "--cert",
                 "{cert}", "--key", "{key}", "PING"})
