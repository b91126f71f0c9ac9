/* Where events go: syslog, sockets, several at once; none of it seen by the program. */
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "tests/handshake/sink_scene.h"

TestSuite(sinks, .init = scene_open, .fini = scene_close);

Test(sinks, syslog)
{
    daemon_own_places();
    int fd = daemon_listen(SYSLOG_SOCKET, false);
    for (size_t i = 0; i < SINK_MODES; i++) {
        struct result result = sink_visit(sink_modes[i].mode, "syslog");
        daemon_receive(fd, message, sizeof message);
        expect_syslog(message, LOG_INFO, "policy", NULL);
        cr_assert_eq(daemon_receive(fd, message, sizeof message), strlen(message)); /* no NUL */
        expect_syslog(message, sink_modes[i].severity, "handshake", sink_modes[i].action);
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
    struct result result = sink_visit("enforce", "syslog");
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

Test(sinks, unix_datagrams)
{
    int fd = daemon_listen(scratch_path(scene.scratch, "socket"), false);
    struct result result = sink_visit("enforce", "unix:{dir}/socket");

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
    struct result result = sink_visit("enforce", "unix:{dir}/socket");

    daemon_receive(daemon_accept(fd), message, sizeof message);
    json_t *events = json_lines(message);
    cr_assert_eq(json_array_size(events), 2);
    expect_event(json_array_get(events, 1), "handshake", "block");
    cr_assert(daemon_is_empty(fd), "a second connection");
    json_decref(events);
    result_free(&result);
}

/* stderr may be a terminal: what a peer or the config calls itself acts on none (C1 controls), and
 * turns no text around (UAX #9). JSON says it all the same, in a line of the usual length. */
Test(sinks, no_acting_character)
{
#define ACTING "\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x81\xa9\xe2\x80\xac"
#define MANY ACTING ACTING ACTING ACTING ACTING ACTING ACTING ACTING
    static const char *const raw[] = {"\xc2\x9b", "\xe2\x80", "\xe2\x81", "\xd8\x9c"};
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf",
                                 "PINSHIM_EVENTS=stderr," FILE_SINK, "PINSHIM_MODE=enforce", NULL};
    const struct request request = {.common_name = MANY ACTING ACTING "m\xc3\xbcn"};
    struct identity hostile;
    const json_t *event, *leaf;

    pki_issue(scene.scratch, "hostile", &scene.pki.intermediate, &request, &hostile);
    scene_policy("domain \"" HOST "\" { pins = {\"%s\"} owner = \"" MANY MANY MANY "\" }\n",
                 scene.pki.genuine.pin);
    struct result result = scene_run_in(scene_trip(&hostile, true), environment);
    expect_refused(&result);
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        cr_assert_null(strstr(result.outcome.err, raw[i]), "%zu: %s", i, result.outcome.err);
    for (const char *line = result.outcome.err; line; line = strchr(line + 1, '\n'))
        cr_assert_leq(strcspn(line + 1, "\n"), 4096);
    event = events_last(result.events, "handshake", NULL);
    leaf = json_array_get(json_object_get(event, "chain"), 0);
    cr_assert_eq(json_array_size(json_object_get(event, "chain")), 2);
    cr_assert(strncmp(field_string(leaf, "subject"), "CN=" ACTING ACTING, 2 * sizeof ACTING + 1) ==
              0); /* long ones are cut */
    cr_assert(strncmp(field_string(event, "owner"), ACTING ACTING, 2 * sizeof ACTING - 2) == 0);
    identity_free(&hostile);
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
    struct result result = sink_visit("enforce", ALL);

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

    if (shim_is_inside())
        cr_skip_test("a sanitizer looks at /proc at its end");
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
    char *shim;

    if (access("/usr/bin/python3", X_OK) != 0 || shim_is_inside())
        cr_skip_test("needs /usr/bin/python3 and the preload");
    shim = build_path("libpinshim.so");
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
