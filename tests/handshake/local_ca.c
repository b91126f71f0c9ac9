/* What events tell of CAs that somebody added to this machine's trust store. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/handshake/chains.h"
#include "tests/support/mounts.h"

#define LOCAL_CAS "/usr/local/share/ca-certificates"

static struct identity *corporate, *proxied;

/* The machine's own CAs are those that a test puts there. */
static void open_machine(void)
{
    mounts_own();
    cr_assert(mkdir(LOCAL_CAS, 0755) == 0 || errno == EEXIST);
    mount_on("tmpfs", LOCAL_CAS, "tmpfs", 0);
    cr_assert_eq(chmod(LOCAL_CAS, 0755), 0);
    scene_open();
    corporate = issue("corporate", NULL, (struct request){.ca = true});
    proxied = issue("proxied", corporate, (struct request){0});
    scene_pin(scene.pki.genuine.pin);
}

TestSuite(local_ca, .init = open_machine, .fini = chains_close);

static void add_local(const struct identity *ca, const char *path, mode_t mode)
{
    char *pem = scratch_read(scene.scratch, ca->leaf_file);
    FILE *file = fopen(path, "we");

    cr_assert(file && fputs(pem, file) >= 0 && fclose(file) == 0, "%s: %s", path, strerror(errno));
    cr_assert_eq(chmod(path, mode), 0);
}

/* Unchanged in audit, and the last event says this of the chain: true, false or null. */
static void expect_told(struct trip trip, const json_t *local_ca)
{
    struct result bare = scene_run(trip, NULL), audit = scene_run(trip, "audit");

    expect_works(&bare);
    expect_same(&bare, &audit);
    const json_t *event = events_last(audit.events, "handshake", NULL);
    cr_expect_eq(json_object_get(event, "local_ca"), local_ca, "%s", json_dumps(event, 0));
    result_free(&bare);
    result_free(&audit);
}

Test(local_ca, signed_the_leaf)
{
    add_local(corporate, LOCAL_CAS "/corporate.crt", 0644);
    expect_told(chain_trip(proxied, true, corporate->leaf_file), json_true());
    expect_told(chain_trip(proxied, false, NULL), json_true());
    expect_told(chain_trip(&scene.pki.genuine, true, scene.pki.ca_file), json_false());
    expect_told(chain_trip(&scene.pki.mis_issued, false, NULL), json_false());
}

Test(local_ca, above_another_and_in_a_directory)
{
    struct identity *between = issue("between", corporate, (struct request){.ca = true});
    struct identity *leaf = issue("leaf", between, (struct request){0});

    cr_assert_eq(mkdir(LOCAL_CAS "/deeper", 0755), 0);
    add_local(corporate, LOCAL_CAS "/deeper/corporate.crt", 0644);
    expect_told(chain_trip(leaf, false, NULL), json_true());
}

Test(local_ca, refused_all_the_same)
{
    struct trip trip = chain_trip(proxied, false, NULL);

    add_local(corporate, LOCAL_CAS "/corporate.crt", 0644);
    struct result refused = scene_run(trip, "enforce");
    expect_refused(&refused);
    expect_nothing_sent(&refused, 0);
    cr_expect(field_true(events_last(refused.events, "handshake", NULL), "local_ca"));
    result_free(&refused);
}

/* Its name alone is anybody's. */
Test(local_ca, name_of_another)
{
    struct identity *same =
        issue("same", NULL, (struct request){.ca = true, .common_name = "corporate"});

    add_local(same, LOCAL_CAS "/corporate.crt", 0644);
    expect_told(chain_trip(proxied, false, NULL), json_false());
}

Test(local_ca, of_a_file_that_others_may_write)
{
    add_local(corporate, LOCAL_CAS "/corporate.crt", 0666);
    expect_told(chain_trip(proxied, false, NULL), json_false());
}

/* What was verified once is remembered; of a session there is no chain. */
Test(local_ca, again_and_resumed)
{
    struct trip trip = chain_trip(proxied, false, NULL);

    add_local(corporate, LOCAL_CAS "/corporate.crt", 0644);
    trip.client = CARELESS "--times 2";
    expect_told(trip, json_true());
    trip.client = CARELESS "--times 2 --resume";
    expect_told(trip, json_null());
}
