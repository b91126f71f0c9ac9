#include "tests/command/dialogue.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/ssl.h>

struct talker {
    const struct dialogue *dialogue;
    const struct identity *identity;
    int listener;
    char port[8];
    pthread_t thread;
    bool heard;
};

static bool hear(int fd, const struct turn *turn)
{
    for (size_t i = 0; turn->hears && i < turn->hears_length; i++) {
        char c;

        if (recv(fd, &c, 1, 0) != 1 || c != turn->hears[i])
            return false;
    }
    return true;
}

static bool say(int fd, const struct turn *turn)
{
    return send(fd, turn->says, turn->says_length, MSG_NOSIGNAL) == (ssize_t)turn->says_length;
}

static void secure(struct talker *talker, int fd)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *ssl;

    SSL_CTX_use_certificate_chain_file(ctx, talker->identity->chain_file);
    SSL_CTX_use_PrivateKey(ctx, talker->identity->key);
    ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    talker->heard = SSL_accept(ssl) == 1;
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void end(struct talker *talker, int fd, const struct turn *last)
{
    char c;

    switch (talker->dialogue->ending) {
    case ENDS_IN_TLS:
        secure(talker, fd);
        break;
    case ENDS_CLOSED:
        break;
    case ENDS_SILENT:
        while (recv(fd, &c, 1, 0) == 1)
            ;
        break;
    case ENDS_IN_FLOOD:
        while (say(fd, last))
            ;
        break;
    }
}

static void *talk(void *argument)
{
    struct talker *talker = argument;
    const struct turn *turn = talker->dialogue->turns;
    int fd = accept(talker->listener, NULL, NULL);

    talker->heard = fd >= 0;
    for (; talker->heard && (turn->hears || turn->says); turn++)
        talker->heard = hear(fd, turn) && say(fd, turn);
    if (talker->heard)
        end(talker, fd, turn - 1);
    close(fd);
    return NULL;
}

struct talker *talker_start(const struct dialogue *dialogue, const struct identity *identity)
{
    struct talker *talker = calloc(1, sizeof *talker);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;

    cr_assert(talker);
    *talker = (struct talker){.dialogue = dialogue,
                              .identity = identity,
                              .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    cr_assert(bind(talker->listener, (struct sockaddr *)&at, sizeof at) == 0);
    cr_assert(listen(talker->listener, 1) == 0);
    cr_assert(getsockname(talker->listener, (struct sockaddr *)&at, &length) == 0);
    snprintf(talker->port, sizeof talker->port, "%u", ntohs(at.sin_port));
    cr_assert(pthread_create(&talker->thread, NULL, talk, talker) == 0);
    return talker;
}

const char *talker_port(const struct talker *talker)
{
    return talker->port;
}

bool talker_join(struct talker *talker)
{
    bool heard;

    shutdown(talker->listener, SHUT_RDWR); /* nobody may have come */
    pthread_join(talker->thread, NULL);
    close(talker->listener);
    heard = talker->heard;
    free(talker);
    return heard;
}
