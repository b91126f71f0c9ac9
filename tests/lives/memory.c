/* Allocations of the shim's own that fail (preload/failalloc.c): the first, the second, and so on
 * to the last; then each with all that come after it. */
#include "tests/handshake/compilation.h"
#include "tests/lives/lives.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(memory, .init = scene_open, .fini = scene_close);

enum way { RIGHT_ENFORCED, WRONG_ENFORCED, WRONG_AUDITED };

struct memory {
    enum way way;
    const char *client, *load;
    const char *mark; /* exists when something failed */
    char *bare;       /* what the client told without the shim */
    bool all;         /* what comes after fails as well */
    bool deep;        /* so does what libcrypto allocates for the shim */
};

/* The client, with the shim; `number` 0: bare. */
static struct outcome run(const struct memory *m, unsigned port, unsigned long number)
{
    char *words = scene_expand(m->client), *word;
    char *program = build_path(m->load ? "tests/tls-client-dl" : "tests/tls-client");
    char *failalloc = build_path("tests/failalloc.so"), *shim = build_path("libpinshim.so");
    struct command command = {0};
    struct outcome outcome;

    command_add(&command, program, "--load", m->load ? m->load : "plt", "--port",
                scratch_format(scene.scratch, "%u", port), NULL);
    while ((word = strsep(&words, " ")))
        if (*word)
            command_add(&command, word, NULL);
    if (number > 0) {
        command_set(&command, scratch_format(scene.scratch, "LD_PRELOAD=%s:%s", failalloc, shim));
        command_set(&command,
                    scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config));
        command_set(&command,
                    m->way == WRONG_AUDITED ? "PINSHIM_MODE=audit" : "PINSHIM_MODE=enforce");
        command_set(&command, scratch_format(scene.scratch, "PINSHIM_EVENTS=file:%s",
                                             scene.protection.events));
        command_set(&command, scratch_format(scene.scratch, "PINSHIM_FAILALLOC=%lu", number));
        command_set(&command, scratch_format(scene.scratch, "PINSHIM_FAILALLOC_MARK=%s", m->mark));
        if (m->all)
            command_set(&command, "PINSHIM_FAILALLOC_ALL=1");
        if (m->deep)
            command_set(&command, "PINSHIM_FAILALLOC_DEEP=1");
    }
    outcome = command_run(&command);
    free(program);
    free(failalloc);
    free(shim);
    return outcome;
}

/* Did the client get an answer? */
static bool works(const struct outcome *outcome)
{
    return outcome->status == 0 && strstr(outcome->out, "HTTP/1.1 200") != NULL;
}

/* Did it fail in an orderly way: its handshake, or the making of its context? */
static bool fails(const struct outcome *outcome)
{
    return outcome->status == 0 ? strstr(outcome->out, "HTTP/1.1 200") == NULL
                                : outcome->status == 2 && strstr(outcome->err, "tls-client: ");
}

static void check(const struct memory *m, const struct outcome *outcome, unsigned long number)
{
    bool good = m->way == WRONG_AUDITED && m->deep ? works(outcome)
                : m->way == WRONG_AUDITED          ? strcmp(outcome->out, m->bare) == 0
                : m->way == RIGHT_ENFORCED         ? works(outcome) || fails(outcome)
                                                   : fails(outcome);

    cr_assert(good, "allocation %lu: status %d\nstdout: %s\nstderr: %s", number, outcome->status,
              outcome->out, outcome->err);
}

/* libcrypto's are thousands, of which not every one is made to fail. Returns how many did. */
static unsigned long fail_each(struct memory *m, unsigned port)
{
    unsigned long number = 0, count = 0;
    bool failed;

    do {
        struct outcome outcome;
        unlink(m->mark);
        number += m->deep ? 1 + number / 16 : 1;
        outcome = run(m, port, number);
        count++;
        failed = access(m->mark, F_OK) == 0;
        check(m, &outcome, number);
        if (!failed)
            cr_assert_eq(works(&outcome), m->way != WRONG_ENFORCED);
        outcome_free(&outcome);
    } while (failed);
    return count - 1;
}

static const char *const server_options[] = {"--request-client-cert", NULL};

/* Returns what it told; to be freed. */
static char *run_bare(const struct memory *m)
{
    struct recorder recorder;
    struct outcome outcome;
    char *told;

    recorder_start(&recorder, &scene.pki.genuine, server_options);
    outcome = run(m, recorder.port, 0);
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

static void expect_memory(struct memory m)
{
    struct recorder recorder;
    json_t *records;

    /* One anchor: the system's are hundreds of allocations. */
    scene_policy("trust_anchors = \"%s\"\ndomain \"" HOST "\" { pins = {\"%s\"} }\n",
                 scene.pki.ca_file,
                 m.way == RIGHT_ENFORCED ? scene.pki.genuine.pin : scene.pki.mis_issued.pin);
    m.mark = scratch_path(scene.scratch, "failed");
    m.bare = run_bare(&m);
    recorder_start(&recorder, &scene.pki.genuine, server_options);
    cr_assert_gt(fail_each(&m, recorder.port), 10);
    m.all = !m.deep;
    if (m.all)
        cr_assert_gt(fail_each(&m, recorder.port), 10);
    records = recorder_stop(&recorder);
    if (m.way == WRONG_ENFORCED)
        expect_records_empty(records);
    json_decref(records);
    free(m.bare);
}

#define MEMORY(row, options, loaded)                                                               \
    Test(memory, row##_right)                                                                      \
    {                                                                                              \
        expect_memory((struct memory){RIGHT_ENFORCED, .client = options, .load = loaded});         \
    }                                                                                              \
    Test(memory, row##_wrong)                                                                      \
    {                                                                                              \
        expect_memory((struct memory){WRONG_ENFORCED, .client = options, .load = loaded});         \
    }                                                                                              \
    Test(memory, row##_audited)                                                                    \
    {                                                                                              \
        expect_memory((struct memory){WRONG_AUDITED, .client = options, .load = loaded});          \
    }

/* The compiled policy proves damaged in the handshake, and from then on there is no memory to read
 * the config with: nothing can be judged. What fails before the handshake is of other tests. */
static void expect_memory_damaged(enum way way)
{
    struct memory m = {.way = way, .client = CARELESS, .all = true};
    struct recorder recorder;
    json_t *records;

    compilation_policy(scene.pki.mis_issued.pin, MANY);
    compilation_damage();
    m.mark = scratch_path(scene.scratch, "failed");
    m.bare = run_bare(&m);
    recorder_start(&recorder, &scene.pki.genuine, server_options);
    for (unsigned long number = 1; number <= 150; number++) {
        struct outcome outcome = run(&m, recorder.port, number);
        check(&m, &outcome, number);
        outcome_free(&outcome);
    }
    records = recorder_stop(&recorder);
    if (way == WRONG_ENFORCED)
        expect_records_empty(records);
    json_decref(records);
    free(m.bare);
}

Test(memory, damaged_wrong)
{
    expect_memory_damaged(WRONG_ENFORCED);
}

Test(memory, damaged_audited)
{
    expect_memory_damaged(WRONG_AUDITED);
}

MEMORY(careless, CARELESS, NULL)
MEMORY(own_callbacks, VERIFYING "--cert-verify-callback check --info both", NULL)
MEMORY(own_lax_callbacks,
       CARELESS "--cert-verify-callback accept --cert-verify-when late --road write", NULL)
MEMORY(resuming, VERIFYING "--times 2 --resume --tls 1.2", NULL)
MEMORY(deepbind, CARELESS "--cert-verify-callback accept --info both", "deepbind")

Test(memory, libcryptos_wrong)
{
    expect_memory((struct memory){WRONG_ENFORCED, .client = CARELESS, .deep = true});
}

Test(memory, libcryptos_audited)
{
    expect_memory((struct memory){WRONG_AUDITED, .client = CARELESS, .deep = true});
}
