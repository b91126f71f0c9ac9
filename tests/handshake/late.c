/* What is bound late (shim/late/late.h): when, to what, and that it is closed after that. The
 * program is tests/probes/late_program.c. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/opensslv.h>

#include "tests/handshake/scene.h"

TestSuite(late, .init = scene_open, .fini = scene_close);

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#    define LIBSSL "libssl.so.3"
#else
#    define LIBSSL "libssl.so.1.1"
#endif

enum policy { WITHOUT_POLICY, WITH_POLICY };

static char *kept_path(const char *name)
{
    char *path = build_path(name), *kept = scratch_format(scene.scratch, "%s", path);

    free(path);
    return kept;
}

/* Where in libpinshim.so its slots are. */
static char *slots(void)
{
    struct command command = {0};
    char *shim = kept_path("libpinshim.so");

    command_add(&command, "nm", shim, NULL);
    struct outcome outcome = command_run(&command);
    char *rest = outcome.out, *line, *found = NULL;
    while ((line = strsep(&rest, "\n")))
        if (strstr(line, " late_slots"))
            found = scratch_format(scene.scratch, "%.*s", (int)strcspn(line, " "), line);
    outcome_free(&outcome);
    return found;
}

static const char *beside = ""; /* what is preloaded behind the shim */

/* Runs a program with the shim preloaded, and compares what it writes. */
static void expect_of(const char *path, enum policy policy, const char *const *words,
                      const char *lines)
{
    struct command command = {0};
    char *offset = slots();

    if (!offset)
        cr_skip_test("all is bound at the start on this processor");
    command_add(&command, path, offset, NULL);
    for (; *words; words++)
        command_add(&command, *words, NULL);
    command_set(&command, scratch_format(scene.scratch, "LD_PRELOAD=%s %s",
                                         kept_path("libpinshim.so"), beside));
    if (policy == WITH_POLICY) {
        scene_pin(scene.pki.genuine.pin);
        command_set(&command,
                    scratch_format(scene.scratch, "PINSHIM_CONFIG=%s", scene.protection.config));
        command_set(&command, scratch_format(scene.scratch, "PINSHIM_EVENTS=file:%s",
                                             scratch_path(scene.scratch, "events")));
    }
    struct outcome outcome = command_run(&command);
    cr_assert_eq(outcome.status, 0, "status %d: %s", outcome.status, outcome.err);
    cr_assert_str_eq(outcome.out, lines);
    cr_assert_str_eq(outcome.err, "");
    outcome_free(&outcome);
}

static char *built(const char *program)
{
    return kept_path(scratch_format(scene.scratch, "tests/%s", program));
}

#define EXPECT_OF(path, policy, lines, ...)                                                        \
    expect_of(path, policy, (const char *const[]){__VA_ARGS__, NULL}, lines)
#define EXPECT(program, ...) EXPECT_OF(built(program), __VA_ARGS__)

Test(late, nothing_is_bound_without_tls)
{
    EXPECT("late", WITH_POLICY, "not bound, writable\n", "look");
}

Test(late, nothing_is_bound_without_policy)
{
    EXPECT("late", WITHOUT_POLICY, "resolved\nnot bound, writable\n", "resolve", "look");
}

Test(late, the_first_call_binds_and_closes)
{
    EXPECT("late", WITH_POLICY, "resolved\nbound, read-only\nresolved\n", "resolve", "look",
           "resolve");
}

Test(late, reading_the_policy_binds_and_closes)
{
    EXPECT("late", WITH_POLICY, "a context\nbound, read-only\n", "context", LIBSSL, "look");
}

Test(late, threads_bind_at_once)
{
    EXPECT("late", WITH_POLICY, "16 threads resolved\nbound, read-only\n", "threads", "look");
}

Test(late, child_binds_for_itself)
{
    EXPECT("late", WITH_POLICY,
           "a child resolved\nnot bound, writable\nresolved\nbound, read-only\na child resolved\n",
           "child", "look", "resolve", "look", "child");
}

/* What a fork left locked in the loader is not waited for. */
Test(late, child_of_a_walker_connects_without_policy)
{
    EXPECT("late", WITHOUT_POLICY, "a child connected\n", "connect");
}

Test(late, child_of_a_walker_binds)
{
    EXPECT("late", WITH_POLICY, "a child connected\nnot bound, writable\n", "connect", "look");
}

Test(late, binds_in_another_root)
{
    const char *root = scratch_path(scene.scratch, "root");

    if (geteuid() != 0)
        cr_skip_test("needs root");
    cr_assert_eq(mkdir(root, 0755), 0);
    EXPECT("late", WITH_POLICY, "jailed\nresolved\n", "jail", root, "resolve");
}

/* A program with an allocator of its own gets what the shim allocates, and gives back what the shim
 * frees, as when the loader binds all. Its hash table is the loader's old kind in one of them. */
static void meets_allocator(const char *program)
{
    EXPECT(program, WITH_POLICY,
           "a context\nthe shim calls this program's malloc, and calls its strdup\n", "context",
           LIBSSL, "allocations");
}

Test(late, meets_a_programs_own_malloc)
{
    meets_allocator("late-allocator");
}

Test(late, meets_it_through_an_old_hash_table)
{
    meets_allocator("late-allocator-sysv");
}

Test(late, meets_it_in_a_program_at_a_fixed_address)
{
    meets_allocator("late-allocator-fixed");
}

Test(late, meets_nobodys_other_version)
{
    beside = kept_path("tests/versioned.so");
    EXPECT("late", WITH_POLICY, "a context\nbound, read-only\n", "context", LIBSSL, "look");
}

/* The program's name is not looked up before the policy is read. */
Test(late, upgraded_program_keeps_its_name)
{
    struct command copy = {0};
    const char *path = scratch_path(scene.scratch, "upgraded");

    command_add(&copy, "cp", built("late"), path, NULL);
    struct outcome outcome = command_run(&copy);
    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    outcome_free(&outcome);
    EXPECT_OF(path, WITH_POLICY, "vanished\na context\n", "vanish", "context", LIBSSL);
    const char *events = scratch_read(scene.scratch, scratch_path(scene.scratch, "events"));
    cr_assert(strstr(events, "\"program\":\"upgraded\""), "%s", events);
}
