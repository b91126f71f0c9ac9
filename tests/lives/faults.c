#include "tests/lives/faults.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void start_server(const struct fault *f, struct recorder *recorder)
{
    const char *options[] = {"--request-client-cert", f->psk ? "--psk" : NULL, f->psk, NULL};

    recorder_start(recorder, f->server ? f->server : &scene.pki.genuine, options);
}

static const char *mark(void)
{
    return scratch_path(scene.scratch, "failed");
}

bool fault_has(const struct fault *f, const char *variable)
{
    for (size_t i = 0; i < sizeof f->more / sizeof *f->more && f->more[i]; i++)
        if (strncmp(f->more[i], variable, strlen(variable)) == 0)
            return true;
    return false;
}

/* The environment of a protected run, but for what bare ones have as well. */
static void protect_run(const struct fault *f, unsigned long number, struct command *command)
{
    char *preload = build_path(scratch_format(scene.scratch, "tests/%s", f->preload));
    char *hasten = build_path("tests/hasten.so"), *shim = build_path("libpinshim.so");
    const char *const variables[] = {
        scratch_format(scene.scratch, "LD_PRELOAD=%s:%s:%s", preload, hasten, shim),
        scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config),
        f->way == WRONG_AUDITED ? "PINSHIM_MODE=audit" : "PINSHIM_MODE=enforce",
        scratch_format(scene.scratch, "PINSHIM_EVENTS=file:%s", scene.protection.events),
        scratch_format(scene.scratch, "PINSHIM_FAIL_AT=%lu", number),
        scratch_format(scene.scratch, "PINSHIM_FAIL_MARK=%s", mark())};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        command_set(command, variables[i]);
    free(preload);
    free(hasten);
    free(shim);
}

/* The client, with the shim; `number` 0: bare. */
static struct outcome run(const struct fault *f, unsigned port, unsigned long number)
{
    char *words = scene_expand(f->client), *word;
    char *program = build_path(f->load ? "tests/tls-client-dl" : "tests/tls-client");
    struct command command = {0};
    struct outcome outcome;

    command_add(&command, program, "--load", f->load ? f->load : "plt", "--port",
                scratch_format(scene.scratch, "%u", port), NULL);
    while ((word = strsep(&words, " ")))
        if (*word)
            command_add(&command, word, NULL);
    for (size_t i = 0; i < sizeof f->more / sizeof *f->more && f->more[i]; i++)
        command_set(&command, scene_expand(f->more[i]));
    if (number > 0)
        protect_run(f, number, &command);
    outcome = command_run(&command);
    free(program);
    return outcome;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

static size_t answers(const struct outcome *outcome)
{
    return count(outcome->out, "HTTP/1.1 200");
}

static size_t connections(const struct outcome *outcome)
{
    return count(outcome->out, "\"connection\":");
}

/* All connections were answered. */
static bool works(const struct outcome *outcome)
{
    return outcome->status == 0 && answers(outcome) > 0 && answers(outcome) == connections(outcome);
}

/* It failed in an orderly way: its handshakes, all of them, or the making of its context. */
static bool fails(const struct outcome *outcome)
{
    return outcome->status == 0 ? answers(outcome) == 0
                                : outcome->status == 2 && strstr(outcome->err, "tls-client: ");
}

/* What a handshake is denied harms that connection alone: the next is as if nothing had been. */
static bool is_right(const struct fault *f, const struct outcome *outcome)
{
    if (f->unharmed)
        return works(outcome);
    if (outcome->status != 0)
        return fails(outcome);
    return !fault_has(f, "PINSHIM_FAIL_LATE") || connections(outcome) - answers(outcome) <= 1;
}

static bool answered(const json_t *report)
{
    return json_is_string(json_object_get(json_object_get(report, "read"), "answer"));
}

/* The policy has changed after the first handshake. A want that has passed by the third has left
 * nothing behind. */
static bool is_followed(const struct fault *f, const struct outcome *outcome)
{
    json_t *reports = json_lines(outcome->out), *events = events_read(scene.protection.events);
    bool second = answered(json_array_get(reports, 1)),
         third = answered(json_array_get(reports, 2));
    bool told = events_count(events, "config_error", NULL) > 0;
    bool whole = outcome->status == 0 && json_array_size(reports) == 3;

    json_decref(reports);
    json_decref(events);
    return whole && (told || !second) && !(third && (!told || !fault_has(f, "PINSHIM_FAIL_ALL")));
}

/* The events there are say what was done. */
static void check_events(const struct fault *f, const struct outcome *outcome, unsigned long number)
{
    json_t *events = events_read(scene.protection.events), *one;
    size_t allowed = 0, blocked = 0, i;

    json_array_foreach(events, i, one)
    {
        if (strcmp(field_string(one, "event"), "handshake") != 0)
            continue;
        cr_assert(f->way == RIGHT_ENFORCED || f->way == CHANGED ||
                      strcmp(field_string(one, "verdict"), "pass") != 0,
                  "call %lu: the wrong peer passed", number);
        if (strcmp(field_string(one, "action"), "allow") == 0)
            allowed++;
        else
            blocked++;
    }
    json_decref(events);
    cr_assert(f->way != WRONG_AUDITED || blocked == 0, "call %lu: blocked in audit", number);
    cr_assert(f->way != WRONG_ENFORCED || allowed == 0, "call %lu: allowed", number);
    if (outcome->status == 0)
        cr_assert(allowed <= answers(outcome) && blocked <= connections(outcome) - answers(outcome),
                  "call %lu: %zu allowed and %zu blocked\n%s", number, allowed, blocked,
                  outcome->out);
}

static void check(const struct fault *f, const struct outcome *outcome, unsigned long number)
{
    bool good = f->way == WRONG_AUDITED && f->deep ? works(outcome)
                : f->way == WRONG_AUDITED          ? strcmp(outcome->out, f->bare) == 0
                : f->way == RIGHT_ENFORCED         ? is_right(f, outcome)
                : f->way == CHANGED                ? is_followed(f, outcome)
                                                   : fails(outcome);

    cr_assert(good, "call %lu: status %d\nbare:   %s\nstdout: %s\nstderr: %s", number,
              outcome->status, f->bare, outcome->out, outcome->err);
    check_events(f, outcome, number);
}

/* libcrypto's calls are thousands, of which not every one is denied. */
static unsigned long run_each(struct fault *f, unsigned port)
{
    unsigned long number = 0, denied = 0;
    bool failed;

    do {
        struct outcome outcome;
        unlink(mark());
        unlink(scene.protection.events);
        if (f->before)
            f->before();
        number += f->deep ? 1 + number / 16 : 1;
        outcome = run(f, port, number);
        failed = access(mark(), F_OK) == 0;
        check(f, &outcome, number);
        if (!failed && f->way != CHANGED)
            cr_assert_eq(works(&outcome), f->way != WRONG_ENFORCED);
        denied += failed;
        outcome_free(&outcome);
    } while (failed && (f->stop == 0 || denied < f->stop));
    return denied;
}

/* Returns what it told; to be freed. */
static char *run_bare(const struct fault *f)
{
    struct recorder recorder;
    struct outcome outcome;
    char *told;

    start_server(f, &recorder);
    outcome = run(f, recorder.port, 0);
    cr_assert(works(&outcome), "%s%s", outcome.out, outcome.err);
    told = strdup(outcome.out);
    outcome_free(&outcome);
    json_decref(recorder_stop(&recorder));
    return told;
}

/* No server got anything of any connection. */
static void expect_records_empty(const json_t *records)
{
    json_t *one;
    size_t i;

    json_array_foreach(records, i, one)
    {
        cr_assert_not(field_true(one, "client_cert"));
        cr_assert_eq(field_number(one, "app_bytes"), 0);
    }
}

unsigned long fault_each(struct fault *f)
{
    struct recorder recorder;
    unsigned long denied;
    json_t *records;

    f->bare = run_bare(f);
    start_server(f, &recorder);
    denied = run_each(f, recorder.port);
    records = recorder_stop(&recorder);
    if (f->way == WRONG_ENFORCED)
        expect_records_empty(records);
    json_decref(records);
    free(f->bare);
    return denied;
}
