/* What a changed policy says of its own events: sinks come and go with it. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/living.h"

TestSuite(reload_events, .init = scene_open, .fini = scene_close);

static void write_policy(const char *events)
{
    scene_policy("events = {%s}\ndomain \"" HOST "\" { pins = {\"%s\"} }\n", scene_expand(events),
                 scene.pki.genuine.pin);
}

static void start(void)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = VERIFYING ROUNDS;
    living_start(trip, (const char *const[]){"PINSHIM_EVENTS=", NULL});
}

/* So many events of each kind in this file. */
static void expect_events(const char *file, size_t policies, size_t errors, size_t handshakes)
{
    json_t *events = events_read(scratch_path(scene.scratch, file));

    cr_assert_eq(events_count(events, "policy", NULL), policies, "%s", file);
    cr_assert_eq(events_count(events, "config_error", NULL), errors, "%s", file);
    cr_assert_eq(events_count(events, "handshake", NULL), handshakes, "%s", file);
    json_decref(events);
}

/* How many descriptors of the process that wrote to `log` are of `file`. */
static size_t descriptors(const char *log, const char *file)
{
    json_t *events = events_read(scratch_path(scene.scratch, log));
    const char *directory = scratch_format(
        scene.scratch, "/proc/%ld/fd", field_number(events_last(events, "policy", NULL), "pid"));
    DIR *dir = opendir(directory);
    const struct dirent *entry;
    size_t count = 0;

    cr_assert(dir, "%s", directory);
    while ((entry = readdir(dir))) {
        char target[PATH_MAX];
        const char *link = scratch_format(scene.scratch, "%s/%s", directory, entry->d_name);
        ssize_t length = readlink(link, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        count += strcmp(target, scratch_path(scene.scratch, file)) == 0;
    }
    closedir(dir);
    json_decref(events);
    return count;
}

Test(reload_events, go_elsewhere)
{
    write_policy("\"file:{dir}/a.jsonl\"");
    start();
    living_works();
    expect_events("a.jsonl", 1, 0, 1);
    write_policy("\"file:{dir}/b.jsonl\"");
    living_works();
    living_works();
    expect_events("a.jsonl", 1, 0, 1);
    expect_events("b.jsonl", 1, 0, 2);
    cr_assert_eq(descriptors("b.jsonl", "a.jsonl"), 0);
    cr_assert_eq(descriptors("b.jsonl", "b.jsonl"), 1);
    living_end();
}

/* One that was there stays as it is, beside others. */
Test(reload_events, go_further)
{
    write_policy("\"file:{dir}/a.jsonl\"");
    start();
    living_works();
    write_policy("\"file:{dir}/b.jsonl\", \"file:{dir}/a.jsonl\", \"stderr\"");
    living_works();
    expect_events("a.jsonl", 2, 0, 2);
    expect_events("b.jsonl", 1, 0, 1);
    cr_assert_eq(descriptors("a.jsonl", "a.jsonl"), 1);
    write_policy("\"none\"");
    living_works();
    expect_events("a.jsonl", 2, 0, 2);
    cr_assert_eq(descriptors("a.jsonl", "a.jsonl"), 0);
    const char *output = living_end();
    cr_assert_eq(living_said(output, "\"event\":\"policy\""), 1, "%s", output);
    cr_assert_eq(living_said(output, "\"event\":\"handshake\""), 1, "%s", output);
}

/* A file that this user could not open any more is still open, for it was before. */
Test(reload_events, stay_open)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    if (geteuid() != 0)
        cr_skip_test("only root can give up rights");
    trip.client = VERIFYING ROUNDS "--setuid 65534";
    write_policy("\"file:{dir}/a.jsonl\"");
    cr_assert_eq(chmod(scene.protection.config, 0644), 0);
    living_start(trip, (const char *const[]){"PINSHIM_EVENTS=", NULL});
    living_works();
    write_policy("\"stderr\", \"file:{dir}/a.jsonl\"");
    cr_assert_eq(chmod(scene.protection.config, 0644), 0);
    living_works();
    expect_events("a.jsonl", 2, 0, 2);
    living_end();
}

/* It is told where the last good one said. */
Test(reload_events, of_a_broken_policy)
{
    write_policy("\"file:{dir}/a.jsonl\"");
    start();
    living_works();
    scene_policy("events = {\"file:%s\"}\nnonsense\n", scratch_path(scene.scratch, "b.jsonl"));
    living_works();
    expect_events("a.jsonl", 1, 1, 2);
    cr_assert_neq(access(scratch_path(scene.scratch, "b.jsonl"), F_OK), 0);
    living_end();
}

/* The environment's hold, whatever the policy says. */
Test(reload_events, of_the_environment)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = VERIFYING ROUNDS;
    write_policy("\"file:{dir}/a.jsonl\"");
    living_start(trip, NULL);
    living_works();
    write_policy("\"file:{dir}/b.jsonl\"");
    living_works();
    living_counts(2, 0);
    cr_assert_neq(access(scratch_path(scene.scratch, "a.jsonl"), F_OK), 0);
    cr_assert_neq(access(scratch_path(scene.scratch, "b.jsonl"), F_OK), 0);
    living_end();
}

/* In audit nothing that a program can observe is different, though its policy changes. */
Test(reload_events, invisible)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);
    json_t *bare = json_array();

    trip.client = VERIFYING ROUNDS "--resume";
    for (int i = 0; i < 2; i++) {
        const char *preload = i == 0 && !shim_is_inside() ? "LD_PRELOAD={dir}/hasten.so" : NULL;
        if (preload) {
            char *hasten = build_path("tests/hasten.so");
            cr_assert_eq(symlink(hasten, scratch_path(scene.scratch, "hasten.so")), 0);
            free(hasten);
        }
        scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n", scene.pki.genuine.pin);
        living_start(trip, (const char *const[]){i == 0 ? "PINSHIM_MODE=off" : "PINSHIM_MODE=audit",
                                                 preload, NULL});
        for (size_t round = 0; round < 6; round++) {
            const json_t *report = living_round();
            if (i == 0)
                json_array_append(bare, (json_t *)report);
            else
                cr_assert(json_equal(report, json_array_get(bare, round)), "round %zu: %s", round,
                          json_dumps(report, 0));
            scene_policy(round % 3 == 0 ? "nonsense%s\n"
                                        : "domain \"" HOST "\" { pins = {\"%s\"} }\n",
                         round % 2 ? scene.pki.genuine.pin : scene.pki.mis_issued.pin);
        }
        living_end();
    }
    json_decref(bare);
    living_counts(4, 2);
}
