/* A sample of the table of names, asked of the shim: what a client's event says. */
#include "tests/handshake/scene.h"

#include <string.h>

#include "tests/support/names_table.h"

TestSuite(names_table, .init = scene_open, .fini = scene_close);

/* Can a client with a server name alone, to 127.0.0.1 and some port, be this row's? */
static bool can_go(const struct names_row *row, const struct names_peer *peer)
{
    return peer->sni && *peer->sni && !peer->verify && !peer->resolved && !peer->address &&
           !peer->port && !peer->likely && !strstr(row->config, "ports") &&
           !strstr(row->config, "0.0.0.0/0") && !(peer->program && strchr(peer->program, '/'));
}

static void check_row(const struct names_row *row)
{
    struct names_peer peer;
    struct trip trip = {.identity = &scene.pki.mis_issued};

    names_peer_read(row->peer, &peer);
    if (!can_go(row, &peer))
        return;
    trip.client = scratch_format(scene.scratch, "--verify none --sni %s", peer.sni);
    trip.program = peer.program;
    scene_policy("%s", row->config);
    struct result result = scene_run(trip, "enforce");
    if (row->section &&
        strstr(row->config,
               scratch_format(scene.scratch, "domain \"%s\" { mode = \"off\" }", row->section))) {
        cr_assert_eq(events_count(result.events, "handshake", NULL), 0, "%s", row->peer);
        expect_works(&result);
    } else {
        const json_t *event = events_last(result.events, "handshake", NULL);
        expect_string(event, "domain", row->section);
        expect_string(event, "host", *row->host ? row->host : NULL);
        expect_string(event, "host_source", row->source);
        if (row->section)
            expect_refused(&result);
        else
            expect_works(&result);
    }
    result_free(&result);
}

/* In three parts, so that they run beside each other: every fifth row, and those of programs. */
static void check_part(size_t part)
{
    for (size_t i = part; i < NAMES_TABLE_SIZE; i += 3)
        if (i % 5 == 0 || strstr(NAMES_TABLE[i].peer, "program="))
            check_row(&NAMES_TABLE[i]);
}

Test(names_table, first)
{
    check_part(0);
}

Test(names_table, second)
{
    check_part(1);
}

Test(names_table, third)
{
    check_part(2);
}
