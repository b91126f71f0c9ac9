/* Where events go: syslog, the journal, sockets and files, several at once; and what becomes of
 * those that somebody does not take. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "tests/handshake/living.h"
#include "tests/support/daemon.h"

TestSuite(sinks, .init = scene_open, .fini = scene_close);

#define FILE_SINK "file:{dir}/events.jsonl"
#define MESSAGE_SIZE 65536

static char message[MESSAGE_SIZE];

/* One connection under this mode, whose events go there. The server's certificate is not the
 * pinned one, unless the mode is "pass". */
static struct result visit(const char *mode, const char *sinks)
{
    bool passes = strcmp(mode, "pass") == 0;
    const char *environment[] = {
        "PINSHIM_CONFIG={dir}/pinshim.conf",
        scratch_format(scene.scratch, "PINSHIM_MODE=%s", passes ? "enforce" : mode),
        scratch_format(scene.scratch, "PINSHIM_EVENTS=%s", sinks), NULL};
    struct trip trip = scene_trip(passes ? &scene.pki.genuine : &scene.pki.mis_issued, true);

    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run_in(trip, environment);
    if (strcmp(mode, "enforce") == 0)
        expect_refused(&result);
    else
        expect_works(&result);
    return result;
}

/* The object behind `head` in a message that ends with it. */
static json_t *object_behind(const char *head, const char *text)
{
    json_error_t error;

    cr_assert_eq(strncmp(text, head, strlen(head)), 0, "no \"%s\" in front of %s", head, text);
    json_t *object = json_loads(text + strlen(head), JSON_REJECT_DUPLICATES, &error);
    cr_assert(object, "%s: %s", error.text, text);
    return object;
}

static void expect_event(const json_t *event, const char *kind, const char *action)
{
    expect_string(event, "event", kind);
    if (action)
        expect_string(event, "action", action);
}

static const struct {
    const char *mode, *action;
    int severity;
} severities[] = {
    {"pass", "allow", LOG_INFO}, {"audit", "allow", LOG_WARNING}, {"enforce", "block", LOG_ERR}};
enum { SEVERITIES = sizeof severities / sizeof *severities };

/* As what the C library's syslog() sends, but for its time; by severity. */
static void expect_syslog(const char *text, int severity, const char *kind, const char *action)
{
    json_t *event = object_behind(
        scratch_format(scene.scratch, "<%d>pinshim[%ld]: ", LOG_USER | severity,
                       strchr(text, '[') ? strtol(strchr(text, '[') + 1, NULL, 10) : 0),
        text);

    cr_assert_eq(field_number(event, "pid"), strtol(strchr(text, '[') + 1, NULL, 10));
    expect_event(event, kind, action);
    cr_assert_not(strchr(text, '\n'), "%s", text);
    json_decref(event);
}

Test(sinks, syslog)
{
    daemon_own_places();
    int fd = daemon_listen(SYSLOG_SOCKET, false);
    for (size_t i = 0; i < SEVERITIES; i++) {
        struct result result = visit(severities[i].mode, "syslog");
        daemon_receive(fd, message, sizeof message);
        expect_syslog(message, LOG_INFO, "policy", NULL);
        cr_assert_eq(daemon_receive(fd, message, sizeof message), strlen(message)); /* no NUL */
        expect_syslog(message, severities[i].severity, "handshake", severities[i].action);
        cr_assert(daemon_is_empty(fd));
        result_free(&result);
    }
}

/* Older daemons have a stream, in which a NUL ends a message. */
Test(sinks, syslog_as_a_stream)
{
    size_t length, first;

    daemon_own_places();
    int fd = daemon_listen(SYSLOG_SOCKET, true);
    struct result result = visit("enforce", "syslog");
    int stream = daemon_accept(fd);
    length = daemon_receive(stream, message, sizeof message);
    first = strlen(message) + 1;
    expect_syslog(message, LOG_INFO, "policy", NULL);
    expect_syslog(message + first, LOG_ERR, "handshake", "block");
    cr_assert_eq(first + strlen(message + first) + 1, length);
    result_free(&result);
}

Test(sinks, syslog_tells_of_a_broken_config)
{
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf", "PINSHIM_EVENTS=syslog",
                                 NULL};

    daemon_own_places();
    int fd = daemon_listen(SYSLOG_SOCKET, false);
    scene_policy("broken = true\n");
    struct result result = scene_run_in(scene_trip(&scene.pki.genuine, true), environment);
    expect_refused(&result);
    daemon_receive(fd, message, sizeof message);
    expect_syslog(message, LOG_ERR, "config_error", NULL);
    result_free(&result);
}

/* The value of a field of the journal's native protocol; fails the test when it is not there once.
 */
static const char *field(const char *text, const char *name)
{
    const char *line = strncmp(text, name, strlen(name)) == 0
                           ? text
                           : strstr(text, scratch_format(scene.scratch, "\n%s=", name));

    cr_assert(line, "no %s in\n%s", name, text);
    line += (*line == '\n') + strlen(name) + 1;
    return scratch_format(scene.scratch, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Every line is a field, each a member of the event. */
static void expect_fields(const char *text, const json_t *event)
{
    const char *key;
    json_t *value;

    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        cr_assert(strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strcspn(line, "="), "%s", line);
    json_object_foreach((json_t *)event, key, value)
    {
        char name[64] = "PINSHIM_";
        for (size_t i = 0; key[i]; i++)
            name[8 + i] = key[i] == '_' ? '_' : (char)(key[i] & ~32);
        if (json_is_null(value) || json_is_array(value)) {
            cr_assert_not(strstr(text, scratch_format(scene.scratch, "%s=", name)), "%s", name);
            continue;
        }
        char *plain = json_is_string(value) ? strdup(json_string_value(value))
                                            : json_dumps(value, JSON_ENCODE_ANY);
        cr_assert_str_eq(field(text, name), plain);
        free(plain);
    }
}

Test(sinks, journald)
{
    daemon_own_places();
    int fd = daemon_listen(JOURNAL_SOCKET, false);
    for (size_t i = 0; i < SEVERITIES; i++) {
        struct result result = visit(severities[i].mode, "journald");
        daemon_receive(fd, message, sizeof message);
        cr_assert_str_eq(field(message, "PINSHIM_EVENT"), "policy");
        daemon_receive(fd, message, sizeof message);
        json_t *event = object_behind("", field(message, "MESSAGE"));
        expect_event(event, "handshake", severities[i].action);
        expect_fields(message, event);
        cr_assert_str_eq(field(message, "PINSHIM_HOST"), HOST);
        cr_assert_str_eq(field(message, "SYSLOG_IDENTIFIER"), "pinshim");
        cr_assert_eq(atoi(field(message, "PRIORITY")), severities[i].severity);
        cr_assert(daemon_is_empty(fd));
        json_decref(event);
        result_free(&result);
    }
}

#define JOURNALD "/lib/systemd/systemd-journald"

/* Starts the journal's own daemon, in the places of this test; it says when it is ready. */
static void start_journald(void)
{
    const char *ready = scratch_path(scene.scratch, "ready");
    int fd = daemon_listen(ready, false);
    struct command journald = {0};

    command_add(&journald, JOURNALD, NULL);
    command_set(&journald, scratch_format(scene.scratch, "NOTIFY_SOCKET=%s", ready));
    background_start(&journald);
    do {
        daemon_wait(fd);
        daemon_receive(fd, message, sizeof message);
    } while (!strstr(message, "READY=1"));
    close(fd);
}

static struct outcome ask_journal(const char *option, const char *match)
{
    struct command journalctl = {0};

    command_add(&journalctl, "journalctl", "--quiet", option, match, NULL);
    return command_run(&journalctl);
}

/* As its users ask for it. */
Test(sinks, journald_itself)
{
    daemon_own_places();
    if (access(JOURNALD, X_OK) != 0 || access("/etc/machine-id", R_OK) != 0)
        cr_skip_test("needs " JOURNALD " and a machine-id");
    start_journald();
    struct result result = visit("enforce", "journald");
    struct outcome outcome = ask_journal("--sync", NULL);
    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    outcome_free(&outcome);
    outcome = ask_journal("--output=cat", "PINSHIM_HOST=" HOST);
    json_t *events = json_lines(outcome.out);
    cr_assert_eq(json_array_size(events), 1, "%s%s", outcome.out, outcome.err);
    expect_event(json_array_get(events, 0), "handshake", "block");
    json_decref(events);
    outcome_free(&outcome);
    outcome = ask_journal("--output=cat", "PINSHIM_HOST=other.example.test");
    cr_assert_str_empty(outcome.out);
    outcome_free(&outcome);
    result_free(&result);
}

/* What a config says cannot make a field of its own, nor end one. */
Test(sinks, journald_with_hostile_text)
{
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf", "PINSHIM_EVENTS=journald",
                                 "PINSHIM_MODE=enforce", NULL};

    daemon_own_places();
    int fd = daemon_listen(JOURNAL_SOCKET, false);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} owner = 'a \"b\" \\\\ , } ] [ {\n"
                 "PRIORITY=0\n\033[31m' }\n",
                 scene.pki.genuine.pin);
    struct result result = scene_run_in(scene_trip(&scene.pki.mis_issued, true), environment);
    expect_refused(&result);
    daemon_receive(fd, message, sizeof message);
    daemon_receive(fd, message, sizeof message);
    cr_assert_str_eq(field(message, "PINSHIM_OWNER"),
                     "a \"b\" \\ , } ] [ {\\u000aPRIORITY=0\\u000a\\u001b[31m");
    cr_assert_str_eq(field(message, "PRIORITY"), "3");
    cr_assert_not(strstr(message, "\nPRIORITY=0"), "%s", message);
    result_free(&result);
}

Test(sinks, unix_datagrams)
{
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), false);
    struct result result = visit("enforce", "unix:{dir}/socket");

    daemon_receive(fd, message, sizeof message);
    json_t *events = json_lines(message);
    expect_event(json_array_get(events, 0), "policy", NULL);
    daemon_receive(fd, message, sizeof message);
    json_decref(events);
    events = json_lines(message);
    cr_assert_eq(json_array_size(events), 1);
    expect_event(json_array_get(events, 0), "handshake", "block");
    cr_assert(daemon_is_empty(fd));
    json_decref(events);
    result_free(&result);
}

Test(sinks, unix_stream)
{
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), true);
    struct result result = visit("enforce", "unix:{dir}/socket");

    daemon_receive(daemon_accept(fd), message, sizeof message);
    json_t *events = json_lines(message);
    cr_assert_eq(json_array_size(events), 2);
    expect_event(json_array_get(events, 1), "handshake", "block");
    cr_assert(daemon_is_empty(fd), "a second connection");
    json_decref(events);
    result_free(&result);
}

/* All at once, good ones among some that are not there; each good one has all. */
#define ALL                                                                                        \
    "unix:{dir}/nobody,file:/nonexistent/events,syslog,unix:{dir}/socket,journald," FILE_SINK

Test(sinks, several)
{
    daemon_own_places();
    int journal = daemon_listen(JOURNAL_SOCKET, false);
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), false);
    struct result result = visit("enforce", ALL);

    expect_verdict(&result, "fail", "no_pin_matched", "block", "block");
    for (unsigned i = 0; i < 2; i++) {
        daemon_receive(journal, message, sizeof message);
        daemon_receive(fd, message, sizeof message);
    }
    cr_assert(daemon_is_empty(journal) && daemon_is_empty(fd));
    result_free(&result);
}

/* Nothing of them can be seen by the program: its descriptors, its errors, its signals. */
Test(sinks, invisible)
{
    struct trip trip = scene_trip(&scene.pki.mis_issued, true);
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf", "PINSHIM_MODE=audit",
                                 "PINSHIM_EVENTS=" ALL, NULL};

    daemon_own_places();
    daemon_listen(JOURNAL_SOCKET, false);
    daemon_listen(scratch_path(scene.scratch, "socket"), true);
    scene_pin(scene.pki.genuine.pin);
    for (unsigned stuck = 0; stuck < 2; stuck++) {
        struct result bare = scene_run(trip, NULL), audit = scene_run_in(trip, environment);
        expect_works(&bare);
        expect_same(&bare, &audit);
        expect_verdict(&audit, "fail", "no_pin_matched", "allow", "block");
        result_free(&bare);
        result_free(&audit);
        daemon_stall(JOURNAL_SOCKET);
    }
}

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
    json_t *event = object_behind("", message);

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

Test(sinks, daemon_restarted)
{
    restarted(false);
}

Test(sinks, stream_daemon_restarted)
{
    restarted(true);
}

/* Nobody reads: the handshakes go on, the other sinks have all, and what was lost is told. */
Test(sinks, stuck)
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

Test(sinks, stuck_journald)
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
    cr_assert_str_eq(field(message, "PINSHIM_LOST"), "2");
    living_end();
}

/* A stream takes some hundred kB; then its lines are lost whole. */
Test(sinks, stuck_stream)
{
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), true), stream;
    size_t length = 0, lost = 0, count;
    json_t *events, *event;

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
    json_array_foreach(events, count, event) if (json_object_get(event, "lost")) lost +=
        (size_t)field_number(event, "lost");
    cr_assert_gt(lost, 0, "the stream took all");
    cr_assert_eq(json_array_size(events) + lost, 1 + 351);
    json_decref(events);
    events = living_events();
    cr_assert_eq(events_count(events, "handshake", NULL), 351);
    json_decref(events);
    free(all);
    living_end();
}

/* A disk that is full, and then is not: what a line has torn is ended, and the rest is good. */
Test(sinks, disk_full)
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

Test(sinks, file_rotated_by_renaming)
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

Test(sinks, file_rotated_by_truncation)
{
    start(VERIFYING ROUNDS, FILE_SINK);
    rounds(2);
    cr_assert_eq(truncate(scratch_path(scene.scratch, "events.jsonl"), 0), 0);
    rounds(2);
    cr_assert_eq(lines_in("events.jsonl"), 2);
    living_end();
}

Test(sinks, file_removed)
{
    start(VERIFYING ROUNDS, FILE_SINK);
    rounds(1);
    unlink(scratch_path(scene.scratch, "events.jsonl"));
    rounds(2);
    cr_assert_eq(lines_in("events.jsonl"), 2);
    living_end();
}

/* The directory is gone with what was in it, and there again. */
Test(sinks, log_directory_gone)
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

/* A daemon closes all that it does not know, and gets the numbers for files of its own. */
Test(sinks, sockets_closed_by_the_program)
{
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf",
                                 "PINSHIM_EVENTS=unix:{dir}/socket,syslog," FILE_SINK, NULL};
    struct trip trip = scene_trip(&scene.pki.genuine, true);
    const char *out = scratch_path(scene.scratch, "out");

    daemon_own_places();
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), true);
    int syslog = daemon_listen(SYSLOG_SOCKET, false);
    trip.client = VERIFYING "--life daemon --life-file {dir}/out";
    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run_in(trip, environment);
    cr_assert_eq(events_count(result.events, "handshake", NULL), 1);
    for (unsigned i = 0; i < 2; i++) { /* the policy, and from another connection the handshake */
        daemon_receive(daemon_accept(fd), message, sizeof message);
        json_t *events = json_lines(message);
        expect_event(json_array_get(events, 0), i == 0 ? "policy" : "handshake", NULL);
        json_decref(events);
        daemon_receive(syslog, message, sizeof message);
    }
    expect_syslog(message, LOG_INFO, "handshake", "allow");
    json_t *reports = json_lines(scratch_read(scene.scratch, out)); /* and nothing else is there */
    cr_assert_eq(json_array_size(reports), 1);
    json_decref(reports);
    result_free(&result);
}

/* In another root there is no /dev/log: the socket from the start is kept. */
Test(sinks, syslog_of_who_has_changed_root)
{
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf", "PINSHIM_EVENTS=syslog",
                                 "PINSHIM_MODE=enforce", NULL};
    struct trip trip = scene_trip(&scene.pki.mis_issued, true);

    daemon_own_places();
    int fd = daemon_listen(SYSLOG_SOCKET, false);
    cr_assert_eq(mkdir(scratch_path(scene.scratch, "jail"), 0755), 0);
    trip.client = VERIFYING "--life jail --life-file {dir}/jail";
    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run_in(trip, environment);
    expect_refused(&result);
    daemon_receive(fd, message, sizeof message);
    daemon_receive(fd, message, sizeof message);
    expect_syslog(message, LOG_ERR, "handshake", "block");
    result_free(&result);
}

/* What the program has told its own syslog() stays so: its name, its facility, its mask. */
Test(sinks, syslog_of_the_program_itself)
{
    static const char script[] =
        "import socket, ssl, sys, syslog\n"
        "syslog.openlog('mine', 0, syslog.LOG_MAIL)\n"
        "syslog.setlogmask(syslog.LOG_UPTO(syslog.LOG_CRIT))\n"
        "c = ssl._create_unverified_context()\n"
        "try:\n"
        "    c.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))),\n"
        "                  server_hostname='" HOST "')\n"
        "except ssl.SSLError:\n"
        "    syslog.syslog(syslog.LOG_ERR, 'masked')\n"
        "    syslog.syslog(syslog.LOG_CRIT, 'refused')\n";
    const char *const asks[] = {"--request-client-cert", NULL};
    struct command program = {0};
    struct recorder recorder;
    char *shim = build_path("libpinshim.so");

    if (access("/usr/bin/python3", X_OK) != 0 || shim_is_inside())
        cr_skip_test("needs /usr/bin/python3 and the preload");
    daemon_own_places();
    int fd = daemon_listen(SYSLOG_SOCKET, false);
    scene_pin(scene.pki.genuine.pin);
    recorder_start(&recorder, &scene.pki.mis_issued, asks);
    command_add(&program, "/usr/bin/python3", "-I", "-c", script,
                scratch_format(scene.scratch, "%u", recorder.port), NULL);
    command_set(&program, scratch_format(scene.scratch, "LD_PRELOAD=%s", shim));
    command_set(&program, scene_expand("PINSHIM_CONFIG={dir}/pinshim.conf"));
    command_set(&program, "PINSHIM_EVENTS=syslog");
    struct outcome outcome = command_run(&program);
    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    daemon_receive(fd, message, sizeof message);
    expect_syslog(message, LOG_INFO, "policy", NULL);
    daemon_receive(fd, message, sizeof message);
    expect_syslog(message, LOG_ERR, "handshake", "block");
    daemon_receive(fd, message, sizeof message);
    cr_assert(strncmp(message, "<18>", 4) == 0 && strstr(message, "mine: refused"), "%s", message);
    cr_assert(daemon_is_empty(fd));
    json_decref(recorder_stop(&recorder));
    outcome_free(&outcome);
    free(shim);
}

/* Relative paths are meant from where the program is started. */
Test(sinks, relative_socket)
{
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), false);
    struct trip trip = scene_trip(&scene.pki.genuine, true);
    const char *environment[] = {"PINSHIM_CONFIG=pinshim.conf", "PINSHIM_EVENTS=unix:socket", NULL};

    trip.directory = scratch_dir(scene.scratch);
    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run_in(trip, environment);
    expect_works(&result);
    daemon_receive(fd, message, sizeof message);
    daemon_receive(fd, message, sizeof message);
    result_free(&result);
}
