/* The policy of a process that goes on: what is changed under it holds from the next handshake on,
 * what is broken does not, and both are told once. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/living.h"

TestSuite(reload, .init = scene_open, .fini = scene_close);

#define GOOD (scene.pki.genuine.pin)
#define WRONG (scene.pki.mis_issued.pin)
#define CONFIG "pinshim.conf"

/* A client that offers its certificate to a server which asks for it. */
static void start(void)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = VERIFYING ROUNDS;
    living_start(trip, NULL);
}

static const char *section(const char *pin)
{
    return scratch_format(scene.scratch, "domain \"" HOST "\" {\n    pins = {\"%s\"}\n}\n", pin);
}

static void put(const char *file, const char *text)
{
    scratch_text(scene.scratch, file, 0600, "%s", text);
}

static void move(const char *from, const char *to)
{
    cr_assert_eq(rename(scratch_path(scene.scratch, from), scratch_path(scene.scratch, to)), 0,
                 "%s", strerror(errno));
}

static void make_directory(const char *name, mode_t mode)
{
    const char *path = scratch_path(scene.scratch, name);

    cr_assert(mkdir(path, 0700) == 0 && chmod(path, mode) == 0, "%s", strerror(errno));
}

static void set_mode(const char *file, mode_t mode)
{
    cr_assert_eq(chmod(scratch_path(scene.scratch, file), mode), 0, "%s", strerror(errno));
}

static void link_to(const char *target, const char *name)
{
    cr_assert_eq(symlink(target, scratch_path(scene.scratch, name)), 0, "%s", strerror(errno));
}

/* changes */

static void in_place(const char *pin)
{
    put(CONFIG, section(pin));
}

static void by_rename(const char *pin)
{
    put("next", section(pin));
    move("next", CONFIG);
}

/* The target of a link is replaced: what Kubernetes does with its config maps. */
static void by_link(const char *pin)
{
    const char *target = pin == GOOD ? "good.conf" : "wrong.conf";

    put(target, section(pin));
    link_to(target, "next");
    move("next", CONFIG);
}

static void in_an_include(const char *pin)
{
    put("pins.d/a.conf", section(pin));
}

static void beside_an_include(const char *pin)
{
    if (pin == WRONG)
        put("pins.d/b.conf", "domain \"" HOST "\" { ports = {1} pins = {\"file:nothing\"} }\n");
    in_an_include(pin);
    if (pin == WRONG)
        unlink(scratch_path(scene.scratch, "pins.d/b.conf"));
}

static void in_a_key_file(const char *pin)
{
    const struct identity *identity = pin == GOOD ? &scene.pki.genuine : &scene.pki.mis_issued;

    put("key.pem", scratch_read(scene.scratch, identity->leaf_file));
}

/* From one pin to another and back; in audit nothing is refused, and the event says what would. */
static void both_directions(const char *config, void (*change)(const char *pin))
{
    static const char *const modes[] = {"enforce", "audit"};

    for (size_t i = 0; i < 2; i++) {
        if (config)
            put(CONFIG, config);
        unlink(scratch_path(scene.scratch, "events.jsonl"));
        change(GOOD);
        struct trip trip = scene_trip(&scene.pki.genuine, true);
        trip.client = VERIFYING ROUNDS;
        living_start(trip, (const char *const[]){
                               scratch_format(scene.scratch, "PINSHIM_MODE=%s", modes[i]), NULL});
        living_verdict("pass", "pin_matched");
        change(WRONG);
        if (i == 0)
            living_refused();
        else
            living_verdict("fail", "no_pin_matched");
        living_counts(2, 0);
        change(GOOD);
        living_verdict("pass", "pin_matched");
        living_verdict("pass", "pin_matched");
        living_counts(3, 0);
        living_end();
    }
}

Test(reload, in_place)
{
    both_directions(NULL, in_place);
}

Test(reload, by_rename)
{
    both_directions(NULL, by_rename);
}

Test(reload, by_link)
{
    both_directions(NULL, by_link);
}

Test(reload, in_an_include)
{
    make_directory("pins.d", 0700);
    both_directions("include_dir = \"pins.d\"\n", in_an_include);
}

/* A file that comes and goes between two looks is none. */
Test(reload, beside_an_include)
{
    make_directory("pins.d", 0700);
    both_directions("include_dir = \"pins.d\"\n", beside_an_include);
}

Test(reload, in_a_key_file)
{
    both_directions(section("file:key.pem"), in_a_key_file);
}

Test(reload, a_file_is_added_and_removed)
{
    make_directory("pins.d", 0700);
    put(CONFIG, "include_dir = \"pins.d\"\n");
    start();
    living_verdict("unpinned", "no_section");
    in_an_include(WRONG);
    living_refused();
    unlink(scratch_path(scene.scratch, "pins.d/a.conf"));
    living_verdict("unpinned", "no_section");
    living_counts(3, 0);
    living_end();
}

/* An entry that holds another key than its name says is no entry; so is one that is missing. */
Test(reload, in_the_store)
{
    unsigned char digest[32];
    char id[17], entry[40];
    struct identity *genuine = &scene.pki.genuine;
    char *pem = scratch_read(scene.scratch, genuine->leaf_file);

    cr_assert(EVP_DecodeBlock(digest, (unsigned char *)genuine->pin + 7, 40) == 30);
    for (int i = 0; i < 8; i++)
        sprintf(id + 2 * i, "%02x", digest[i]);
    sprintf(entry, "store/%s.pem", id);
    make_directory("store", 0700);
    put(entry, pem);
    put(CONFIG, section(scratch_format(scene.scratch, "store:%s", id)));
    start();
    living_verdict("pass", "pin_matched");
    put(entry, scratch_read(scene.scratch, scene.pki.mis_issued.leaf_file));
    living_works();
    living_error(CONFIG, "another ID");
    unlink(scratch_path(scene.scratch, entry));
    living_works();
    living_error(CONFIG, "no such entry");
    put(entry, pem);
    set_mode(entry, 0666);
    living_works();
    living_error(CONFIG, "others may write it");
    living_counts(1, 3);
    set_mode(entry, 0600);
    living_works();
    living_counts(2, 3);
    living_end();
}

/* What a program that checks nothing is held to. `file` is written anew, in place. */
static void anchors(const char *trust_anchors, const char *file)
{
    struct trip trip = scene_trip(&scene.pki.genuine, false);
    const char *root = scratch_read(scene.scratch, scene.pki.root.leaf_file);

    trip.client = CARELESS ROUNDS;
    put(file, root);
    scene_policy("verify = {\"chain\"}\ntrust_anchors = \"%s\"\n", trust_anchors);
    living_start(trip, NULL);
    living_verdict("unpinned", "no_section");
    put(file, scratch_read(scene.scratch, scene.pki.self_signed.leaf_file));
    living_refused();
    put(file, root);
    living_works();
    living_counts(3, 0);
    put(file, "nothing of the kind\n");
    living_works();
    living_error(CONFIG, "no certificate");
    put(file, root);
    set_mode(file, 0666);
    living_works();
    living_error(CONFIG, "others may write it");
    living_counts(3, 2);
    living_end();
}

Test(reload, trust_anchors)
{
    anchors("anchors.pem", "anchors.pem");
}

Test(reload, trust_anchors_in_a_directory)
{
    make_directory("anchors", 0700);
    anchors("anchors", "anchors/a.crt");
}

static void mode_and_pin(const char *mode, const char *pin)
{
    scene_policy("mode = \"%s\"\n%s", mode, section(pin));
}

Test(reload, mode)
{
    mode_and_pin("audit", WRONG);
    start();
    living_verdict("fail", "no_pin_matched");
    mode_and_pin("enforce", WRONG);
    living_refused();
    mode_and_pin("off", WRONG);
    living_works();
    mode_and_pin("enforce", WRONG);
    living_refused();
    mode_and_pin("audit", WRONG);
    living_verdict("fail", "no_pin_matched");
    living_counts(5, 0);
    living_end();
}

/* What the environment said at the start holds. */
Test(reload, mode_of_the_environment)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = VERIFYING ROUNDS;
    mode_and_pin("audit", GOOD);
    living_start(trip, (const char *const[]){"PINSHIM_MODE=audit", NULL});
    living_verdict("pass", "pin_matched");
    mode_and_pin("enforce", WRONG);
    living_verdict("fail", "no_pin_matched");
    put(CONFIG, "domain {");
    living_verdict("fail", "no_pin_matched");
    living_counts(2, 1);
    scene_policy("lock_mode = true\n%s", section(WRONG));
    living_refused();
    living_end();
}

/* Written anew, and the same; nobody need know. */
Test(reload, touched)
{
    in_place(GOOD);
    start();
    living_works();
    by_rename(GOOD);
    living_works();
    put(CONFIG, scratch_format(scene.scratch, "# the same\n%s", section(GOOD)));
    living_works();
    set_mode(CONFIG, 0644);
    living_works();
    living_counts(1, 0);
    living_end();
}

static void with_interval(const char *interval)
{
    const char *option = scratch_format(scene.scratch, "reload_interval = %s\n", interval);

    put(CONFIG, scratch_format(scene.scratch, "%s%s", option, section(GOOD)));
    start();
    put(CONFIG, section(WRONG));
    for (int i = 0; i < 3; i++)
        living_works();
    living_counts(1, 0);
    living_end();
}

Test(reload, never)
{
    with_interval("0");
}

Test(reload, not_before_its_time)
{
    with_interval("86400");
}
