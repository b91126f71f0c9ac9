/* The table of where a program connected: bounded, and forgetful where it must be. Each test is a
 * process with an empty one; the connections are real, because what does not stand does not count.
 */
#include "shim/resolved.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

TestSuite(connected);

enum { MANY = 5000, AT_LEAST = 200 /* that any table of this kind keeps */ };

static struct address address_of(const char *text)
{
    struct address address;

    cr_assert(address_parse(text, &address), "%s", text);
    return address;
}

static void note(const char *name, const char *text)
{
    struct address address = address_of(text);

    resolved_note(name, &address);
}

struct link {
    int fd, listener;
    uint16_t port;
    struct address address;
};

static struct link link_to(const char *text)
{
    struct link link = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                        .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                        .address = address_of(text)};
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t length = sizeof in;

    memcpy(&in.sin_addr, link.address.bytes, sizeof in.sin_addr);
    cr_assert(bind(link.listener, (struct sockaddr *)&in, sizeof in) == 0 &&
              listen(link.listener, 8) == 0 &&
              getsockname(link.listener, (struct sockaddr *)&in, &length) == 0 &&
              connect(link.fd, (struct sockaddr *)&in, sizeof in) == 0);
    link.port = ntohs(in.sin_port);
    return link;
}

static struct link noted_link_to(const char *text)
{
    struct link link = link_to(text);

    connected_note(link.fd, &link.address, link.port);
    return link;
}

/* The port of the latest connection to the name; 0: none, negative: not certain. */
static int port_to(const char *name)
{
    struct address address;
    uint16_t port;
    bool same;

    if (!connected_to(name, &address, &port, &same))
        return 0;
    return same ? port : -port;
}

/* The port of the one connection that stands; 0: none, or several. */
static uint16_t only_port(void)
{
    struct standing first, second;
    unsigned at = 0;

    return connected_next(&at, 0, &first) && !connected_next(&at, 0, &second) ? first.port : 0;
}

Test(connected, nothing_at_first)
{
    cr_expect_eq(port_to("a.example.test"), 0);
    cr_expect_eq(port_to("127.0.0.1"), 0);
    cr_expect_eq(only_port(), 0);
}

Test(connected, to_a_name)
{
    struct link link = noted_link_to("127.0.0.1");

    cr_expect_eq(port_to("a.example.test"), 0);
    note("a.example.test", "127.0.0.1");
    cr_expect_eq(port_to("A.example.test."), link.port);
    cr_expect_eq(port_to("127.0.0.1"), link.port);
    cr_expect_eq(port_to("::ffff:127.0.0.1"), link.port);
    cr_expect_eq(port_to("127.0.0.2"), 0);
    cr_expect_eq(port_to("a..example.test"), 0);
    cr_expect_eq(only_port(), link.port);
}

Test(connected, several_ports_are_not_certain)
{
    struct link first = noted_link_to("127.0.0.1"), second = noted_link_to("127.0.0.1");

    note("a.example.test", "127.0.0.1");
    cr_expect_eq(port_to("a.example.test"), -second.port);
    cr_expect_eq(only_port(), 0);
    connected_note(first.fd, &first.address, first.port);
    cr_expect_eq(port_to("a.example.test"), -first.port);
    close(second.fd);
    cr_expect_eq(port_to("a.example.test"), first.port);
    cr_expect_eq(only_port(), first.port);
}

Test(connected, other_addresses_make_nothing_uncertain)
{
    struct link link = noted_link_to("127.0.0.1");

    noted_link_to("127.0.0.2");
    note("a.example.test", "127.0.0.1");
    cr_expect_eq(port_to("a.example.test"), link.port);
    note("a.example.test", "127.0.0.2"); /* a name of two addresses, as many have */
    cr_expect_lt(port_to("a.example.test"), 0);
}

Test(connected, closed_descriptor)
{
    struct link link = noted_link_to("127.0.0.1");

    close(link.fd);
    cr_expect_eq(port_to("127.0.0.1"), 0);
    cr_expect_eq(only_port(), 0);
}

/* The number goes to another connection: with our knowledge, and without. */
static void reuse(bool known)
{
    struct link old = noted_link_to("127.0.0.1"), next = link_to("127.0.0.2");

    cr_assert_eq(dup2(next.fd, old.fd), old.fd);
    close(next.fd);
    if (known)
        connected_note(old.fd, &next.address, next.port);
    cr_expect_eq(port_to("127.0.0.1"), 0);
    cr_expect_eq(port_to("127.0.0.2"), known ? next.port : 0);
    cr_expect_eq(only_port(), known ? next.port : 0);
}

Test(connected, reused_descriptor)
{
    reuse(true);
}

Test(connected, reused_descriptor_without_our_knowledge)
{
    reuse(false);
}

/* The same number and address, another port. */
Test(connected, reused_descriptor_at_another_port)
{
    struct link old = noted_link_to("127.0.0.1"), next = link_to("127.0.0.1");

    cr_assert_eq(dup2(next.fd, old.fd), old.fd);
    cr_expect_eq(port_to("127.0.0.1"), 0);
}

Test(connected, oldest_connections_go)
{
    struct address address = address_of("127.0.0.1");
    struct link old = noted_link_to("127.0.0.1"), link;

    for (int fd = 100000; fd < 100000 + MANY; fd++) /* of which none stands */
        connected_note(fd, &address, 9);
    cr_expect_eq(port_to("127.0.0.1"), 0);
    link = noted_link_to("127.0.0.1");
    for (int fd = 200000; fd < 200000 + AT_LEAST; fd++)
        connected_note(fd, &address, 9);
    cr_expect_eq(port_to("127.0.0.1"), link.port);
    close(old.fd);
}

Test(connected, survives_fork)
{
    struct link link = noted_link_to("127.0.0.1");
    int status;
    pid_t pid;

    note("a.example.test", "127.0.0.1");
    pid = fork();
    if (pid == 0) {
        bool good = port_to("a.example.test") == link.port && only_port() == link.port;
        noted_link_to("127.0.0.1");
        _exit(good && port_to("a.example.test") < 0 && only_port() == 0 ? 0 : 1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0);
    cr_expect_eq(only_port(), link.port);
}

/* threads */

enum { THREADS = 2, LINKS = 16, ROUNDS = 20000, OFTEN = 32 };

static atomic_bool stop;
static struct address linked[LINKS];

/* "a" is resolved to what there are connections to, "b" only ever to other addresses, many more of
 * them than fit: an entry that is half of each would lead from "b" to a connection. */
static void *write_both(void *arg)
{
    unsigned thread = *(unsigned *)arg;
    char text[32];

    for (unsigned i = 0; i < ROUNDS; i++) {
        if (i % OFTEN == 0)
            resolved_note("a", &linked[i / OFTEN % LINKS]);
        snprintf(text, sizeof text, "10.%u.%u.%u", thread, i >> 8 & 255, i & 255);
        note("b", text);
    }
    return NULL;
}

/* Returns how often "b" led to one. */
static void *read_both(void *arg)
{
    unsigned long wrong = 0;

    (void)arg;
    while (!atomic_load(&stop))
        wrong += port_to("b") != 0;
    return (void *)wrong;
}

Test(connected, nothing_torn_between_threads)
{
    pthread_t writers[THREADS], readers[THREADS];
    unsigned numbers[THREADS];
    void *wrong;

    for (unsigned i = 0; i < LINKS; i++) {
        char text[32];
        snprintf(text, sizeof text, "127.0.1.%u", i + 1);
        linked[i] = noted_link_to(text).address;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&readers[i], NULL, read_both, NULL), 0);
        cr_assert_eq(pthread_create(&writers[i], NULL, write_both, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(writers[i], NULL);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(readers[i], &wrong);
        cr_expect_null(wrong, "%lu times", (unsigned long)wrong);
    }
    cr_expect_lt(port_to("a"), 0);
}
