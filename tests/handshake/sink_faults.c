/* Sinks that take nothing for a while, and files that are moved: the handshakes go on, the other
 * sinks have all, and what was lost is counted and told. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/living.h"
#include "tests/handshake/sink_scene.h"

TestSuite(sink_faults, .init = scene_open, .fini = scene_close);

/* A client that lives on, with these sinks and the pinned peer. */
static void start(const char *client, const char *sinks)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = client;
    scene_pin(scene.pki.genuine.pin);
    living_start(trip, (const char *const[]){
                           scratch_format(scene.scratch, "PINSHIM_EVENTS=%s", sinks), NULL});
}

static void rounds(unsigned count)
{
    while (count--)
        living_works();
}

/* The next message is an event that says this of what was lost before; 0: nothing. */
static void expect_lost(int fd, long lost)
{
    daemon_receive(fd, message, sizeof message);
    json_t *event = sink_object("", message);

    if (lost)
        expect_number(event, "lost", lost);
    else
        cr_assert_not(json_object_get(event, "lost"), "%s", message);
    json_decref(event);
}

/* A daemon that goes, and comes again. */
static void restarted(bool stream)
{
    const char *path = scratch_path(scene.scratch, "socket");
    int fd = daemon_listen(path, stream), from;

    start(VERIFYING ROUNDS, "unix:{dir}/socket," FILE_SINK);
    rounds(1);
    from = stream ? daemon_accept(fd) : fd;
    daemon_receive(from, message, sizeof message);
    close(from);
    close(fd);
    rounds(3);
    fd = daemon_listen(path, stream);
    rounds(2);
    from = stream ? daemon_accept(fd) : fd;
    if (stream) {
        daemon_receive(from, message, sizeof message);
        json_t *events = json_lines(message);
        cr_assert_eq(json_array_size(events), 2);
        expect_number(json_array_get(events, 0), "lost", 3);
        cr_assert_not(json_object_get(json_array_get(events, 1), "lost"));
        json_decref(events);
    } else {
        expect_lost(fd, 3);
        expect_lost(fd, 0);
    }
    living_counts(1, 0);
    json_t *events = living_events();
    cr_assert_eq(events_count(events, "handshake", NULL), 6);
    for (size_t i = 0; i < json_array_size(events); i++)
        cr_assert_not(json_object_get(json_array_get(events, i), "lost"));
    json_decref(events);
    living_end();
}

Test(sink_faults, daemon_restarted)
{
    restarted(false);
}

Test(sink_faults, stream_daemon_restarted)
{
    restarted(true);
}

/* Nobody reads: the handshakes go on, the other sinks have all, and what was lost is told. */
Test(sink_faults, stuck)
{
    const char *path = scratch_path(scene.scratch, "socket");
    int fd = daemon_listen(path, false);

    start(VERIFYING ROUNDS, "unix:{dir}/socket," FILE_SINK);
    daemon_drain(fd);
    daemon_stall(path);
    rounds(5);
    daemon_drain(fd);
    rounds(2);
    expect_lost(fd, 5);
    expect_lost(fd, 0);
    json_t *events = living_events();
    cr_assert_eq(events_count(events, "handshake", NULL), 7);
    json_decref(events);
    living_end();
}

Test(sink_faults, stuck_journald)
{
    daemon_own_places();
    int fd = daemon_listen(JOURNAL_SOCKET, false);
    start(VERIFYING ROUNDS, "journald," FILE_SINK);
    daemon_drain(fd);
    daemon_stall(JOURNAL_SOCKET);
    rounds(2);
    daemon_drain(fd);
    rounds(1);
    daemon_receive(fd, message, sizeof message);
    cr_assert_str_eq(journal_field(message, "PINSHIM_LOST"), "2");
    living_end();
}

/* A stream takes some hundred kB; then its lines are lost whole. */
Test(sink_faults, stuck_stream)
{
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), true), stream;
    size_t length = 0, lost;
    json_t *events;

    start(VERIFYING ROUNDS, "unix:{dir}/socket," FILE_SINK);
    stream = daemon_accept(fd);
    char *all = calloc(1, 8 << 20);
    rounds(350);
    for (unsigned i = 0; i < 2; i++) {
        while (!daemon_is_empty(stream))
            length += daemon_receive(stream, all + length, MESSAGE_SIZE);
        if (i == 0)
            rounds(1);
    }
    events = json_lines(all);
    lost = events_lost(events);
    cr_assert_gt(lost, 0, "the stream took all");
    cr_assert_eq(json_array_size(events) + lost, 1 + 351);
    json_decref(events);
    events = living_events();
    cr_assert_eq(events_count(events, "handshake", NULL), 351);
    json_decref(events);
    free(all);
    living_end();
}

/* A file, and what a client makes of it that writes one visit's events behind that. */
static void expect_behind(const char *before, const char *between)
{
    const char *path = scratch_text(scene.scratch, "torn", 0600, "%s", before);
    size_t length = strlen(before);

    struct result result = sink_visit("pass", "file:{dir}/torn");
    result_free(&result);
    const char *text = scratch_read(scene.scratch, path);
    cr_assert_eq(strncmp(text, before, length), 0, "%s", text);
    cr_assert_eq(strncmp(text + length, between, strlen(between)), 0, "%s", text);
    json_t *events = json_lines(text + length + (*between == '\n'));
    cr_assert_eq(events_count(events, "policy", NULL), 1);
    cr_assert_eq(events_count(events, "handshake", NULL), 1);
    json_decref(events);
}

/* What a process was killed in the middle of is not joined with what another writes. */
Test(sink_faults, torn_before)
{
    expect_behind("{\"v\":1,\"time\":\"20", "\n");
}

Test(sink_faults, whole_before)
{
    expect_behind("{\"v\":1}\n", "{");
}

/* A disk that is full, and then is not: what a line has torn is ended, and the rest is good. */
Test(sink_faults, disk_full)
{
    const char *disk = scratch_path(scene.scratch, "disk"), *ballast;
    char *text, *line;
    size_t bad = 0, good = 0;
    long lost = 0;

    daemon_own_places();
    cr_assert_eq(mkdir(disk, 0755), 0);
    cr_assert_eq(mount("tmpfs", disk, "tmpfs", 0, "size=32k"), 0);
    ballast = scratch_path(scene.scratch, "disk/ballast");
    int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_eq(posix_fallocate(fd, 0, 24 << 10), 0);
    close(fd);
    start(VERIFYING ROUNDS, "file:{dir}/disk/events," FILE_SINK);
    rounds(10);
    unlink(ballast);
    rounds(2);
    text = scratch_read(scene.scratch, scratch_path(scene.scratch, "disk/events"));
    while ((line = strsep(&text, "\n")) && text) {
        json_t *event = json_loads(line, 0, NULL);
        good += event != NULL;
        bad += event == NULL;
        if (event && json_object_get(event, "lost"))
            lost += field_number(event, "lost");
        json_decref(event);
    }
    cr_assert_leq(bad, 1, "%zu bad lines", bad);
    cr_assert_gt(lost, 0);
    cr_assert_eq((long)good + lost, 13);
    json_t *events = living_events();
    cr_assert_eq(events_count(events, "handshake", NULL), 12);
    json_decref(events);
    living_end();
    umount(disk);
}

/* How many lines are in the file. */
static size_t lines_in(const char *name)
{
    json_t *events = events_read(scratch_path(scene.scratch, name));
    size_t count = json_array_size(events);

    json_decref(events);
    return count;
}

Test(sink_faults, file_rotated_by_renaming)
{
    start(VERIFYING ROUNDS, FILE_SINK);
    rounds(2);
    cr_assert_eq(rename(scratch_path(scene.scratch, "events.jsonl"),
                        scratch_path(scene.scratch, "events.1")),
                 0);
    rounds(2);
    cr_assert_eq(lines_in("events.1"), 3);
    cr_assert_eq(lines_in("events.jsonl"), 2);
    living_end();
}

Test(sink_faults, file_rotated_by_truncation)
{
    start(VERIFYING ROUNDS, FILE_SINK);
    rounds(2);
    cr_assert_eq(truncate(scratch_path(scene.scratch, "events.jsonl"), 0), 0);
    rounds(2);
    cr_assert_eq(lines_in("events.jsonl"), 2);
    living_end();
}

Test(sink_faults, file_removed)
{
    start(VERIFYING ROUNDS, FILE_SINK);
    rounds(1);
    unlink(scratch_path(scene.scratch, "events.jsonl"));
    rounds(2);
    cr_assert_eq(lines_in("events.jsonl"), 2);
    living_end();
}

/* The directory is gone with what was in it, and there again. */
Test(sink_faults, log_directory_gone)
{
    const char *directory = scratch_path(scene.scratch, "logs");

    cr_assert_eq(mkdir(directory, 0755), 0);
    start(VERIFYING ROUNDS, "file:{dir}/logs/events," FILE_SINK);
    rounds(1);
    unlink(scratch_path(scene.scratch, "logs/events"));
    cr_assert_eq(rmdir(directory), 0);
    rounds(3);
    cr_assert_eq(mkdir(directory, 0755), 0);
    rounds(2);
    json_t *events = events_read(scratch_path(scene.scratch, "logs/events"));
    cr_assert_eq(json_array_size(events), 2);
    expect_number(json_array_get(events, 0), "lost", 3);
    json_decref(events);
    cr_assert_eq(lines_in("events.jsonl"), 7);
    living_end();
}
