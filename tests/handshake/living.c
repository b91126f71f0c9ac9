#include "tests/handshake/living.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS_MAX = 512 };

static struct {
    struct recorder recorders[2];
    struct trip trip;
    struct background *process;
    size_t round; /* that comes next */
    bool refused[ROUNDS_MAX];
    json_t *report;
} living; /* each test is a process of its own */

static void set(struct command *command, const char *variable)
{
    command_set(command, scene_expand(variable));
}

void living_start(struct trip trip, const char *const *environment)
{
    char *shim = shim_is_inside() ? NULL : build_path("libpinshim.so");
    char *hasten = shim_is_inside() ? NULL : build_path("tests/hasten.so");
    struct command command = {.user = trip.user};

    living.trip = trip;
    scene_servers(trip, living.recorders);
    scene_client(trip, living.recorders, &command);
    if (shim)
        set(&command, scratch_format(scene.scratch, "LD_PRELOAD=%s %s", shim, hasten));
    /* Of two that set the same, the first is found. */
    for (; environment && *environment; environment++)
        set(&command, *environment);
    set(&command, "CLOCK_HURRIES=1");
    set(&command, "PINSHIM_CONFIG={dir}/pinshim.conf");
    set(&command, "PINSHIM_EVENTS=file:{dir}/events.jsonl");
    living.process = background_start(&command);
    free(living_wait("{\"waiting\":0}"));
    free(shim);
    free(hasten);
}

void living_go(void)
{
    background_tell(living.process, "\n");
    living.round++;
}

char *living_wait(const char *text)
{
    char *line = background_wait_for(living.process, text);

    cr_assert(line, "the client ended before it said %s", text);
    return line;
}

const json_t *living_round(void)
{
    char *line;

    cr_assert_lt(living.round, ROUNDS_MAX);
    living_go();
    free(living_wait(scratch_format(scene.scratch, "{\"waiting\":%zu}", living.round)));
    if (strstr(living.trip.client, "--threads"))
        return NULL;
    line = living_wait(scratch_format(scene.scratch, "\"connection\":%zu,", living.round - 1));
    json_decref(living.report);
    living.report = json_loads(line, 0, NULL);
    cr_assert(living.report, "no report: %s", line);
    free(line);
    return living.report;
}

/* With this answer to its request, NULL: none. */
static const char *answer(const json_t *report)
{
    return json_string_value(json_object_get(json_object_get(report, "read"), "answer"));
}

void living_works(void)
{
    const char *text = answer(living_round());

    cr_assert(text && strstr(text, "genuine"), "round %zu was not answered", living.round - 1);
}

void living_refused(void)
{
    const json_t *report, *call, *error;
    const char *text;

    living.refused[living.round] = true;
    report = living_round();
    call = json_object_get(report, "handshake");
    error = json_array_get(json_object_get(call, "queue"), 0);
    text = answer(report);
    cr_assert(!text || !*text, "round %zu was answered", living.round - 1);
    cr_assert_leq(field_number(call, "return"), 0);
    cr_assert(error, "round %zu has no error", living.round - 1);
    expect_string(error, "reason", "certificate verify failed");
}

void living_resumes(bool yes)
{
    const json_t *report = living_round();

    cr_assert_eq(field_number(json_object_get(report, "state"), "reused") != 0, yes);
    cr_assert(strstr(field_string(json_object_get(report, "read"), "answer"), "genuine"));
}

void living_let_pass(long seconds)
{
    scratch_text(scene.scratch, "ahead", 0644, "%s", "");
    cr_assert_eq(truncate(scratch_path(scene.scratch, "ahead"), seconds), 0);
}

void living_verdict(const char *verdict, const char *reason)
{
    json_t *events;

    living_works();
    events = living_events();
    const json_t *event = events_last(events, "handshake", NULL);
    expect_string(event, "verdict", verdict);
    expect_string(event, "reason", reason);
    expect_string(event, "action", "allow");
    json_decref(events);
}

json_t *living_events(void)
{
    return events_read(scratch_path(scene.scratch, "events.jsonl"));
}

void living_counts(size_t policies, size_t errors)
{
    json_t *events = living_events();
    char *text = json_dumps(events, JSON_INDENT(1));

    cr_assert_eq(events_count(events, "policy", NULL), policies, "not %zu policies: %s", policies,
                 text);
    cr_assert_eq(events_count(events, "config_error", NULL), errors, "not %zu errors: %s", errors,
                 text);
    free(text);
    json_decref(events);
}

void living_error(const char *file, const char *message)
{
    json_t *events = living_events();
    const json_t *event = events_last(events, "config_error", NULL);

    expect_string(event, "file", scratch_path(scene.scratch, file));
    cr_assert(strstr(field_string(event, "message"), message), "no \"%s\" in the event: %s",
              message, field_string(event, "message"));
    json_decref(events);
}

/* A record for each connection, by its number. Which server's round was refused is known where a
 * round is one connection. */
static void check_records(struct recorder *recorder, const bool *refused)
{
    json_t *records = recorder_stop(recorder), *one;
    size_t i;

    json_array_foreach(records, i, one)
    {
        if (!refused[field_number(one, "number")])
            continue;
        cr_assert_not(field_true(one, "client_cert"));
        cr_assert_eq(field_number(one, "app_bytes"), 0);
    }
    json_decref(records);
}

const char *living_end(void)
{
    char *output;
    int status = background_stop(living.process, 0, &output);
    const char *kept = scratch_format(scene.scratch, "%s", output);

    cr_assert_eq(status, 0, "the client ended with status %d:\n%s", status, output);
    free(output);
    json_decref(living.report);
    living.report = NULL;
    if (!strstr(living.trip.client, "--threads")) {
        check_records(&living.recorders[0], living.refused);
        if (living.trip.second) /* from the second round on */
            check_records(&living.recorders[1], living.refused + 1);
    }
    living.round = 0;
    memset(living.refused, 0, sizeof living.refused);
    return kept;
}

size_t living_said(const char *output, const char *text)
{
    size_t count = 0;

    for (const char *at = output; (at = strstr(at, text)); at++)
        count++;
    return count;
}
