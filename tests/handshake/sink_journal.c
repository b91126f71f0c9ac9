/* Events in the journal: in its protocol, and with its own daemon. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/handshake/sink_scene.h"

TestSuite(sink_journal, .init = scene_open, .fini = scene_close);

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
        cr_assert_str_eq(journal_field(text, name), plain);
        free(plain);
    }
}

Test(sink_journal, journald)
{
    daemon_own_places();
    int fd = daemon_listen(JOURNAL_SOCKET, false);
    for (size_t i = 0; i < SINK_MODES; i++) {
        struct result result = sink_visit(sink_modes[i].mode, "journald");
        daemon_receive(fd, message, sizeof message);
        cr_assert_str_eq(journal_field(message, "PINSHIM_EVENT"), "policy");
        daemon_receive(fd, message, sizeof message);
        json_t *event = sink_object("", journal_field(message, "MESSAGE"));
        expect_event(event, "handshake", sink_modes[i].action);
        expect_fields(message, event);
        cr_assert_str_eq(journal_field(message, "PINSHIM_HOST"), HOST);
        cr_assert_str_eq(journal_field(message, "SYSLOG_IDENTIFIER"), "pinshim");
        cr_assert_eq(atoi(journal_field(message, "PRIORITY")), sink_modes[i].severity);
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
Test(sink_journal, journald_itself)
{
    daemon_own_places();
    if (access(JOURNALD, X_OK) != 0 || access("/etc/machine-id", R_OK) != 0)
        cr_skip_test("needs " JOURNALD " and a machine-id");
    start_journald();
    struct result result = sink_visit("enforce", "journald");
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
Test(sink_journal, journald_with_hostile_text)
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
    cr_assert_str_eq(journal_field(message, "PINSHIM_OWNER"),
                     "a \"b\" \\ , } ] [ {\\u000aPRIORITY=0\\u000a\\u001b[31m");
    cr_assert_str_eq(journal_field(message, "PRIORITY"), "3");
    cr_assert_not(strstr(message, "\nPRIORITY=0"), "%s", message);
    result_free(&result);
}
