/* Whether a file has changed since a policy was made from it. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "config/sources.h"
#include "tests/support/scratch.h"

static struct scratch *scratch;
static struct list sources;

static void setup(void)
{
    scratch = scratch_new();
}

static void cleanup(void)
{
    sources_free(&sources);
    scratch_free(scratch);
}

TestSuite(sources, .init = setup, .fini = cleanup);

static int64_t coarse_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Until the clock that file systems take their times from has gone on: some milliseconds. */
static void next_tick(void)
{
    int64_t before = coarse_time();

    while (coarse_time() == before)
        ;
}

static const char *put(const char *name, const char *text)
{
    return scratch_text(scratch, name, 0600, "%s", text);
}

/* A list with the state of `path`, as it has been for a while. */
static void look(const char *path)
{
    next_tick();
    sources_free(&sources);
    cr_assert(sources_add(&sources, path));
    cr_assert_not(sources_changed(&sources));
    next_tick();
}

static void expect_changed(const char *how)
{
    cr_expect(sources_changed(&sources), "not seen: %s", how);
}

Test(sources, of_a_file)
{
    const char *path = put("a", "one"), *other = put("b", "two"), *gone;

    look(path);
    cr_expect_not(sources_changed(&sources));
    put("a", "six");
    expect_changed("written in place, of the same length");
    look(path);
    cr_assert_eq(chmod(path, 0666), 0);
    expect_changed("its mode");
    look(path);
    cr_assert_eq(rename(other, path), 0);
    expect_changed("another in its place");
    look(path);
    gone = scratch_path(scratch, "gone");
    cr_assert_eq(rename(path, gone), 0);
    expect_changed("its end");
    look(path); /* which is not there */
    cr_assert_eq(rename(gone, path), 0);
    expect_changed("its coming");
}

Test(sources, of_a_directory_and_of_a_link)
{
    const char *directory = scratch_path(scratch, "d"), *other = scratch_path(scratch, "e");
    const char *link = scratch_path(scratch, "link"), *next = scratch_path(scratch, "next");

    cr_assert(mkdir(directory, 0700) == 0 && mkdir(other, 0700) == 0);
    look(directory);
    put("d/a", "");
    expect_changed("a file in it");
    cr_assert_eq(symlink("d", link), 0);
    look(link);
    put("d/b", "");
    expect_changed("a file behind the link");
    look(link);
    cr_assert(symlink("e", next) == 0 && rename(next, link) == 0);
    expect_changed("the link's target");
}

/* What was written this very moment may be so again, and look the same. */
Test(sources, in_the_same_tick)
{
    const char *path;
    int64_t before;

    do {
        sources_free(&sources);
        before = coarse_time();
        path = put("a", "one");
        cr_assert(sources_add(&sources, path));
    } while (coarse_time() != before);
    expect_changed("a file of this moment");
    look(path);
}

/* What was read is another file than the one that stat saw. */
Test(sources, read_at_another_length)
{
    look(put("a", "one"));
    sources_read(&sources, 3);
    cr_expect_not(sources_changed(&sources));
    sources_read(&sources, 0);
    expect_changed("the length");
}

Test(sources, emptied)
{
    const char *full = put("full", "one"), *empty = put("empty", "");
    const char *missing = scratch_path(scratch, "missing"), *directory = scratch_dir(scratch);
    const char *paths[] = {full, empty, missing, directory};
    struct list before = {NULL, 0, 0};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        cr_assert(sources_add(&before, paths[i]));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        cr_assert(sources_add(&sources, paths[i]));
    cr_expect_null(sources_emptied(&before, &sources));
    put("new", "");
    cr_assert(sources_add(&sources, scratch_path(scratch, "new")));
    cr_expect_null(sources_emptied(&before, &sources));
    put("full", "");
    cr_assert(sources_add(&sources, full));
    cr_expect_str_eq(sources_emptied(&before, &sources), full);
    sources_free(&sources);
    put("missing", "");
    cr_assert(sources_add(&sources, missing));
    cr_expect_str_eq(sources_emptied(&before, &sources), missing);
    sources_free(&before);
}
