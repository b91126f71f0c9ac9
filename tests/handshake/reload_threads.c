/* A policy that changes under many threads, and over forks. Sanitizers look on (tests/sanitize). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/handshake/living.h"

TestSuite(reload_threads, .init = scene_open, .fini = scene_close);

#define CONFIG "pinshim.conf"

static const char *policy(const char *pin, const char *more)
{
    return scratch_format(scene.scratch, "domain \"" HOST "\" { pins = {\"%s\"} }\n%s", pin, more);
}

static void put(const char *text)
{
    scratch_text(scene.scratch, "next", 0600, "%s", text);
    cr_assert_eq(rename(scratch_path(scene.scratch, "next"), scratch_path(scene.scratch, CONFIG)),
                 0, "%s", strerror(errno));
}

static void start(const char *client, const char *const *environment)
{
    struct trip trip = scene_trip(&scene.pki.genuine, true);

    trip.client = scratch_format(scene.scratch, VERIFYING "%s", client);
    living_start(trip, environment);
}

static size_t verdicts(const char *verdict)
{
    json_t *events = living_events(), *one;
    size_t i, count = 0;

    json_array_foreach(events, i, one)
    {
        count += strcmp(field_string(one, "event"), "handshake") == 0 &&
                 strcmp(field_string(one, "verdict"), verdict) == 0;
    }
    json_decref(events);
    return count;
}

/* More wait too long for each other under ThreadSanitizer: events are lost. */
enum { THREADS = 16 };

/* A round in which one of them reads the policy, while the others go on with the one before; and
 * the next one, in which it holds for all. */
Test(reload_threads, all_at_once)
{
    put(policy(scene.pki.genuine.pin, ""));
    start("--threads 16 --pause --times 100", NULL);
    living_round();
    cr_assert_eq(verdicts("pass"), THREADS);
    put(policy(scene.pki.mis_issued.pin, ""));
    living_round();
    size_t before = verdicts("fail");
    cr_assert_gt(before, 0, "nobody has read it");
    living_round();
    cr_assert_eq(verdicts("fail"), before + THREADS);
    living_counts(2, 0);
    put("nonsense");
    living_round();
    cr_assert_eq(verdicts("fail"), before + 2 * THREADS);
    living_counts(2, 1);
    living_end();
}

/* Changes it as fast as it can, until it is told to end: good ones and broken ones, all of which
 * pin the same key. */
static atomic_bool over;

static void *change(void *unused)
{
    const char *texts[] = {policy(scene.pki.genuine.pin, ""), "nonsense",
                           policy(scene.pki.genuine.pin, "domain \"a.test\" { mode = \"off\" }\n"),
                           policy(scene.pki.genuine.pin, "verify = {\"hostname\"}\n")};
    const char *next = scratch_path(scene.scratch, "next");
    const char *config = scratch_path(scene.scratch, CONFIG);

    for (unsigned i = 0; !atomic_load(&over); i++) {
        int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        const char *text = texts[i % 4];
        if (write(fd, text, strlen(text)) < 0 || close(fd) != 0 || rename(next, config) != 0)
            break;
    }
    return unused;
}

Test(reload_threads, without_end)
{
    pthread_t changing;

    put(policy(scene.pki.genuine.pin, ""));
    start("--threads 8 --pause --times 100", NULL);
    cr_assert_eq(pthread_create(&changing, NULL, change, NULL), 0);
    for (int i = 0; i < 20; i++)
        living_round();
    atomic_store(&over, true);
    pthread_join(changing, NULL);
    cr_assert_eq(verdicts("pass"), 20 * 8);
    put(policy(scene.pki.mis_issued.pin, ""));
    living_round(); /* reads it */
    living_round();
    living_end();
    cr_assert_eq(verdicts("fail") + verdicts("pass"), 22 * 8);
    cr_assert_gt(verdicts("fail"), 8);
}

/* what another thread does while one is held up in the reading */

static int gate;

static void close_gate(void)
{
    char *fifo = scratch_path(scene.scratch, "key.pem.fifo");

    cr_assert_eq(mkfifo(fifo, 0600), 0, "%s", strerror(errno));
    gate = open(fifo, O_RDWR | O_CLOEXEC);
    cr_assert(gate >= 0, "%s", strerror(errno));
}

static void open_gate(void)
{
    cr_assert_eq(write(gate, "\n\n\n\n", 4), 4); /* stays in it while it is open here */
}

/* The policy is that of the first certificate until the gate opens. The file is opened in the
 * middle of the parsing. */
static void start_gated(const char *client)
{
    if (shim_is_inside())
        cr_skip_test("the gate is not inside");
    scratch_text(scene.scratch, "key.pem", 0600, "%s",
                 scratch_read(scene.scratch, scene.pki.genuine.leaf_file));
    put(policy("file:key.pem", ""));
    start(client, (const char *const[]){"GATE={dir}/key.pem", "PINSHIM_EVENTS=stderr", NULL});
    scratch_text(scene.scratch, "key.pem", 0600, "%s",
                 scratch_read(scene.scratch, scene.pki.mis_issued.leaf_file));
    close_gate();
}

Test(reload_threads, others_go_on)
{
    start_gated("--threads 2 --pause --times 2");
    living_go();
    free(living_wait("{\"gate\":1,"));
    char *event = living_wait("\"event\":\"handshake\"");
    cr_assert(strstr(event, "\"verdict\":\"pass\""), "%s", event);
    free(event);
    open_gate();
    free(living_wait("{\"waiting\":1}"));
    const char *output = living_end();
    cr_assert_eq(living_said(output, "\"verdict\":\"pass\""), 1, "%s", output);
    cr_assert_eq(living_said(output, "\"verdict\":\"fail\""), 1, "%s", output);
    cr_assert_eq(living_said(output, "{\"gate\":"), 1, "another one read it, too: %s", output);
}

/* Is libconfuse in the process that wrote the line? */
static bool has_libconfuse(const char *line)
{
    const char *pid = strstr(line, "\"pid\":");
    FILE *maps = fopen(scratch_format(scene.scratch, "/proc/%d/maps", atoi(pid + 6)), "re");
    char mapped[512];
    bool found = false;

    cr_assert(maps, "%s", strerror(errno));
    while (fgets(mapped, sizeof mapped, maps))
        found = found || strstr(mapped, "libconfuse");
    fclose(maps);
    return found;
}

/* The child has the lock of a thread that it does not have, and half a parser. It looks for itself,
 * with a parser of its own, and leaves none behind. */
Test(reload_threads, fork_during)
{
    start_gated("--threads 1 --fork during --pause --times 2");
    living_go();
    free(living_wait("{\"gate\":1,"));
    free(living_wait("{\"waiting\":1}"));
    living_go();
    free(living_wait("{\"waiting\":2}")); /* the child */
    living_go();
    char *child = living_wait("{\"gate\":2,");
    open_gate();
    free(living_wait("{\"waiting\":3}"));
    cr_assert_not(has_libconfuse(child), "%s", child);
    free(child);
    living_go();
    const char *output = living_end();
    cr_assert_eq(living_said(output, "\"verdict\":\"fail\""), 4, "%s", output);
    cr_assert_eq(living_said(output, "\"verdict\":\"pass\""), 0, "%s", output);
    cr_assert_eq(living_said(output, "\"event\":\"config_error\""), 0, "%s", output);
    cr_assert_eq(living_said(output, "\"event\":\"policy\""), 3, "%s", output);
}

/* After the fork each of the two reads for itself. */
Test(reload_threads, fork_between)
{
    put(policy(scene.pki.genuine.pin, ""));
    start(ROUNDS "--fork between", NULL);
    living_works();
    put(policy(scene.pki.mis_issued.pin, ""));
    living_refused();
    put(policy(scene.pki.genuine.pin, ""));
    living_works();
    living_counts(3, 0);
    living_end();
}

enum { RELOADS = 150 };

/* Kilobytes of memory that the process has. */
static long memory(void)
{
    json_t *events = living_events();
    long pid = field_number(events_last(events, "policy", NULL), "pid"), size, resident = 0;
    FILE *file = fopen(scratch_format(scene.scratch, "/proc/%ld/statm", pid), "re");

    cr_assert(file && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    json_decref(events);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* `text` so many times, in a file of this name. */
static void put_many(const char *name, const char *text, int times)
{
    FILE *file = fopen(scratch_text(scene.scratch, name, 0600, "%s", ""), "we");

    cr_assert(file, "%s", strerror(errno));
    for (int i = 0; i < times; i++)
        fprintf(file, text, i);
    fclose(file);
}

/* Each has hundreds of kilobytes of sections, and as much of anchors, which are asked for. */
Test(reload_threads, memory)
{
    struct trip trip = scene_trip(&scene.pki.genuine, false);
    long after_some = 0;

    if (shim_is_inside())
        cr_skip_test("a sanitizer keeps what is freed");
    cr_assert_eq(mkdir(scratch_path(scene.scratch, "pins.d"), 0700), 0);
    put_many("pins.d/many.conf",
             scratch_format(scene.scratch, "domain \"n%%d.test\" { pins = {\"%s\"} }\n",
                            scene.pki.genuine.pin),
             2000);
    put_many("anchors.pem", scratch_read(scene.scratch, scene.pki.ca_file), 100);
    trip.client = CARELESS ROUNDS;
    for (int i = 0; i < RELOADS; i++) {
        put(scratch_format(scene.scratch,
                           "verify = {\"chain\"}\ntrust_anchors = \"anchors.pem\"\n"
                           "include_dir = \"pins.d\"\n"
                           "domain \"round%d.test\" { mode = \"off\" }\n",
                           i));
        if (i == 0)
            living_start(trip, NULL);
        living_works();
        if (i == RELOADS / 3)
            after_some = memory();
    }
    long growth = memory() - after_some;
    living_counts(RELOADS, 0);
    /* What allocators keep does not grow with the number; a leak of the anchors alone would. */
    cr_assert_lt(growth, 3000, "%ld kB more after %d reloads", growth, RELOADS - RELOADS / 3);
    living_end();
}
