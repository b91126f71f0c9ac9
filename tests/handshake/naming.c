#include "tests/handshake/naming.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

void naming(struct naming n)
{
    struct trip trip = {.client = n.client,
                        .server = n.server,
                        .shell = n.shell,
                        .identity = &scene.pki.mis_issued};

    scene_policy("%s", n.policy);
    struct result bare = scene_run(trip, NULL), enforce = scene_run(trip, "enforce");
    const json_t *event = events_last(enforce.events, "handshake", NULL);

    expect_works(&bare);
    expect_string(event, "host", n.host);
    expect_string(event, "host_source", n.source);
    expect_string(event, "domain", n.title);
    expect_string(event, "address", n.address);
    if (n.title) {
        expect_refused(&enforce);
        expect_string(event, "reason", "no_pin_matched");
    } else {
        expect_same(&bare, &enforce);
        expect_string(event, "verdict", "unpinned");
    }
    result_free(&bare);
    result_free(&enforce);
}

void naming_needs_ipv6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && bind(fd, (struct sockaddr *)&loopback, sizeof loopback) == 0;

    if (fd >= 0)
        close(fd);
    if (!there)
        cr_skip_test("the loopback has no IPv6");
}
