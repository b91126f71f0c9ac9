/* A process that is killed while it writes its events leaves whole lines, and perhaps one that is
 * torn at the end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lives/lives.h"
#include "tests/support/death.h"

TestSuite(killed, .init = scene_open, .fini = scene_close);

static size_t most; /* events that were found */
static bool tears;  /* the last line may be torn: else each is one write, and there or not */

static void nothing_there(void)
{
    unlink(scene.protection.events);
}

static void expect_lines(bool killed)
{
    char *text = scratch_read(scene.scratch, scene.protection.events);
    char *end = strrchr(text, '\n');
    json_t *events;

    end = end ? end + 1 : text;
    cr_assert(*end == '\0' || (killed && tears), "torn: %s", end);
    *end = '\0';
    events = json_lines(text);
    most = json_array_size(events) > most ? json_array_size(events) : most;
    json_decref(events);
}

static void client_killed(const char *mode, bool torn)
{
    struct trip trip = life_trip(CARELESS "--times 2");
    struct recorder recorders[2];
    struct command command = {0};
    char *shim = build_path("libpinshim.so");

    tears = torn;
    life_pin_wrong();
    scene_servers(trip, recorders);
    scene_client(trip, recorders, &command);
    command_set(&command, scratch_format(scene.scratch, "LD_PRELOAD=%s:%s",
                                         death_preload(scene.scratch), shim));
    command_set(&command,
                scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config));
    command_set(&command, scratch_format(scene.scratch, "PINSHIM_MODE=%s", mode));
    command_set(&command,
                scratch_format(scene.scratch, "PINSHIM_EVENTS=file:%s", scene.protection.events));
    cr_assert_geq(death_each(scene.scratch, &command, torn, nothing_there, expect_lines), 4);
    cr_assert_eq(most, 3); /* of the policy, and of each handshake */
    json_decref(recorder_stop(&recorders[0]));
    free(shim);
}

Test(killed, audited)
{
    client_killed("audit", false);
}

Test(killed, audited_torn)
{
    client_killed("audit", true);
}

Test(killed, enforced_torn)
{
    client_killed("enforce", true);
}
