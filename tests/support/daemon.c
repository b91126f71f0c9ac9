#include "tests/support/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/support/command.h"
#include "tests/support/mounts.h"

/* What programs want of /dev. */
static const char *const nodes[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                    "/dev/urandom"};
enum { NODES = sizeof nodes / sizeof *nodes };

void daemon_own_places(void)
{
    int old[NODES];
    char path[64];

    mounts_own();
    for (size_t i = 0; i < NODES; i++)
        old[i] = open(nodes[i], O_PATH | O_CLOEXEC);
    mount_on("tmpfs", "/dev", "tmpfs", 0);
    for (size_t i = 0; i < NODES; i++) {
        int fd = open(nodes[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        snprintf(path, sizeof path, "/proc/self/fd/%d", old[i]);
        mount_on(path, nodes[i], NULL, MS_BIND);
        close(fd);
        close(old[i]);
    }
    mount_on("tmpfs", "/run", "tmpfs", 0);
    cr_assert(mkdir("/run/systemd", 0755) == 0 && mkdir("/run/systemd/journal", 0755) == 0);
}

static int make_socket(int type, const char *path, struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    cr_assert_lt(strlen(path), sizeof address->sun_path);
    strcpy(address->sun_path, path);
    return fd;
}

int daemon_listen(const char *path, bool stream)
{
    struct sockaddr_un address;
    int fd = make_socket(stream ? SOCK_STREAM : SOCK_DGRAM, path, &address);

    unlink(path);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0, "%s: %s", path,
                 strerror(errno));
    cr_assert_eq(chmod(path, 0666), 0);
    cr_assert(!stream || listen(fd, 5) == 0);
    return fd;
}

void daemon_stall(const char *path)
{
    struct sockaddr_un address;
    int fd = make_socket(SOCK_DGRAM, path, &address);

    while (sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&address, sizeof address) == 1)
        ;
    cr_assert_eq(errno, EAGAIN, "%s", strerror(errno));
    close(fd);
}

bool daemon_is_empty(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    return poll(&ready, 1, 0) == 0;
}

void daemon_drain(int fd)
{
    char octet;

    while (recv(fd, &octet, 1, MSG_DONTWAIT) > 0)
        ;
}

void daemon_wait(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    cr_assert_eq(poll(&ready, 1, DEADLINE * 1000), 1, "nothing was received");
}

size_t daemon_receive(int fd, char *out, size_t size)
{
    ssize_t n = recv(fd, out, size - 1, MSG_DONTWAIT);

    cr_assert_geq(n, 0, "nothing was received: %s", strerror(errno));
    out[n] = '\0';
    return (size_t)n;
}

int daemon_accept(int fd)
{
    cr_assert_not(daemon_is_empty(fd), "nobody has connected");
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC);
}
