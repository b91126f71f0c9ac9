/* docs/trial.md as a test: from the first audit of two real programs to the refusal of a mis-issued
 * certificate. A reverse proxy, and a batch as cron would run it, with curl and psql. */
#include "tests/programs/scene.h"
#include "tests/programs/servers.h"
#include "tests/programs/upstream.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/events.h"

static struct {
    struct scene scene;
    struct identity database;
    struct recorder web;
    unsigned web_port, database_port;
    const char *config, *proxy_events, *batch_events;
} trial;

static void open_trial(void)
{
    struct scratch *scratch = trial.scene.scratch = scratch_new();

    pki_make(&trial.scene.pki, scratch, PKI_P256);
    pki_issue(scratch, "database", &trial.scene.pki.intermediate,
              &(struct request){.names = "DNS:localhost"}, &trial.database);
    trial.proxy_events = scratch_path(scratch, "proxy.jsonl");
    trial.batch_events = scratch_path(scratch, "cron.jsonl");
}

static void close_trial(void)
{
    background_kill_all();
    identity_free(&trial.database);
    pki_free(&trial.scene.pki);
    scratch_free(trial.scene.scratch);
}

TestSuite(trial, .init = open_trial, .fini = close_trial);

static char *pinshim(void)
{
    char *built = build_path("pinshim"), *path = scratch_format(trial.scene.scratch, "%s", built);

    free(built);
    return path;
}

/* A web server that records, with this certificate. */
static void serve_web(const struct identity *identity)
{
    recorder_start(&trial.web, identity, (const char *const[]){"--request-client-cert", NULL});
    trial.web_port = trial.web.port;
}

/* "pinshim run" for the config in force; nothing but the environment has the mode. */
static void protect_by(struct command *command, const char *mode, const char *events)
{
    struct scratch *scratch = trial.scene.scratch;

    command_set(command, scratch_format(scratch, "PINSHIM_MODE=%s", mode));
    command_add(command, pinshim(), "run", "-c", trial.config, "-e",
                scratch_format(scratch, "file:%s", events), "--", NULL);
}

/* The proxy, asked once. */
static struct outcome run_proxy(const char *mode)
{
    struct scratch *scratch = trial.scene.scratch;
    struct command command = {0};

    trial.scene.port = trial.web_port;
    scratch_text(
        scratch, "program.conf", 0644, "%s",
        scene_expand(&trial.scene, NGINX_CONFIG("error.log info", "",
                                                "proxy_pass https://127.0.0.1:{port};"
                                                "proxy_ssl_server_name on;"
                                                "proxy_ssl_name api.example.test;"
                                                "proxy_ssl_verify on; proxy_ssl_verify_depth 2;"
                                                "proxy_ssl_trusted_certificate {ca};")));
    protect_by(&command, mode, trial.proxy_events);
    command_add(&command, "nginx", "-p", scratch_dir(scratch), "-c",
                scratch_path(scratch, "program.conf"), NULL);
    if (nginx_has_early_log())
        command_add(&command, "-e", scratch_path(scratch, "error.log"), NULL);
    return upstream_ask(&trial.scene, &command);
}

/* The batch: it fetches, and stores what it fetched. Its status is curl's. */
static struct outcome run_batch(const char *mode)
{
    struct scratch *scratch = trial.scene.scratch;
    const char *ca = trial.scene.pki.ca_file;
    const char *script =
        scratch_format(scratch,
                       "curl -sS --cacert %s --resolve api.example.test:%u:127.0.0.1 "
                       "https://api.example.test:%u/; fetched=$?\n"
                       "psql -XAtc \"select 'stored'\" 'host=localhost port=%u user=tester "
                       "dbname=postgres sslmode=verify-full sslrootcert=%s' || exit 99\n"
                       "exit $fetched\n",
                       ca, trial.web_port, trial.web_port, trial.database_port, ca);
    struct command command = {0};

    protect_by(&command, mode, trial.batch_events);
    command_add(&command, "sh", "-c", script, NULL);
    return command_run(&command);
}

static void expect(struct outcome outcome, int status, const char *out)
{
    cr_assert(outcome.status == status && strcmp(outcome.out, out) == 0,
              "status %d instead of %d\nstdout: %s\nstderr: %s", outcome.status, status,
              outcome.out, outcome.err);
    outcome_free(&outcome);
}

/* Traffic that works. */
static void expect_served(const char *mode)
{
    expect(run_proxy(mode), 0, "genuine\n200\n");
    expect(run_batch(mode), 0, "genuine\nstored\n");
}

/* "pinshim COMMAND ... proxy.jsonl cron.jsonl". */
static struct outcome judge(const char *const *arguments)
{
    struct command command = {0};

    command_add(&command, pinshim(), NULL);
    for (; *arguments; arguments++)
        command_add(&command, *arguments, NULL);
    command_add(&command, trial.proxy_events, trial.batch_events, NULL);
    return command_run(&command);
}
#define JUDGE(...) judge((const char *const[]){__VA_ARGS__, NULL})

static void expect_says(struct outcome outcome, int status, const char *const *says)
{
    cr_assert_eq(outcome.status, status, "status %d instead of %d\nstdout: %s\nstderr: %s",
                 outcome.status, status, outcome.out, outcome.err);
    for (; *says; says++)
        cr_assert(strstr(outcome.out, *says), "no \"%s\" in: %s", *says, outcome.out);
    outcome_free(&outcome);
}
#define SAYS(outcome, status, ...)                                                                 \
    expect_says(outcome, status, (const char *const[]){__VA_ARGS__, NULL})

/* No section yet: the report names what was seen, and learn proposes pins for it. */
static void learn_from_first_audit(void)
{
    struct scratch *scratch = trial.scene.scratch;
    const char *learned = scratch_path(scratch, "learned.conf"), *text;
    struct command check = {0};

    trial.config = scratch_text(scratch, "first.conf", 0600, "mode = \"audit\"\n");
    expect_served("audit");
    SAYS(JUDGE("report"), 1, "3 connections by 3 programs on 2 machines to 2 hosts",
         "NO SECTION NAMES THEM", "api.example.test", "localhost",
         "Not ready: no connection to a domain of the policy was seen.");
    expect(JUDGE("learn", "-o", learned), 0, "");
    text = scratch_read(scratch, learned);
    cr_assert(strstr(text, "domain \"api.example.test\" {"), "%s", text);
    cr_assert(strstr(text, "domain \"localhost\" {"), "%s", text);
    cr_assert(strstr(text, trial.scene.pki.genuine.pin), "%s", text);
    cr_assert(strstr(text, trial.database.pin), "%s", text);
    command_add(&check, pinshim(), "check", learned, NULL);
    SAYS(command_run(&check), 0, "2 sections, 2 pins, mode audit");
    trial.config = learned;
}

/* The pins hold, and have not been watched for long. */
static void watch_the_proposal(void)
{
    expect_served("audit");
    SAYS(JUDGE("report"), 1, "3 connections under policies no longer in use do not count.",
         "passed 2 times, and 10 are asked for; watched for 0 days, and 7 are asked for",
         "Nothing was seen that enforce blocks.", "Not ready: 0 of 2 domains are ready.");
    SAYS(JUDGE("report", "--min-connections", "1", "--min-days", "0"), 0,
         "Ready: enforce would have changed nothing for 2 domains.");
}

/* Audit lets it through, which the server sees; the report tells. */
static void meet_mis_issued(void)
{
    json_t *records, *report, *row;
    const char *page = scratch_path(trial.scene.scratch, "page.html");
    struct outcome outcome;

    serve_web(&trial.scene.pki.mis_issued);
    expect_served("audit");
    records = recorder_stop(&trial.web);
    cr_assert_eq(json_array_size(records), 2);
    cr_assert_gt(field_number(json_array_get(records, 0), "app_bytes"), 0);
    json_decref(records);

    outcome =
        JUDGE("report", "--json", "--html", page, "--min-connections", "1", "--min-days", "0");
    cr_assert_eq(outcome.status, 1, "%s", outcome.err);
    report = json_loads(outcome.out, 0, NULL);
    outcome_free(&outcome);
    row = json_array_get(json_object_get(report, "domains"), 0);
    expect_string(row, "domain", "api.example.test");
    cr_assert_not(field_true(row, "ready"));
    expect_number(row, "would_block", 2);
    cr_assert(field_true(json_array_get(json_object_get(report, "domains"), 1), "ready"));
    row = json_array_get(json_object_get(report, "inspection"), 0);
    expect_string(row, "inspection", "other key"); /* by the CA that signed the genuine one */
    expect_string(row, "host", "api.example.test");
    cr_assert(strstr(scratch_read(trial.scene.scratch, page), "not ready"));
    json_decref(report);
}

/* By the environment alone: the same certificate, and not an octet for its server. */
static void enforce(void)
{
    struct outcome proxy, batch;
    json_t *records, *one;
    size_t i;

    serve_web(&trial.scene.pki.mis_issued);
    proxy = run_proxy("enforce");
    batch = run_batch("enforce");
    records = recorder_stop(&trial.web);
    cr_assert_eq(proxy.status, 22, "status %d: %s", proxy.status, proxy.err); /* nginx's 502 */
    cr_assert_eq(batch.status, 60, "status %d: %s", batch.status, batch.err);
    cr_assert_str_eq(batch.out, "stored\n"); /* the database is who it was */
    cr_assert(strstr(batch.err, "pinshim: blocked api.example.test"), "%s", batch.err);
    cr_assert_eq(json_array_size(records), 2);
    json_array_foreach(records, i, one)
    {
        cr_assert_not(field_true(one, "handshake"));
        cr_assert_not(field_true(one, "client_cert"));
        expect_number(one, "app_bytes", 0);
    }
    json_decref(records);
    outcome_free(&proxy);
    outcome_free(&batch);
}

Test(trial, from_audit_to_enforce)
{
    serve_postgresql(&trial.scene, &trial.database);
    trial.database_port = trial.scene.port;
    serve_web(&trial.scene.pki.genuine);
    learn_from_first_audit();
    watch_the_proposal();
    json_decref(recorder_stop(&trial.web));

    meet_mis_issued();
    enforce();

    serve_web(&trial.scene.pki.genuine);
    expect_served("enforce");
    json_decref(recorder_stop(&trial.web));
}
