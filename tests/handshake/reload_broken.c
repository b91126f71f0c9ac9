/* A policy that cannot be followed any more, under a process that goes on: the last good one stays,
 * that is told once, and what is mended holds again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/living.h"

TestSuite(reload_broken, .init = scene_open, .fini = scene_close);

#define CONFIG "pinshim.conf"
#define STAYS "; the policy that was loaded before stays in force"

static const char *policy(const char *pin)
{
    return scratch_format(scene.scratch, "domain \"" HOST "\" {\n    pins = {\"%s\"}\n}\n", pin);
}

static const char *right(void)
{
    return policy(scene.pki.genuine.pin);
}

static const char *wrong(void)
{
    return policy(scene.pki.mis_issued.pin);
}

static const char *in_scratch(const char *file)
{
    return scratch_path(scene.scratch, file);
}

static void put(const char *file, const char *text)
{
    scratch_text(scene.scratch, file, 0600, "%s", text);
}

static void check(int result)
{
    cr_assert_eq(result, 0, "%s", strerror(errno));
}

static struct trip trip(void)
{
    struct trip made = scene_trip(&scene.pki.genuine, true);

    made.client = VERIFYING ROUNDS;
    return made;
}

/* Is broken now, and told so once; mended, it is told again, though it is the same. */
static void stays(const char *file, const char *message, void (*mend)(void))
{
    for (int i = 0; i < 3; i++)
        living_works();
    living_error(file, message);
    living_counts(1, 1);
    mend();
    living_works();
    living_counts(2, 1);
    put(CONFIG, wrong());
    living_refused();
    living_counts(3, 1);
    const char *output = living_end();
    const char *line = scratch_format(scene.scratch, "pinshim: %s", in_scratch(file));
    cr_assert_eq(living_said(output, line), 1, "not once: %s", output);
    cr_assert_eq(living_said(output, STAYS), 1, "not once: %s", output);
}

static void write_right(void)
{
    put(CONFIG, right());
}

static void starts_right(void)
{
    write_right();
    living_start(trip(), NULL);
    living_works();
}

/* The first part of what would be another policy. */
Test(reload_broken, partial_write)
{
    char *text = scratch_format(scene.scratch, "%s", wrong());

    starts_right();
    *strrchr(text, '}') = '\0';
    put(CONFIG, text);
    stays(CONFIG, "the file ends inside this section", write_right);
}

/* What a shell's > or cp leaves for a moment; it would let everybody through. */
Test(reload_broken, emptied)
{
    put(CONFIG, wrong());
    living_start(trip(), NULL);
    living_refused();
    put(CONFIG, "");
    living_refused();
    living_refused();
    living_error(CONFIG, "it is empty, and was not before");
    living_counts(1, 1);
    put(CONFIG, "# nobody is pinned\n");
    living_works();
    living_counts(2, 1);
    living_end();
}

Test(reload_broken, deleted)
{
    starts_right();
    check(unlink(in_scratch(CONFIG)));
    stays(CONFIG, "No such file", write_right);
}

static void by_owner_only(void)
{
    check(chmod(in_scratch(CONFIG), 0600));
}

Test(reload_broken, writable_by_others)
{
    starts_right();
    check(chmod(in_scratch(CONFIG), 0666));
    stays(CONFIG, "others may write it", by_owner_only);
}

Test(reload_broken, writable_by_the_group)
{
    starts_right();
    check(chmod(in_scratch(CONFIG), 0660));
    stays(CONFIG, "others may write it", by_owner_only);
}

static void readable(void)
{
    check(chmod(in_scratch(CONFIG), 0644));
    scratch_text(scene.scratch, CONFIG, 0644, "%s", right());
}

/* Root may read everything, so the client is another user then. */
Test(reload_broken, unreadable)
{
    struct trip nobody = trip();

    nobody.user = "nobody";
    nobody.client = "--sni " HOST ROUNDS;
    nobody.server = NULL;
    scratch_text(scene.scratch, "events.jsonl", 0666, "%s", "");
    scratch_text(scene.scratch, CONFIG, 0644, "%s", right());
    living_start(nobody, NULL);
    living_works();
    check(chmod(in_scratch(CONFIG), 0));
    living_works();
    living_works();
    living_error(CONFIG, "Permission denied");
    living_counts(1, 1);
    readable();
    living_works();
    living_counts(2, 1);
    scratch_text(scene.scratch, CONFIG, 0644, "%s", wrong());
    living_refused();
    living_end();
}

static void give_back(void)
{
    check(chown(in_scratch(CONFIG), geteuid(), getegid()));
}

Test(reload_broken, of_another_user)
{
    if (geteuid() != 0)
        cr_skip_test("only root can give a file away");
    starts_right();
    check(chown(in_scratch(CONFIG), 65534, 65534));
    stays(CONFIG, "it belongs to user 65534", give_back);
}

/* directories: the config and what it includes lie in one */

#define INSIDE "conf/" CONFIG

static void make_directory(const char *name, mode_t mode)
{
    check(mkdir(in_scratch(name), 0700));
    check(chmod(in_scratch(name), mode));
}

/* A directory with a config and its include, which pins this. */
static void fill(const char *directory, mode_t mode, const char *text)
{
    make_directory(directory, mode);
    make_directory(scratch_format(scene.scratch, "%s/pins.d", directory), 0700);
    put(scratch_format(scene.scratch, "%s/" CONFIG, directory), "include_dir = \"pins.d\"\n");
    put(scratch_format(scene.scratch, "%s/pins.d/a.conf", directory), text);
}

static void start_inside(void)
{
    fill("conf", 0700, right());
    living_start(trip(), (const char *const[]){"PINSHIM_CONFIG={dir}/" INSIDE, NULL});
    living_works();
}

static void replace_by_link(const char *target)
{
    check(rename(in_scratch("conf"), in_scratch("conf.old")));
    check(symlink(target, in_scratch("conf")));
}

Test(reload_broken, directory_becomes_a_link)
{
    start_inside();
    fill("other", 0755, wrong());
    replace_by_link("other");
    living_refused();
    living_counts(2, 0);
    living_end();
}

Test(reload_broken, directory_becomes_a_link_to_a_writable_one)
{
    start_inside();
    fill("other", 0777, wrong());
    replace_by_link("other");
    living_works();
    living_works();
    living_error(INSIDE, "others may write its directory");
    living_counts(1, 1);
    check(chmod(in_scratch("other"), 0755)); /* which no file shows */
    living_refused();
    living_counts(2, 1);
    living_end();
}

/* The same of the directory of includes alone; it is the config's line that names it. */
Test(reload_broken, includes_become_a_link)
{
    start_inside();
    make_directory("other", 0777);
    put("other/a.conf", wrong());
    check(rename(in_scratch("conf/pins.d"), in_scratch("conf/pins.old")));
    check(symlink("../other", in_scratch("conf/pins.d")));
    living_works();
    living_error(INSIDE, "others may write it");
    living_counts(1, 1);
    check(chmod(in_scratch("other"), 0700));
    living_refused();
    living_counts(2, 1);
    living_end();
}

Test(reload_broken, include)
{
    start_inside();
    check(chmod(in_scratch("conf/pins.d/a.conf"), 0666));
    living_works();
    living_error("conf/pins.d/a.conf", "others may write it");
    put("conf/pins.d/a.conf", "");
    living_works();
    living_error("conf/pins.d/a.conf", "it is empty");
    put("conf/pins.d/a.conf", "mode = audit\n");
    living_works();
    living_error("conf/pins.d/a.conf", "mode belongs into the config itself");
    living_counts(1, 3);
    put("conf/pins.d/a.conf", wrong());
    living_refused();
    living_counts(2, 3);
    living_end();
}

Test(reload_broken, key_file)
{
    put("key.pem", scratch_read(scene.scratch, scene.pki.genuine.leaf_file));
    put(CONFIG, policy("file:key.pem"));
    living_start(trip(), NULL);
    living_works();
    check(chmod(in_scratch("key.pem"), 0622));
    living_works();
    living_error(CONFIG, "others may write it");
    put("key.pem", "");
    living_works();
    living_error(CONFIG, "it is empty");
    put("key.pem", scratch_read(scene.scratch, scene.pki.mis_issued.leaf_file));
    living_refused();
    living_counts(2, 2);
    living_end();
}

/* broken from the start */

Test(reload_broken, from_the_start)
{
    put(CONFIG, "domain \"" HOST "\" { pins = {} }\n");
    living_start(trip(), NULL);
    living_refused();
    living_refused();
    living_counts(0, 1);
    put(CONFIG, "domian \"" HOST "\" {}\n");
    living_refused();
    living_error(CONFIG, "unknown option domian");
    put(CONFIG, "");
    living_refused();
    living_error(CONFIG, "it is empty");
    living_counts(0, 3);
    put(CONFIG, wrong());
    living_refused();
    living_counts(1, 3);
    write_right();
    living_works();
    living_counts(2, 3);
    const char *output = living_end();
    cr_assert(strstr(output, "unknown option domian"), "a refusal gives the reason: %s", output);
}

Test(reload_broken, missing_from_the_start)
{
    living_start(trip(), NULL);
    living_refused();
    living_error(CONFIG, "No such file");
    write_right();
    living_works();
    living_counts(1, 1);
    living_end();
}

/* Its directory alone is wrong. */
Test(reload_broken, directory_from_the_start)
{
    fill("conf", 0777, right());
    living_start(trip(), (const char *const[]){"PINSHIM_CONFIG={dir}/" INSIDE, NULL});
    living_refused();
    living_error(INSIDE, "others may write its directory");
    check(chmod(in_scratch("conf"), 0755));
    living_works();
    living_counts(1, 1);
    living_end();
}

/* In audit it sleeps from then on: a restart is what wakes it. */
Test(reload_broken, from_the_start_in_audit)
{
    put(CONFIG, "nonsense\n");
    living_start(trip(), (const char *const[]){"PINSHIM_MODE=audit", NULL});
    living_works();
    put(CONFIG, wrong());
    living_works();
    living_counts(0, 1);
    living_end();
}

/* What is wrong with the environment no file mends. */
static void environment(const char *variable)
{
    write_right();
    living_start(trip(), (const char *const[]){variable, NULL});
    living_refused();
    scene_policy("# another\n%s", right());
    living_refused();
    scene_policy("mode = audit\n%s", right());
    living_refused();
    const char *output = living_end();
    cr_assert(strstr(output, "environment: PINSHIM_"), "%s", output);
}

Test(reload_broken, mode_of_the_environment)
{
    environment("PINSHIM_MODE=enforced");
}

Test(reload_broken, sinks_of_the_environment)
{
    environment("PINSHIM_EVENTS=file:{dir}/events.jsonl,carrier-pigeon");
}

/* a process that can do less than at its start */

/* The first round is before that, and the others go to a server that is not pinned. */
static void rights(const char *option)
{
    struct trip dropping = trip();

    if (geteuid() != 0)
        cr_skip_test("only root can give up rights");
    dropping.client = scratch_format(scene.scratch, VERIFYING ROUNDS "%s", option);
    dropping.second = &scene.pki.mis_issued;
    make_directory("root", 0755);
    write_right();
    living_start(dropping, NULL);
    living_works();
}

static void refuses_on(const char *message)
{
    for (int i = 0; i < 3; i++)
        living_refused();
    living_error(CONFIG, message);
    living_counts(1, 1);
    const char *output = living_end();
    cr_assert_eq(living_said(output, STAYS), 1, "not once: %s", output);
}

Test(reload_broken, in_a_chroot)
{
    if (shim_is_inside())
        cr_skip_test("a sanitizer needs /proc");
    /* What is out of sight has not changed, whatever happens to it. */
    rights("--chroot {dir}/root --setuid 65534");
    put(CONFIG, policy("sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    for (int i = 0; i < 3; i++)
        living_refused();
    living_counts(1, 0);
    living_end();
}

Test(reload_broken, without_rights)
{
    rights("--setuid 65534");
    put(CONFIG, policy("sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    refuses_on("Permission denied");
}

/* What has not changed is not read again, so it need not be readable. */
Test(reload_broken, without_rights_and_unchanged)
{
    rights("--setuid 65534");
    for (int i = 0; i < 3; i++)
        living_refused();
    living_counts(1, 0);
    living_end();
}
