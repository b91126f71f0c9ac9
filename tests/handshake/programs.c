/* Program sections: links to the executable, and options of their own. */
#include "tests/handshake/naming.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(programs, .init = scene_open, .fini = scene_close);

#define EVENTS "PINSHIM_EVENTS=file:{dir}/events.jsonl"

/* What becomes of a connection to the wrong certificate: refused or not, and of the event its mode
 * and reason; no event where the mode is NULL. */
struct fate {
    bool refused;
    const char *mode, *reason;
};

/* Goes there with the mode that the environment says (NULL: none), as program `name`. */
static void go(const char *policy, const char *name, const char *mode, struct fate fate)
{
    const char *config = scratch_text(scene.scratch, "program.conf", 0600, "%s", policy);
    const char *environment[] = {scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", config), EVENTS,
                                 scratch_format(scene.scratch, "PINSHIM_PROGRAM=%s", name),
                                 scratch_format(scene.scratch, "PINSHIM_MODE=%s", mode ? mode : ""),
                                 NULL};

    unlink(scratch_path(scene.scratch, "events.jsonl"));
    struct result result = scene_run_in(scene_trip(&scene.pki.mis_issued, false), environment);
    if (fate.refused)
        expect_refused(&result);
    else
        expect_works(&result);
    if (fate.mode) {
        const json_t *event = events_last(result.events, "handshake", NULL);
        expect_string(event, "mode", fate.mode);
        expect_string(event, "reason", fate.reason);
    } else {
        cr_assert_eq(events_count(result.events, "handshake", NULL), 0);
    }
    result_free(&result);
}

/* The options of `program "job"` count for it, and not for another. */
#define OPTION(row, top, own, mode, its, others)                                                   \
    Test(programs, row)                                                                            \
    {                                                                                              \
        go(top "program \"job\" { " own " }\n", "job", mode, (struct fate)its);                    \
        go(top "program \"job\" { " own " }\n", "jobs", mode, (struct fate)others);                \
    }

#define REFUSED(reason)                                                                            \
    {                                                                                              \
        true, "enforce", reason                                                                    \
    }
#define LET(mode, reason)                                                                          \
    {                                                                                              \
        false, mode, reason                                                                        \
    }
#define EXPIRED "domain \"" HOST "\" { " WRONG_PIN " expires = \"2020-01-01\" }\n"

OPTION(mode_audit, SECTION(HOST), "mode = audit", NULL, LET("audit", "no_pin_matched"),
       REFUSED("no_pin_matched"))
OPTION(mode_off, SECTION(HOST), "mode = off", NULL, LET(NULL, NULL), REFUSED("no_pin_matched"))
OPTION(mode_enforce, "mode = audit\n" SECTION(HOST), "mode = enforce", NULL,
       REFUSED("no_pin_matched"), LET("audit", "no_pin_matched"))
OPTION(mode_of_its_own_section, "mode = audit\n", SECTION(HOST) "mode = enforce", NULL,
       REFUSED("no_pin_matched"), LET("audit", "no_section"))
OPTION(unpinned_block, "", "unpinned = block", NULL, REFUSED("no_section"),
       LET("enforce", "no_section"))
OPTION(unpinned_allow, "unpinned = block\n", "unpinned = allow", NULL, LET("enforce", "no_section"),
       REFUSED("no_section"))
OPTION(expired_block, EXPIRED, "expired = block", NULL, REFUSED("pins_expired"),
       LET("enforce", "pins_expired"))
OPTION(expired_allow, "expired = block\n" EXPIRED, "expired = allow", NULL,
       LET("enforce", "pins_expired"), REFUSED("pins_expired"))
OPTION(locked_against_audit, SECTION(HOST), "lock_mode = true", "audit", REFUSED("no_pin_matched"),
       LET("audit", "no_pin_matched"))
OPTION(locked_against_off, SECTION(HOST), "lock_mode = true", "off", REFUSED("no_pin_matched"),
       LET(NULL, NULL))
OPTION(unlocked, "lock_mode = true\n" SECTION(HOST), "lock_mode = false", "audit",
       LET("audit", "no_pin_matched"), REFUSED("no_pin_matched"))
OPTION(domain_off, SECTION(HOST), "domain \"" HOST "\" { mode = \"off\" }", NULL, LET(NULL, NULL),
       REFUSED("no_pin_matched"))

/* Without a name, and of a program that has `unpinned` or `unnamed`. */
static void nameless(const char *policy, bool refused)
{
    struct trip trip = {
        .client = "--verify none", .program = "job", .identity = &scene.pki.mis_issued};

    scene_policy("%s", policy);
    if (refused)
        expect_refusal(trip, "no_name");
    else
        expect_invisible(trip, "enforce", "unpinned", "no_name", "allow");
}

Test(programs, unnamed)
{
    nameless("program \"job\" { unnamed = block }\n", true);
    nameless("program \"job\" { unpinned = block }\n", true);
    nameless("unnamed = block\nprogram \"job\" { unnamed = allow }\n", false);
    nameless("program \"jobs\" { unnamed = block }\n", false);
}

Test(programs, inspection_cas)
{
    struct trip trip = scene_trip(&scene.pki.mis_issued, true);

    scene_policy(SECTION(HOST) "program \"job\" { inspection_cas = {\"file:%s\"} }\n",
                 scene.pki.ca_file);
    expect_refusal(trip, "no_pin_matched");
    trip.program = "job";
    expect_invisible(trip, "enforce", "pass", "inspection_ca", "allow");
}

/* events: the program's own sinks, in place of the others. */
static void events(const char *name, const char *written, const char *empty)
{
    const char *environment[] = {
        scratch_format(scene.scratch, "PINSHIM_CONFIG=%s",
                       scratch_text(scene.scratch, "program.conf", 0600,
                                    "mode = audit\nevents = {\"file:%s\"}\n" SECTION(
                                        HOST) "program \"job\" { events = {\"file:%s\"} }\n",
                                    scratch_path(scene.scratch, "top.jsonl"),
                                    scratch_path(scene.scratch, "own.jsonl"))),
        scratch_format(scene.scratch, "PINSHIM_PROGRAM=%s", name), NULL};
    struct result result = scene_run_in(scene_trip(&scene.pki.mis_issued, false), environment);
    json_t *there = events_read(scratch_path(scene.scratch, written));
    json_t *elsewhere = events_read(scratch_path(scene.scratch, empty));

    expect_works(&result);
    cr_assert_eq(events_count(there, "policy", NULL), 1);
    expect_string(events_last(there, "handshake", HOST), "program", name);
    cr_assert_eq(json_array_size(elsewhere), 0);
    json_decref(there);
    json_decref(elsewhere);
    result_free(&result);
}

Test(programs, own_events)
{
    events("job", "own.jsonl", "top.jsonl");
}

Test(programs, events_of_the_others)
{
    events("jobs", "top.jsonl", "own.jsonl");
}

/* A section may name a link to the executable; it goes before one with the base name. */
static void linked(const char *rest, const char *section_then)
{
    char *path = build_path("tests/tls-client");
    const char *link = scratch_path(scene.scratch, "link");
    struct trip trip = scene_trip(&scene.pki.mis_issued, false);

    cr_assert_eq(symlink(path, link), 0);
    free(path);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} }\n%sprogram \"%s\" { " SECTION(HOST) "}\n",
                 scene.pki.mis_issued.pin, rest, link);
    struct result result = scene_run(trip, "enforce");
    expect_refused(&result);
    expect_string(events_last(result.events, "policy", NULL), "program_section",
                  section_then ? section_then : link);
    result_free(&result);
}

Test(programs, by_a_link)
{
    linked("", NULL);
}

Test(programs, by_a_link_before_the_name)
{
    linked("program \"tls-client\" { mode = \"off\" }\n", NULL);
}

Test(programs, by_path_before_a_link)
{
    char *path = build_path("tests/tls-client");

    linked(scratch_format(scene.scratch, "program \"%s\" { " SECTION(HOST) "}\n", path), path);
    free(path);
}
