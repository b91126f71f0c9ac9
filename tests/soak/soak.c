/* A long life: handshakes in several threads, with peers that are to be accepted and peers that are
 * to be refused, while the policy is rewritten every second.
 *
 *     soak SHIM HANDSHAKES
 *
 * Each verdict is checked by both sides' view of it, the events are counted, and after a warm-up
 * neither memory nor descriptors may grow. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/soak/events.h"
#include "tests/soak/growth.h"
#include "tests/soak/peers.h"
#include "tests/soak/trip.h"

enum { THREADS_MAX = 64, PATIENCE = 60 /* policies that are written before one must be read */ };

/* What goes up and down by itself: a policy with its paths more or less, buffers of threads. A
 * single octet lost in each of a million handshakes is a million. */
#define SLACK ((size_t)64 * 1024)

static const char *directory;
static SSL_CTX *servers[PEERS];
static atomic_ulong begun, done[PEERS], requests[PEERS], resumed;
static unsigned long quota;
static atomic_bool reloaded; /* in this phase, or it has been waited for long enough */

/* A reload is to happen in each phase, however short. */
static bool enough(void)
{
    return atomic_load(&begun) >= quota && atomic_load(&reloaded);
}

static void expect(bool right, enum peer peer, const struct trip_result *result)
{
    if (right)
        return;
    printf("soak: WRONG: peer %d (%s): handshake %d, request received %d, answered %d\n", (int)peer,
           PEER_KINDS[peer].host, result->handshake, result->received, result->answered);
    fflush(stdout);
    _exit(1); /* other threads are in the middle of OpenSSL */
}

static void *travel(void *arg)
{
    struct traveller traveller;
    unsigned long state = (unsigned long)(size_t)arg;

    traveller_open(&traveller, servers);
    traveller.number = state;
    while (!enough()) {
        struct trip_result result;
        enum peer peer;
        state = state * 6364136223846793005ul + 1442695040888963407ul; /* Knuth's */
        peer = (enum peer)((state >> 33) % PEERS);
        atomic_fetch_add(&begun, 1);
        result = trip(&traveller, peer);
        expect(result.handshake == PEER_KINDS[peer].accepted &&
                   result.received == result.handshake && result.answered == result.handshake,
               peer, &result);
        atomic_fetch_add(&done[peer], 1);
        atomic_fetch_add(&requests[peer], result.received);
        atomic_fetch_add(&resumed, result.resumed);
    }
    traveller_close(&traveller);
    return NULL;
}

/* Puts the other policy in place, in one step. */
static void swap_policy(void)
{
    static bool second;
    char from[4096], beside[4096], config[4096], text[4096];
    FILE *in, *out;
    size_t length;

    second = !second;
    snprintf(from, sizeof from, "%s/%s", directory, second ? "SECOND" : "FIRST");
    snprintf(beside, sizeof beside, "%s/next", directory);
    snprintf(config, sizeof config, "%s/conf", directory);
    in = fopen(from, "re");
    out = fopen(beside, "we");
    must(in && out, "the policy cannot be opened");
    length = fread(text, 1, sizeof text, in);
    must(length > 0 && fchmod(fileno(out), 0600) == 0 && fwrite(text, 1, length, out) == length,
         "the policy cannot be written");
    must(fclose(out) == 0 && rename(beside, config) == 0, "the policy cannot be replaced");
    fclose(in);
}

static void run_phase(unsigned long handshakes, unsigned threads, struct event_counts *counts)
{
    const struct timespec second = {.tv_sec = 1};
    unsigned long policies = counts->policies;
    pthread_t ids[THREADS_MAX];

    quota = atomic_load(&begun) + handshakes;
    atomic_store(&reloaded, false);
    for (unsigned i = 0; i < threads; i++)
        must(pthread_create(&ids[i], NULL, travel, (void *)(size_t)(i + 1)) == 0, "no thread");
    for (unsigned swaps = 0; !enough(); swaps++) {
        nanosleep(&second, NULL);
        swap_policy();
        events_rotate(directory, counts);
        atomic_store(&reloaded, counts->policies > policies || swaps >= PATIENCE);
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    events_finish(directory, counts);
}

static void expect_counts(const struct event_counts *counts)
{
    unsigned long expected[VERDICTS] = {0}, missing = 0;

    for (int peer = 0; peer < PEERS; peer++) {
        expected[PEER_KINDS[peer].verdict] += done[peer];
        must(done[peer] > 0 && requests[peer] == (PEER_KINDS[peer].accepted ? done[peer] : 0),
             "the servers have not got one request of each accepted connection");
    }
    printf("events: %lu pass, %lu fail, %lu unpinned; %lu of policies; %lu lost\n",
           counts->handshakes[PASS], counts->handshakes[FAIL], counts->handshakes[UNPINNED],
           counts->policies, counts->lost);
    for (int verdict = 0; verdict < VERDICTS; verdict++) {
        must(counts->handshakes[verdict] <= expected[verdict], "there are events too many");
        missing += expected[verdict] - counts->handshakes[verdict];
    }
    must(missing <= counts->lost, "events are missing, and not told to be lost");
    must(counts->others == 0, "there are other events");
    must(counts->policies >= 3, "the policy was not reloaded");
    must(resumed > 0, "no session was resumed");
}

static void expect_no_growth(const struct holdings *before, const struct holdings *after)
{
    printf("allocated: %zu, then %zu; descriptors: %u, then %u; resident: %zu kB, then %zu kB\n",
           before->allocated, after->allocated, before->descriptors, after->descriptors,
           before->resident / 1024, after->resident / 1024);
    must(after->allocated <= before->allocated + SLACK, "memory has grown");
    must(after->descriptors <= before->descriptors, "there are more descriptors");
}

/* What failed leaves its files behind. */
static void clean_up(void)
{
    DIR *listing = opendir(directory);
    struct dirent *entry;
    char path[4096];

    while (listing && (entry = readdir(listing))) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        unlink(path);
    }
    if (listing)
        closedir(listing);
    rmdir(directory);
}

/* The life under the shim, which has been loaded. */
static int live(unsigned long handshakes)
{
    unsigned threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN) * 2;
    struct event_counts counts = {0};
    struct holdings before, after;
    struct timespec start, end;

    peers_load(directory, servers);
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    run_phase(handshakes / 10, threads, &counts);
    before = holdings_now();
    clock_gettime(CLOCK_MONOTONIC, &start);
    run_phase(handshakes, threads, &counts);
    clock_gettime(CLOCK_MONOTONIC, &end);
    after = holdings_now();
    printf("%lu handshakes in %u threads, %lu resumed; the last %lu in %ld s\n", begun, threads,
           resumed, handshakes, (long)(end.tv_sec - start.tv_sec));
    expect_counts(&counts);
    expect_no_growth(&before, &after);
    clean_up();
    return 0;
}

/* Makes the directory, and this process one that is protected: its environment is read at start. */
static void prepare(char **argv)
{
    char path[4096], *shim = realpath(argv[1], NULL);

    must(shim != NULL, "there is no such shim");
    if (shim == NULL)
        return;
    peers_make(directory);
    swap_policy();
    snprintf(path, sizeof path, "%s/conf", directory);
    setenv("PINSHIM_CONFIG", path, 1);
    setenv("LD_PRELOAD", shim, 1);
    setenv("SOAK", directory, 1);
    unsetenv("PINSHIM_MODE");
    unsetenv("PINSHIM_EVENTS");
    must(freopen("/dev/null", "w", stderr) != NULL, "no /dev/null"); /* a line for each refusal */
    execv("/proc/self/exe", argv);
    must(false, "it cannot be started again");
}

int main(int argc, char **argv)
{
    char template[4096];
    const char *parent = getenv("TMPDIR");

    must(argc == 3, "usage: soak SHIM HANDSHAKES");
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    directory = getenv("SOAK");
    if (directory == NULL) {
        snprintf(template, sizeof template, "%s/pinshim-soak.XXXXXX", parent ? parent : "/tmp");
        directory = mkdtemp(template);
        must(directory != NULL, "no directory");
        prepare(argv);
    }
    return live(strtoul(argv[2], NULL, 10));
}
