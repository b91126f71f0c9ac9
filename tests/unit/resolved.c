/* The table of what a program resolved: bounded, whole under threads and over forks. Each test is a
 * process with an empty one. */
#include "shim/resolved.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

TestSuite(resolved);

enum { MANY = 5000, AT_LEAST = 200 /* that any table of this kind keeps */ };

static struct address address_of(const char *text)
{
    struct address address;

    cr_assert(address_parse(text, &address), "%s", text);
    return address;
}

static struct address nth_address(unsigned n)
{
    char text[32];

    snprintf(text, sizeof text, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
    return address_of(text);
}

/* NULL: none. */
static const char *name_of(const char *text)
{
    static char name[NAME_SIZE];
    struct address address = address_of(text);

    return resolved_name(&address, name) ? name : NULL;
}

static void note(const char *name, const char *text)
{
    struct address address = address_of(text);

    resolved_note(name, &address);
}

/* names */

Test(resolved, nothing_at_first)
{
    cr_expect_null(name_of("192.0.2.7"));
}

Test(resolved, last_wins)
{
    note("a.example.test", "192.0.2.7");
    note("b.example.test", "192.0.2.7");
    note("c.example.test", "192.0.2.8");
    cr_expect_str_eq(name_of("192.0.2.7"), "b.example.test");
    note("A.Example.TEST.", "192.0.2.7"); /* as the wire has it: noted before, and now again */
    cr_expect_str_eq(name_of("192.0.2.7"), "a.example.test");
    cr_expect_str_eq(name_of("192.0.2.8"), "c.example.test");
    cr_expect_null(name_of("192.0.2.9"));
}

Test(resolved, no_names)
{
    char longest[NAME_SIZE + 8];

    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    note("", "192.0.2.7");
    note("a..example.test", "192.0.2.7");
    note("a b", "192.0.2.7");
    note(longest, "192.0.2.7");
    cr_expect_null(name_of("192.0.2.7"));
}

Test(resolved, oldest_names_go)
{
    char name[64], found[NAME_SIZE];

    for (unsigned i = 0; i < MANY; i++) {
        struct address address = nth_address(i);
        snprintf(name, sizeof name, "n%u.example.test", i);
        resolved_note(name, &address);
    }
    for (unsigned i = MANY - AT_LEAST; i < MANY; i++) {
        struct address address = nth_address(i);
        snprintf(name, sizeof name, "n%u.example.test", i);
        cr_assert(resolved_name(&address, found), "%s", name);
        cr_assert_str_eq(found, name);
    }
    struct address first = nth_address(0);
    cr_expect_not(resolved_name(&first, found));
}

Test(resolved, many_names_of_one_address)
{
    char name[64];

    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "n%u.example.test", i);
        note(name, "192.0.2.7");
    }
    cr_expect_str_eq(name_of("192.0.2.7"), name);
}

/* What is resolved again is as new as any. */
Test(resolved, repetition_keeps_a_name)
{
    char name[64];

    note("first.example.test", "192.0.2.8");
    for (unsigned i = 0; i < MANY; i++) {
        struct address address = nth_address(i);
        snprintf(name, sizeof name, "n%u.example.test", i);
        resolved_note(name, &address);
        if (i % 100 == 0)
            note("first.example.test", "192.0.2.8");
    }
    cr_expect_str_eq(name_of("192.0.2.8"), "first.example.test");
}

/* One name again and again takes one place. */
Test(resolved, repetition_pushes_nobody_out)
{
    note("first.example.test", "192.0.2.8");
    for (unsigned i = 0; i < MANY; i++)
        note("again.example.test", "192.0.2.7");
    cr_expect_str_eq(name_of("192.0.2.8"), "first.example.test");
}

Test(resolved, results_of_getaddrinfo)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_scope_id = 3};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct addrinfo last = {.ai_addr = (struct sockaddr *)&v6, .ai_addrlen = sizeof v6};
    struct addrinfo other = {
        .ai_addr = (struct sockaddr *)&local, .ai_addrlen = sizeof local, .ai_next = &last};
    struct addrinfo empty = {.ai_next = &other};
    struct addrinfo first = {
        .ai_addr = (struct sockaddr *)&v4, .ai_addrlen = sizeof v4, .ai_next = &empty};

    memcpy(&v4.sin_addr, address_of("192.0.2.7").bytes, 4);
    memcpy(&v6.sin6_addr, address_of("fe80::7").bytes, 16);
    resolved_note_addrinfo("a.example.test", &first);
    cr_expect_str_eq(name_of("192.0.2.7"), "a.example.test");
    cr_expect_str_eq(name_of("fe80::7%3"), "a.example.test"); /* whatever link it is on */
    resolved_note_addrinfo("b.example.test", NULL);
}

static void note_hostent(int family, int length, const char *text)
{
    struct address address = address_of(text);
    char *list[] = {(char *)address.bytes, NULL};
    struct hostent entry = {.h_addrtype = family, .h_length = length, .h_addr_list = list};

    resolved_note_hostent("a.example.test", &entry);
}

Test(resolved, results_of_gethostbyname)
{
    struct hostent empty = {.h_addrtype = AF_INET, .h_length = 4};

    note_hostent(AF_INET, 4, "192.0.2.7");
    note_hostent(AF_INET6, 16, "2001:db8::7");
    note_hostent(AF_INET, 16, "2001:db8::8"); /* what makes no sense is no address */
    note_hostent(AF_INET6, 4, "192.0.2.8");
    note_hostent(AF_UNIX, 4, "192.0.2.8");
    resolved_note_hostent("a.example.test", &empty);
    cr_expect_str_eq(name_of("192.0.2.7"), "a.example.test");
    cr_expect_str_eq(name_of("2001:db8::7"), "a.example.test");
    cr_expect_null(name_of("2001:db8::8"));
    cr_expect_null(name_of("192.0.2.8"));
}

/* threads */

enum { THREADS = 4, ROUNDS = 4000, LETTERS = 200 };

static atomic_bool stop;

/* Names of one letter for the one address, of another for the other: any mixture shows. Each is
 * new, and so written over an older one. */
static void *write_names(void *arg)
{
    const struct address addresses[] = {address_of("192.0.2.1"), address_of("192.0.2.2")};
    unsigned thread = *(unsigned *)arg;
    char name[NAME_SIZE];

    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned which = (i + thread) & 1;
        memset(name, which ? 'b' : 'a', LETTERS);
        snprintf(name + LETTERS, sizeof name - LETTERS, ".%u.%u", thread, i);
        resolved_note(name, &addresses[which]);
        connected_note((int)(100000 + i), &addresses[which], (uint16_t)i);
    }
    return NULL;
}

/* Returns how many entries were torn. */
static void *read_names(void *arg)
{
    const struct address addresses[] = {address_of("192.0.2.1"), address_of("192.0.2.2")};
    unsigned long torn = 0;
    char name[NAME_SIZE];

    (void)arg;
    for (unsigned i = 0; !atomic_load(&stop); i ^= 1)
        if (resolved_name(&addresses[i], name) && strspn(name, i ? "b" : "a") != LETTERS)
            torn++;
    return (void *)torn;
}

static void start_writers(pthread_t writers[THREADS], unsigned seeds[THREADS])
{
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i;
        cr_assert_eq(pthread_create(&writers[i], NULL, write_names, &seeds[i]), 0);
    }
}

Test(resolved, nothing_torn_between_threads)
{
    pthread_t writers[THREADS], readers[THREADS];
    unsigned seeds[THREADS];
    void *torn;

    for (unsigned i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&readers[i], NULL, read_names, NULL), 0);
    start_writers(writers, seeds);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(writers[i], NULL);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(readers[i], &torn);
        cr_expect_null(torn, "%lu entries were torn", (unsigned long)torn);
    }
}

/* A child in which an entry was half written by a thread that it does not have goes on reading and
 * writing. */
Test(resolved, forks_between_threads)
{
    pthread_t writers[THREADS];
    unsigned seeds[THREADS];

    start_writers(writers, seeds);
    for (unsigned i = 0; i < 50; i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            alarm(20);
            /* Of as many places as threads may be writing, and one more, one is free. */
            for (unsigned n = 0; n <= THREADS; n++)
                note((char[]){'c', (char)('0' + n), 0}, "192.0.2.7");
            _exit(name_of("192.0.2.7") ? 0 : 1);
        }
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_expect_eq(status, 0, "ended with %d", status);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(writers[i], NULL);
}
