#include "tests/programs/scene.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/events.h"

static struct scene scene; /* each test is a process of its own */

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

/* What a {word} stands for. */
static const char *meaning(struct scene *s, const char *word, size_t length)
{
    const struct {
        const char *word, *value;
    } words[] = {
        {"port", scratch_format(s->scratch, "%u", s->port)},
        {"ca", s->pki.ca_file},
        {"cert", s->pki.client.chain_file},
        {"key", s->pki.client.key_file},
        {"dir", scratch_dir(s->scratch)},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0)
            return words[i].value;
    return NULL;
}

char *scene_expand(struct scene *s, const char *text)
{
    char *expanded = scratch_format(s->scratch, "%s", "");

    while (*text) {
        size_t plain = strcspn(text, "{");
        size_t word = text[plain] ? strcspn(text + plain, "}") : 0;
        const char *value = word ? meaning(s, text + plain + 1, word - 1) : NULL;
        if (value)
            expanded = scratch_format(s->scratch, "%s%.*s%s", expanded, (int)plain, text, value);
        else /* a brace that is the program's own, or the rest */
            expanded = scratch_format(s->scratch, "%s%.*s", expanded, (int)plain + !!word, text);
        text += plain + (value ? word + 1 : !!word);
    }
    return expanded;
}

/* A server that would serve the program well, with this certificate. */
static void serve(const struct program *program, const struct identity *identity)
{
    struct recorder recorder;

    if (program->serve) {
        program->serve(&scene, identity);
        return;
    }
    recorder_start(&recorder, identity, program->recorder);
    scene.port = recorder.port;
}

/* The server that records, and asks for a client certificate. */
static void record(const struct program *program, struct recorder *recorder)
{
    const char *options[16] = {"--request-client-cert"};

    for (size_t i = 0; program->recorder && program->recorder[i]; i++)
        options[i + 1] = program->recorder[i];
    recorder_start(recorder, &scene.pki.mis_issued, options);
    scene.port = recorder->port;
}

/* Runs the program, bare when `mode` is NULL. */
static struct outcome run(const struct program *program, const char *mode)
{
    struct command bare = {.input = program->input}, protected;

    for (size_t i = 0; program->argv[i]; i++)
        command_add(&bare, scene_expand(&scene, program->argv[i]), NULL);
    if (program->config)
        scratch_text(scene.scratch, "program.conf", 0644, "%s",
                     scene_expand(&scene, program->config));
    if (mode)
        protect(&scene.protection, scene.scratch, mode, &bare, &protected);
    const struct command *command = mode ? &protected : &bare;
    return program->run ? program->run(&scene, command) : command_run(command);
}

/* A policy that pins the genuine leaf for the program's peer. The mode is left to the command. */
static void pin_genuine(const struct program *program)
{
    protection_write(&scene.protection, scene.scratch, "domain \"%s\" {\n    pins = {\"%s\"}\n}\n",
                     program->host, scene.pki.genuine.pin);
}

/* The program worked, bare, and works the same protected. */
static void expect_unchanged(const struct program *program, const struct outcome *bare,
                             const struct outcome *protected)
{
    cr_assert(bare->status == 0 && strstr(bare->out, program->output),
              "the program does not work bare: status %d\nstdout: %s\nstderr: %s", bare->status,
              bare->out, bare->err);
    cr_assert(protected->status == bare->status, "status %d instead of %d\nstderr: %s",
              protected->status, bare->status, protected->err);
    cr_assert_str_eq(protected->out, bare->out);
    if (!program->is_daemon)
        cr_assert_str_eq(protected->err, bare->err);
    cr_assert_not(strstr(protected->err, "pinshim"), "stderr: %s", protected->err);
}

/* The event names the executable by its base name. */
static void expect_program(const json_t *event, const struct program *program)
{
    char *path = program->name ? NULL : realpath(program->argv[0], NULL);

    cr_assert(program->name || path, "%s: %s", program->argv[0], strerror(errno));
    expect_string(event, "program", path ? strrchr(path, '/') + 1 : program->name);
    free(path);
}

/* The last of `count` handshakes' events, checked for what all verdicts have in common. The
 * events are to be freed. */
static const json_t *expect_event(const struct program *program, const struct outcome *outcome,
                                  const char *mode, size_t count, json_t **events)
{
    *events = events_read(scene.protection.events);
    const json_t *event = events_last(*events, "handshake", program->host);
    const char *policy = field_string(event, "policy");

    cr_assert_eq(events_count(*events, "handshake", NULL), count);
    cr_assert_eq(events_count(*events, "config_error", NULL), 0);
    expect_number(event, "v", 1);
    expect_string(event, "host_source", program->host_source);
    expect_string(event, "domain", program->host);
    expect_string(event, "address", program->hides_address ? NULL : "127.0.0.1");
    if (program->hides_address)
        expect_string(event, "port", NULL);
    else
        expect_number(event, "port", scene.port);
    expect_string(event, "mode", mode);
    expect_program(event, program);
    if (program->verification)
        expect_string(event, "program_verification", program->verification);
    if (!program->is_daemon)
        expect_number(event, "pid", outcome->pid);
    cr_assert(policy && strlen(policy) == 16 && strspn(policy, "0123456789abcdef") == 16,
              "policy %s", policy ? policy : "null");
    return event;
}

static void expect_no_pin_matched(const json_t *event, const char *action)
{
    const json_t *leaf = json_array_get(json_object_get(event, "chain"), 0);

    expect_string(event, "verdict", "fail");
    expect_string(event, "reason", "no_pin_matched");
    expect_string(event, "action", action);
    expect_string(event, "would", "block");
    expect_string(event, "pin", NULL);
    expect_string(event, "pin_role", NULL);
    expect_string(leaf, "position", "leaf");
    expect_string(leaf, "spki", scene.pki.mis_issued.pin);
    expect_string(leaf, "cert", scene.pki.mis_issued.cert_pin);
}

/* The row as it is for the installed release. */
static const struct program *settle(const struct program *program)
{
    static struct program settled; /* a test has one row, and a process of its own */

    settled = *program;
    if (settled.adapt)
        settled.adapt(&settled);
    return &settled;
}

void scene_right_pin(const struct program *row)
{
    const struct program *program = settle(row);
    json_t *events;

    pin_genuine(program);
    serve(program, &scene.pki.genuine);
    struct outcome bare = run(program, NULL), protected = run(program, "enforce");
    expect_unchanged(program, &bare, &protected);

    const json_t *event = expect_event(program, &protected, "enforce", 1, &events);
    expect_string(event, "verdict", "pass");
    expect_string(event, "reason", "pin_matched");
    expect_string(event, "action", "allow");
    expect_string(event, "would", "allow");
    expect_string(event, "pin", scene.pki.genuine.pin);
    expect_string(event, "pin_role", "pin");
    expect_string(event, "pin_position", "leaf");
    json_decref(events);
    outcome_free(&bare);
    outcome_free(&protected);
}

void scene_mis_issued_audit(const struct program *row)
{
    const struct program *program = settle(row);
    json_t *events;

    pin_genuine(program);
    serve(program, &scene.pki.mis_issued);
    struct outcome bare = run(program, NULL), protected = run(program, "audit");
    expect_unchanged(program, &bare, &protected);
    expect_no_pin_matched(expect_event(program, &protected, "audit", 1, &events), "allow");
    json_decref(events);
    outcome_free(&bare);
    outcome_free(&protected);
}

/* Bare, the mis-issued certificate gets all there is to get. */
static void expect_betrayed(const struct program *program)
{
    struct recorder recorder;

    record(program, &recorder);
    struct outcome bare = run(program, NULL);
    json_t *records = recorder_stop(&recorder);
    const json_t *only = json_array_get(records, 0);

    cr_assert_eq(json_array_size(records), 1, "status %d\nstderr: %s", bare.status, bare.err);
    cr_assert(field_true(only, "handshake"));
    cr_assert_gt(field_number(only, "app_bytes"), 0);
    cr_assert_eq(field_true(only, "client_cert"), program->has_client_cert);
    json_decref(records);
    outcome_free(&bare);
}

static size_t attempts(const struct program *program)
{
    return program->attempts ? program->attempts : 1;
}

/* What the server saw of a client that refused it. */
static void expect_nothing_sent(const struct program *program, const json_t *records)
{
    size_t i;
    json_t *one;

    cr_assert_eq(json_array_size(records), attempts(program), "%zu connections",
                 json_array_size(records));
    json_array_foreach(records, i, one)
    {
        cr_assert_not(field_true(one, "handshake"));
        cr_assert_not(field_true(one, "client_cert"));
        expect_number(one, "app_bytes", 0);
        /* RFC 8446 section 6.2 */
        expect_string(one, "alert", program->hangs_up ? NULL : "handshake_failure");
    }
}

/* The line that explains it (contract.md section 3). */
static void expect_words(const struct program *program, const struct outcome *refused)
{
    const char *port =
        program->hides_address ? "" : scratch_format(scene.scratch, ":%u", scene.port);
    const char *blocked =
        scratch_format(scene.scratch, "pinshim: blocked %s%s: no pin matched", program->host, port);

    cr_assert(strstr(refused->err, blocked), "no \"%s\" in stderr: %s", blocked, refused->err);
    cr_assert(strstr(refused->err, scene.pki.genuine.pin), "stderr: %s", refused->err);
    cr_assert(strstr(refused->err, scene.pki.mis_issued.pin), "stderr: %s", refused->err);
    cr_assert(strstr(refused->err, program->complaint), "stderr: %s", refused->err);
}

void scene_mis_issued_enforce(const struct program *row)
{
    const struct program *program = settle(row);
    struct recorder recorder;
    json_t *events;

    pin_genuine(program);
    expect_betrayed(program);
    record(program, &recorder);
    struct outcome refused = run(program, "enforce");
    json_t *records = recorder_stop(&recorder);

    cr_assert_eq(refused.status, program->refused_status, "status %d\nstdout: %s\nstderr: %s",
                 refused.status, refused.out, refused.err);
    cr_assert_not(strstr(refused.out, program->output), "stdout: %s", refused.out);
    expect_nothing_sent(program, records);
    expect_words(program, &refused);
    expect_no_pin_matched(expect_event(program, &refused, "enforce", attempts(program), &events),
                          "block");
    json_decref(events);
    json_decref(records);
    outcome_free(&refused);
}
