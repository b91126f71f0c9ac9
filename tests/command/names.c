/* pinshim test finds the section that the table of names says, and tells where it stands. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"
#include "tests/support/events.h"
#include "tests/support/names_table.h"

static struct identity server;

static void open_names(void)
{
    const struct request request = {0};

    open_scratch();
    pki_issue(scratch, "server", NULL, &request, &server);
}

static void close_names(void)
{
    identity_free(&server);
    close_scratch();
}

TestSuite(names, .init = open_names, .fini = close_names);

/* The decision on this HOST[:PORT], for a program unless it is NULL. Free it. */
static json_t *decide(const char *config, const char *host, const char *program)
{
    struct command command = {0};
    json_t *json, *decision;
    struct outcome outcome;

    pinshim_add(&command, "test", "--json", "-c", config, host, "--chain", server.leaf_file, NULL);
    if (program)
        command_add(&command, "--program", program, NULL);
    outcome = pinshim_run(command);
    json = expect_json(outcome, outcome.status == 0 ? 0 : 1);
    decision = json_incref(json_array_get(json_object_get(json, "decisions"), 0));
    json_decref(json);
    return decision;
}

/* HOST[:PORT] for the one thing that is known of the peer beside its port and the program; NULL
 * where that is not all. */
static const char *host_of(const struct names_peer *peer)
{
    const char *host = peer->sni ? peer->sni : peer->address;

    if (peer->verify || peer->resolved || peer->likely || !host || (peer->sni && peer->address))
        return NULL;
    if (!peer->port)
        return host;
    return scratch_format(scratch, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, peer->port);
}

static void check_row(const struct names_row *row)
{
    const char *config = write_config("%s", row->config), *host;
    struct names_peer peer;

    names_peer_read(row->peer, &peer);
    host = host_of(&peer);
    if (!host)
        return;
    if (peer.sni && !*row->host) {
        expect_outcome(PINSHIM("test", "-c", config, host, "--chain", server.leaf_file), 2, "",
                       "is no name that a server can have");
        return;
    }
    json_t *decision = decide(config, host, peer.program);
    expect_string(decision, "domain", row->section);
    if (*row->host)
        expect_string(decision, "host", row->host);
    json_decref(decision);
}

/* Every seventh row: the units have them all. */
Test(names, table, .timeout = 60)
{
    for (size_t i = 0; i < NAMES_TABLE_SIZE; i += 7)
        check_row(&NAMES_TABLE[i]);
}

#define SECTION(title) "domain \"" title "\" { pins = {\"%s\"} }\n"

Test(names, where_the_section_stands)
{
    const char *included,
        *config = write_config("include_dir = pins.d\n\n" SECTION("a.test"), server.pin);

    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
    included = scratch_text(scratch, "pins.d/b.conf", 0644, "\n" SECTION("b.test"), server.pin);
    expect_outcome(PINSHIM("test", "-c", config, "a.test", "--chain", server.leaf_file), 0,
                   scratch_format(scratch, "domain \"a.test\", line 3 of %s, mode enforce", config),
                   "");
    expect_outcome(
        PINSHIM("test", "-c", config, "b.test", "--chain", server.leaf_file), 0,
        scratch_format(scratch, "domain \"b.test\", line 2 of %s, mode enforce", included), "");
    json_t *a = decide(config, "a.test", NULL), *b = decide(config, "b.test", NULL);
    json_t *none = decide(config, "c.test", NULL);
    expect_string(a, "file", config);
    expect_number(a, "line", 3);
    expect_string(b, "file", included);
    expect_number(b, "line", 2);
    expect_string(none, "file", NULL);
    json_decref(a);
    json_decref(b);
    json_decref(none);
}

/* As the shim does it, links are followed, and the base name is the executable's own. */
Test(names, program)
{
    const char *tool = scratch_text(scratch, "tool-1.2", 0755, "%s", "");
    const char *link = scratch_path(scratch, "tool");
    const struct {
        const char *title, *program;
        bool found;
    } rows[] = {
        {"curl", "curl", true},
        {"curl", "/usr/local/none/curl", true},
        {"curl", "wget", false},
        {"/none/curl", "/none/curl", true},
        {"/none/curl", "curl", false},
        {"/none/curl", "/usr/curl", false},
        {tool, tool, true},
        {tool, link, true},
        {link, tool, true},
        {link, link, true},
        {"tool-1.2", link, true},
        {"tool", link, false},
        {"tool", "tool", true},
    };

    cr_assert(symlink("tool-1.2", link) == 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *config = write_config("program \"%s\" { mode = audit\n" SECTION("a.test") "}\n",
                                          rows[i].title, server.pin);
        json_t *decision = decide(config, "a.test", rows[i].program);
        expect_string(decision, "domain", rows[i].found ? "a.test" : NULL);
        expect_string(decision, "mode", rows[i].found ? "audit" : "enforce");
        json_decref(decision);
    }
}

/* Options of the program section count too. */
Test(names, rules_of_a_program)
{
    const char *config = write_config("program \"curl\" { unpinned = block expired = block\n"
                                      "domain \"a.test\" { expires = \"2020-01-01\" pins = "
                                      "{\"%s\"} } }\n" SECTION("b.test"),
                                      server.pin, server.pin);
    const struct {
        const char *host, *program, *reason, *would;
    } rows[] = {
        {"c.test", NULL, "no_section", "allow"},     {"c.test", "curl", "no_section", "block"},
        {"a.test", "curl", "pins_expired", "block"}, {"a.test", NULL, "no_section", "allow"},
        {"b.test", "curl", "pin_matched", "allow"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *decision = decide(config, rows[i].host, rows[i].program);
        expect_string(decision, "reason", rows[i].reason);
        expect_string(decision, "would", rows[i].would);
        json_decref(decision);
    }
}
