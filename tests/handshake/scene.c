#include "tests/handshake/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 32

struct scene scene; /* each test is a process of its own */

void scene_open(void)
{
    scene.scratch = scratch_new();
    pki_make(&scene.pki, scene.scratch, PKI_P256);
}

void scene_close(void)
{
    background_kill_all();
    pki_free(&scene.pki);
    scratch_free(scene.scratch);
}

void scene_pin(const char *pin)
{
    scene_policy("domain \"" HOST "\" {\n    pins = {\"%s\"}\n}\n", pin);
}

static const char *meaning(const char *word, size_t length)
{
    const struct {
        const char *word, *value;
    } words[] = {
        {"ca", scene.pki.ca_file},
        {"cert", scene.pki.client.chain_file},
        {"key", scene.pki.client.key_file},
        {"dir", scratch_dir(scene.scratch)},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0)
            return words[i].value;
    cr_assert_fail("{%.*s} stands for nothing", (int)length, word);
    return "";
}

char *scene_expand(const char *text)
{
    char *expanded = scratch_format(scene.scratch, "%s", "");
    const char *brace;

    while ((brace = strchr(text, '{'))) {
        size_t word = strcspn(brace, "}");
        expanded = scratch_format(scene.scratch, "%s%.*s%s", expanded, (int)(brace - text), text,
                                  meaning(brace + 1, word - 1));
        text = brace + word + 1;
    }
    return scratch_format(scene.scratch, "%s%s", expanded, text);
}

/* Splits options into words. Returns how many; the array ends with NULL. */
static size_t split(const char *options, const char *words[WORDS_MAX + 1])
{
    char *rest = scene_expand(options ? options : ""), *word;
    size_t count = 0;

    while ((word = strsep(&rest, " "))) {
        cr_assert(count < WORDS_MAX, "too many words: %s", options);
        if (*word)
            words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

/* With the shim inside a client, nobody asks dlsym of its hooks; and no sanitizer knows of
 * RTLD_DEEPBIND. */
static void skip_without_dlsym(const char *load)
{
    if (shim_is_inside() && load && strcmp(load, "plugin") != 0)
        cr_skip_test("this client cannot --load %s", load);
}

void scene_client(struct trip trip, const struct recorder recorders[2], struct command *command)
{
    const char *words[WORDS_MAX + 1];
    char *path = build_path(trip.load ? "tests/tls-client-dl" : "tests/tls-client");

    command_add(command, scratch_format(scene.scratch, "%s", path), "--load",
                trip.load ? trip.load : "plt", "--port",
                scratch_format(scene.scratch, "%u", recorders[0].port), NULL);
    if (trip.second)
        command_add(command, "--port2", scratch_format(scene.scratch, "%u", recorders[1].port),
                    NULL);
    split(trip.client, words);
    for (size_t i = 0; words[i]; i++)
        command_add(command, words[i], NULL);
    if (trip.program)
        command_set(command, scratch_format(scene.scratch, "PINSHIM_PROGRAM=%s", trip.program));
    free(path);
}

/* A server's records, in the order in which it accepted the connections. */
static void add_records(json_t *all, struct recorder *recorder)
{
    json_t *records = recorder_stop(recorder), *one;
    size_t count = json_array_size(records), i;

    for (size_t number = 0; number < count; number++)
        json_array_foreach(records, i, one)
        {
            if (field_number(one, "number") == (long)number)
                json_array_append(all, one);
        }
    json_decref(records);
}

/* The command, begun by a shell that runs `shell` first. */
static struct command behind_shell(const struct command *command, const char *shell)
{
    struct command all = *command;

    all.argc = 0;
    command_add(&all, "sh", "-c", scratch_format(scene.scratch, "%s; exec \"$@\"", shell), "sh",
                NULL);
    for (size_t i = 0; i < command->argc; i++)
        command_add(&all, command->argv[i], NULL);
    return all;
}

void scene_servers(struct trip trip, struct recorder recorders[2])
{
    const char *options[WORDS_MAX + 1];

    split(trip.server, options);
    recorder_start(&recorders[0], trip.identity, options);
    if (trip.second)
        recorder_start(&recorders[1], trip.second, options);
}

/* Puts a client before its servers: under `pinshim run` with a mode, else with what is added to its
 * environment. */
static struct result run(struct trip trip, const char *mode, const char *const *environment)
{
    struct recorder recorders[2];
    struct command bare = {.directory = trip.directory, .user = trip.user}, shielded;
    struct result result = {0};

    skip_without_dlsym(trip.load);
    scene_servers(trip, recorders);
    scene.ports[0] = recorders[0].port;
    scene.ports[1] = trip.second ? recorders[1].port : 0;
    if (trip.policy)
        trip.policy(recorders[0].port);
    scene_client(trip, recorders, &bare);
    for (; environment && *environment; environment++)
        command_set(&bare, *environment);
    for (const char *const *more = trip.environment; more && *more; more++)
        command_set(&bare, scene_expand(*more));
    if (mode)
        protect(&scene.protection, scene.scratch, mode, &bare, &shielded);
    if (trip.shell)
        bare = behind_shell(&bare, trip.shell);
    if (trip.shell && mode)
        shielded = behind_shell(&shielded, trip.shell);
    result.outcome = command_run(mode ? &shielded : &bare);
    result.port = recorders[0].port;
    result.records = json_array();
    add_records(result.records, &recorders[0]);
    if (trip.second)
        add_records(result.records, &recorders[1]);
    cr_assert_eq(result.outcome.status, trip.status,
                 "the client ended with status %d\nstdout: %s\nstderr: %s", result.outcome.status,
                 result.outcome.out, result.outcome.err);
    result.reports = json_lines(result.outcome.out);
    return result;
}

struct result scene_run(struct trip trip, const char *mode)
{
    struct result result = run(trip, mode, NULL);

    result.events = mode ? events_read(scene.protection.events) : json_array();
    return result;
}

struct result scene_run_in(struct trip trip, const char *const *environment)
{
    const char *all[COMMAND_VARIABLES + 1] = {0};
    char *shim = shim_is_inside() ? NULL : build_path("libpinshim.so");
    size_t count = 0;

    if (shim && (!*environment || strncmp(*environment, "LD_PRELOAD=", 11) != 0))
        all[count++] = scratch_format(scene.scratch, "LD_PRELOAD=%s", shim);
    for (; *environment && count < COMMAND_VARIABLES; environment++)
        all[count++] = scene_expand(*environment);
    struct result result = run(trip, NULL, all);
    result.events = events_read(scratch_path(scene.scratch, "events.jsonl"));
    free(shim);
    return result;
}

void result_free(struct result *result)
{
    outcome_free(&result->outcome);
    json_decref(result->reports);
    json_decref(result->records);
    json_decref(result->events);
}

const json_t *result_report(const struct result *result)
{
    size_t count = json_array_size(result->reports);

    cr_assert(count > 0, "no report; stderr: %s", result->outcome.err);
    return json_array_get(result->reports, count - 1);
}

/* The value at a path of names, NULL where it ends. */
static const json_t *at(const json_t *object, const char *path)
{
    while (object && *path) {
        size_t length = strcspn(path, ".");
        object = json_object_get(object, scratch_format(scene.scratch, "%.*s", (int)length, path));
        path += length + (path[length] == '.');
    }
    return object;
}

long result_number(const struct result *result, const char *path)
{
    const json_t *value = at(result_report(result), path);

    cr_assert(json_is_integer(value), "no %s in %s", path, result->outcome.out);
    return (long)json_integer_value(value);
}

static const char *text_of(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT), *kept = scratch_format(scene.scratch, "%s", text);

    free(text);
    return kept;
}

void expect_works(const struct result *result)
{
    const char *answer = json_string_value(at(result_report(result), "read.answer"));

    cr_assert(answer && strstr(answer, "genuine"), "no answer: %s\nstderr: %s", result->outcome.out,
              result->outcome.err);
}

void expect_same(const struct result *bare, const struct result *protected)
{
    size_t i;
    json_t *one;

    cr_assert_eq(json_array_size(bare->reports), json_array_size(protected->reports));
    json_array_foreach(bare->reports, i, one)
    {
        const json_t *other = json_array_get(protected->reports, i);
        cr_assert(json_equal(one, (json_t *)other),
                  "connection %zu differs\n     bare: %s\nprotected: %s", i, text_of(one),
                  text_of(other));
    }
    cr_assert_str_eq(protected->outcome.err, bare->outcome.err);
    cr_assert_str_eq(protected->outcome.out, bare->outcome.out);
    cr_assert(json_equal(bare->records, protected->records),
              "the server saw\n     bare: %s\nprotected: %s", text_of(bare->records),
              text_of(protected->records));
}

void expect_nothing_sent(const struct result *result, size_t from)
{
    cr_assert_gt(json_array_size(result->records), from, "the server saw no connection");
    for (size_t i = from; i < json_array_size(result->records); i++) {
        const json_t *one = json_array_get(result->records, i);
        cr_assert_not(field_true(one, "client_cert"), "the server saw %s", text_of(one));
        cr_assert_eq(field_number(one, "app_bytes"), 0, "the server saw %s", text_of(one));
    }
}

/* libssl's own error comes first, for that is the one that programs look at. */
static void expect_queue(const json_t *call)
{
    const json_t *first = json_array_get(at(call, "queue"), 0);
    const char *data = json_string_value(at(first, "data"));

    cr_assert(first, "the error queue is empty: %s", text_of(call));
    cr_assert_str_eq(field_string(first, "lib"), "SSL routines", "%s", text_of(call));
    cr_assert_str_eq(field_string(first, "reason"), "certificate verify failed", "%s",
                     text_of(call));
    data = data ? strstr(data, "pinshim: blocked ") : NULL;
    cr_assert(data, "no words in the error queue: %s", text_of(call));
    cr_assert_null(strstr(data + 1, "pinshim: "), "words twice: %s", text_of(call));
}

void expect_refused_quietly(const struct result *result)
{
    const json_t *report = result_report(result), *call = at(report, "handshake");
    const char *answer = json_string_value(at(report, "read.answer"));

    expect_nothing_sent(result, json_array_size(result->records) - 1);
    cr_assert_leq(field_number(call, "return"), 0, "%s", text_of(call));
    cr_assert_eq(field_number(call, "error"), 1 /* SSL_ERROR_SSL */, "%s", text_of(call));
    cr_assert_eq(result_number(result, "state.verify_result"),
                 50 /* X509_V_ERR_APPLICATION_VERIFICATION */, "%s", text_of(report));
    expect_queue(call);
    cr_assert(!answer || !*answer, "an answer: %s", text_of(report));
}

void expect_refused(const struct result *result)
{
    expect_refused_quietly(result);
    cr_assert(strstr(result->outcome.err, "pinshim: blocked "), "stderr: %s", result->outcome.err);
}

const json_t *expect_verdict(const struct result *result, const char *verdict, const char *reason,
                             const char *action, const char *would)
{
    const json_t *event = events_last(result->events, "handshake", NULL);

    cr_assert_eq(events_count(result->events, "config_error", NULL), 0);
    expect_string(event, "verdict", verdict);
    expect_string(event, "reason", reason);
    expect_string(event, "action", action);
    expect_string(event, "would", would);
    return event;
}

void expect_invisible(struct trip trip, const char *mode, const char *verdict, const char *reason,
                      const char *would)
{
    struct result bare = scene_run(trip, NULL), protected = scene_run(trip, mode);

    expect_works(&bare);
    expect_same(&bare, &protected);
    expect_verdict(&protected, verdict, reason, "allow", would);
    result_free(&bare);
    result_free(&protected);
}

void expect_refusal(struct trip trip, const char *reason)
{
    struct result bare = scene_run(trip, NULL), protected = scene_run(trip, "enforce");

    expect_works(&bare);
    expect_refused(&protected);
    expect_verdict(&protected, "fail", reason, "block", "block");
    result_free(&bare);
    result_free(&protected);
}

struct trip scene_trip(const struct identity *identity, bool verifying)
{
    return (struct trip){.client = verifying ? VERIFYING : CARELESS,
                         .server = "--request-client-cert",
                         .identity = identity};
}

void expect_pass(struct trip trip, const char *reason, const char *pin, const char *position)
{
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");

    expect_works(&bare);
    expect_same(&bare, &enforce);
    const json_t *event = expect_verdict(&enforce, "pass", reason, "allow", "allow");
    expect_string(event, "pin", pin);
    expect_string(event, "pin_position", position);
    result_free(&bare);
    result_free(&enforce);
}

void expect_closed(const struct result *result)
{
    const json_t *event = events_last(result->events, "handshake", NULL);

    expect_refused(result);
    expect_nothing_sent(result, 0);
    expect_string(event, "verdict", "fail");
    expect_string(event, "reason", "config_error");
    expect_string(event, "action", "block");
}
