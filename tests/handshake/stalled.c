/* Sinks that take nothing: a terminal that nobody reads, a file that may not grow. The handshake
 * goes on all the same, with the verdict it has, and the program meets no signal. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/handshake/scene.h"

TestSuite(stalled, .init = scene_open, .fini = scene_close);

/* Both ends of a terminal that takes no more. */
struct terminal {
    int master, slave;
    char path[64];
};

static void fill(int slave)
{
    char line[256];

    memset(line, 'x', sizeof line);
    for (size_t n = sizeof line; n > 0; n /= 2)
        while (write(slave, line, n) > 0)
            ;
    cr_assert_eq(errno, EAGAIN, "%s", strerror(errno));
}

static struct terminal open_full(void)
{
    struct terminal t = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};

    cr_assert(t.master >= 0 && grantpt(t.master) == 0 && unlockpt(t.master) == 0, "%s",
              strerror(errno));
    cr_assert_eq(ptsname_r(t.master, t.path, sizeof t.path), 0);
    t.slave = open(t.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    cr_assert(t.slave >= 0, "%s", strerror(errno));
    fill(t.slave);
    return t;
}

static void close_terminal(const struct terminal *t)
{
    close(t->slave);
    close(t->master);
}

/* With this much read again, so that a line has room in part. */
static void make_room(const struct terminal *t, size_t room)
{
    char line[256];

    while (room > 0) {
        ssize_t n = read(t->master, line, room < sizeof line ? room : sizeof line);
        cr_assert(n > 0, "%s", strerror(errno));
        room -= (size_t)n;
    }
}

/* Its events are to go to the terminal, too. */
static const char *const to_stderr[] = {"PINSHIM_CONFIG={dir}/pinshim.conf",
                                        "PINSHIM_EVENTS=stderr", NULL};

static struct trip trip_to(const struct identity *identity, const char *shell)
{
    struct trip trip = scene_trip(identity, false);

    trip.shell = shell;
    return trip;
}

static void terminal(size_t room, const char *road)
{
    struct terminal t = open_full();
    struct trip trip =
        trip_to(&scene.pki.genuine, scratch_format(scene.scratch, "exec 2<>%s", t.path));

    make_room(&t, room);
    trip.client = scratch_format(scene.scratch, CARELESS "%s", road);
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), same = scene_run_in(trip, to_stderr);
    expect_works(&bare);
    expect_same(&bare, &same);
    trip.identity = &scene.pki.mis_issued;
    struct result refused = scene_run_in(trip, to_stderr);
    expect_nothing_sent(&refused, 0);
    cr_assert_leq(result_number(&refused, "handshake.return"), 0);
    result_free(&bare);
    result_free(&same);
    result_free(&refused);
    close_terminal(&t);
}

Test(stalled, terminal)
{
    terminal(0, "");
}

Test(stalled, terminal_by_write)
{
    terminal(0, "--road write");
}

Test(stalled, terminal_with_room_for_a_part)
{
    for (size_t room = 1; room <= 4096; room *= 4)
        terminal(room, "");
}

/* RLIMIT_FSIZE at the size that the file has: each write brings SIGXFSZ, whose default is death. */
static void file_size(const char *limit, const char *client)
{
    struct trip trip = trip_to(&scene.pki.genuine, limit);

    trip.client = client;
    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    expect_works(&bare);
    expect_same(&bare, &enforce);
    trip.identity = &scene.pki.mis_issued;
    struct result refused = scene_run(trip, "enforce"), audit = scene_run(trip, "audit");
    expect_refused(&refused);
    bare = (result_free(&bare), scene_run(trip, NULL));
    expect_same(&bare, &audit);
    result_free(&bare);
    result_free(&enforce);
    result_free(&refused);
    result_free(&audit);
}

Test(stalled, file_that_may_not_grow)
{
    file_size("ulimit -f 0", CARELESS);
}

/* A program that has the signal ignored keeps it so. */
Test(stalled, file_that_may_not_grow_signal_ignored)
{
    file_size("trap '' XFSZ; ulimit -f 0", CARELESS);
}

/* A program that has blocked it, and has one waiting already, finds just that one. */
Test(stalled, file_that_may_not_grow_signal_pending)
{
    file_size("ulimit -f 0", CARELESS "--pending-signals");
}

/* What others have filled (ENOSPC). */
Test(stalled, full_device)
{
    const char *environment[] = {"PINSHIM_CONFIG={dir}/pinshim.conf",
                                 "PINSHIM_EVENTS=file:/dev/full", NULL};
    struct trip trip = trip_to(&scene.pki.genuine, NULL);

    scene_pin(scene.pki.genuine.pin);
    struct result bare = scene_run(trip, NULL), same = scene_run_in(trip, environment);
    expect_works(&bare);
    expect_same(&bare, &same);
    trip.identity = &scene.pki.mis_issued;
    struct result refused = scene_run_in(trip, environment);
    expect_refused(&refused);
    result_free(&bare);
    result_free(&same);
    result_free(&refused);
}
