/* Descriptors that are closed, used anew, short, or good for nothing. */
#include "tests/lives/lives.h"

#include <string.h>
#include <unistd.h>

TestSuite(descriptors, .init = scene_open, .fini = scene_close);

LIFE(descriptors, ordinary, VERIFYING, 0)
LIFE(descriptors, daemon, VERIFYING "--life daemon" OUT, LIFE_FILE | LIFE_SILENT)
LIFE(descriptors, daemon_careless, CARELESS "--life daemon" OUT, LIFE_FILE | LIFE_SILENT)
LIFE(descriptors, daemon_at_start, VERIFYING "--life daemon-first" OUT, LIFE_FILE | LIFE_SILENT)
LIFE(descriptors, daemon_forked, VERIFYING "--fork before --life daemon" OUT,
     LIFE_FILE | LIFE_SILENT)
LIFE(descriptors, closed_at_start, VERIFYING "--life closed" OUT, LIFE_FILE | LIFE_SILENT)
LIFE(descriptors, standard_ones_are_sockets, VERIFYING "--times 2 --life closed-for-sockets" OUT,
     LIFE_FILE | LIFE_SILENT)
LIFE(descriptors, stderr_is_the_socket, VERIFYING "--life stderr-socket", LIFE_SILENT)
LIFE(descriptors, stderr_is_the_socket_careless, CARELESS "--times 2 --life stderr-socket",
     LIFE_SILENT)
LIFE(descriptors, exhausted, VERIFYING "--life exhausted", 0)
LIFE(descriptors, exhausted_before_context, VERIFYING "--life exhausted-first", 0)
/* One number of sixteen is the sink's: with --threads the client does not look at those it has not
 * got. */
LIFE(descriptors, few, VERIFYING "--threads 1 --life few", 0)
LIFE(descriptors, file_size_limit, VERIFYING "--life file-size", LIFE_UNTOLD)
LIFE(descriptors, stderr_without_reader, VERIFYING "--times 2 --life broken-stderr", LIFE_SILENT)
LIFE(descriptors, sigpipe_of_the_programs_own, VERIFYING "--life broken-stderr-pending",
     LIFE_SILENT)
LIFE(descriptors, stderr_stalled, VERIFYING "--times 2 --life stalled-stderr", LIFE_SILENT)

/* The sinks are opened when libssl arrives, and until then nothing is; a daemon is one by then. */
Test(descriptors, daemon_found_late)
{
    struct trip trip = life_trip(VERIFYING "--life daemon-first" OUT);

    trip.load = "dlsym-local";
    expect_life(trip, LIFE_FILE | LIFE_SILENT);
}

/* The event of the policy: these clients begin with a standard error that is good. */
static void drop_first_line(char *text)
{
    char *next = strchr(text, '\n');

    cr_assert(next, "there is no line in \"%s\"", text);
    memmove(text, next + 1, strlen(next + 1) + 1);
}

/* Standard error as the sink, too: the same trips with one that cannot take an event. */
static void expect_same_with_sink(const char *client)
{
    struct trip trip = life_trip(client);
    struct result bare = scene_run(trip, NULL), audit;
    const char *environment[] = {
        scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config),
        "PINSHIM_MODE=audit", "PINSHIM_EVENTS=stderr,file:{dir}/events.jsonl", NULL};

    audit = scene_run_in(trip, environment);
    expect_works(&bare);
    drop_first_line(audit.outcome.err);
    expect_same(&bare, &audit);
    expect_events(&audit, "fail", "allow");
    result_free(&bare);
    result_free(&audit);
}

#define SINK(row, options)                                                                         \
    Test(descriptors, row)                                                                         \
    {                                                                                              \
        life_pin_wrong();                                                                          \
        expect_same_with_sink(options);                                                            \
    }

SINK(sink_without_reader, VERIFYING "--times 2 --life broken-stderr")
SINK(sink_with_sigpipe_of_the_programs_own, VERIFYING "--life broken-stderr-pending")
SINK(sink_is_the_socket, VERIFYING "--times 2 --life stderr-socket")
SINK(sink_stalled, VERIFYING "--times 2 --life stalled-stderr")

/* The one sink takes part in none of the daemon's files; then it is lost. */
Test(descriptors, daemon_whose_events_directory_is_gone)
{
    struct trip trip = life_trip(VERIFYING "--life daemon" OUT);
    const char *environment[] = {NULL, "PINSHIM_MODE=audit",
                                 "PINSHIM_EVENTS=stderr,file:/nonexistent/events", NULL};
    struct result bare = life_run(trip, NULL, LIFE_FILE), audit;
    char *path = scratch_path(scene.scratch, "out"), *first = bare.outcome.out;

    life_pin_wrong();
    environment[0] = scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config);
    unlink(path);
    audit = scene_run_in(trip, environment);
    cr_assert_str_eq(scratch_read(scene.scratch, path), first);
    result_free(&bare);
    result_free(&audit);
}
