/* A TLS server for tests that records what each client did to it.
 *
 * Prints "port N", serves until its standard input ends and all clients are gone, and writes one
 * JSON line for each connection when that ends. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/support/server/connection.h"
#include "tests/support/server/context.h"
#include "tests/support/server/datagram.h"
#include "tests/support/server/quic.h"

static const char *const respond_names[] = {"http", "none", "close", "echo", "redis"};

static struct {
    const char *address, *respond;
    struct answer answer;
    struct server_context context;
    struct datagram_options datagram;
    SSL_CTX *ctx;
} server = {.address = "127.0.0.1", .respond = "http", .answer.body = "genuine\n"};

/* Connections still being served; the main thread waits for none. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static unsigned serving;

static void *connection_main(void *arg)
{
    struct connection *c = arg;

    connection_serve(c, &server.answer);
    if (!connection_record(c))
        die("cannot write a record");
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
    OPENSSL_thread_stop(); /* the process may end before this thread has */
    pthread_mutex_lock(&lock);
    serving--;
    pthread_cond_signal(&idle);
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* A connection from the listener, or for DTLS the listener itself, with a new one in its place. */
static bool take_client(struct connection *c, int *listener)
{
    c->transport = server.context.dtls ? OVER_DTLS : OVER_TCP;
    if (server.context.dtls)
        return datagram_accept(c, server.ctx, listener, &server.datagram);
    c->fd = accept4(*listener, NULL, NULL, SOCK_CLOEXEC);
    c->ssl = c->fd >= 0 ? SSL_new(server.ctx) : NULL;
    if (c->fd >= 0 && !c->ssl)
        die("SSL_new");
    return c->fd >= 0;
}

static void accept_one(int *listener)
{
    static unsigned accepted;
    struct connection *c = calloc(1, sizeof *c);
    pthread_t thread;

    if (!c || !take_client(c, listener)) {
        free(c);
        return;
    }
    c->number = accepted++;
    c->alert = -1;
    pthread_mutex_lock(&lock);
    serving++;
    pthread_mutex_unlock(&lock);
    if (pthread_create(&thread, NULL, connection_main, c) != 0)
        die("pthread_create");
    pthread_detach(thread);
}

static int listen_on(const char *address, unsigned *port)
{
    struct sockaddr_storage sa = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&sa;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&sa;
    socklen_t length = sizeof sa;
    int fd;

    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1)
        sa.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1)
        sa.ss_family = AF_INET6;
    if (server.context.dtls || server.context.quic)
        return datagram_listen((struct sockaddr *)&sa, port);
    fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &length) != 0)
        die("cannot listen");
    *port = ntohs(sa.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
    return fd;
}

static void set_respond(const char *name)
{
    for (unsigned i = 0; i < sizeof respond_names / sizeof *respond_names; i++) {
        if (strcmp(name, respond_names[i]) == 0) {
            server.answer.respond = (enum respond)i;
            return;
        }
    }
    die("--respond: http, none, close, echo or redis");
}

static const struct {
    const char *name;
    const char **text; /* the option takes a value */
    bool *flag;
} known[] = {
    {"--cert", &server.context.cert, NULL},
    {"--key", &server.context.key, NULL},
    {"--second-cert", &server.context.second_cert, NULL},
    {"--second-key", &server.context.second_key, NULL},
    {"--address", &server.address, NULL},
    {"--alpn", &server.context.alpn, NULL},
    {"--psk", &server.context.psk, NULL},
    {"--groups", &server.context.groups, NULL},
    {"--ciphers", &server.context.ciphers, NULL},
    {"--ticket-key", &server.context.ticket_key, NULL},
    {"--answer-from", &server.datagram.answer_from, NULL},
    {"--starttls", &server.answer.starttls, NULL},
    {"--relay", &server.answer.relay, NULL},
    {"--respond", &server.respond, NULL},
    {"--body", &server.answer.body, NULL},
    {"--greeting", &server.answer.greeting, NULL},
    {"--tls1.2", NULL, &server.context.tls12},
    {"--raw-key", NULL, &server.context.raw_key},
    {"--dtls", NULL, &server.context.dtls},
    {"--quic", NULL, &server.context.quic},
    {"--cookie", NULL, &server.datagram.cookie},
    {"--lossy", NULL, &server.datagram.lossy},
    {"--weak", NULL, &server.context.weak},
    {"--no-tickets", NULL, &server.context.no_tickets},
    {"--early-data", NULL, &server.answer.early_data},
    {"--renegotiation", NULL, &server.context.renegotiation},
    {"--anonymous", NULL, &server.context.anonymous},
    {"--request-client-cert", NULL, &server.context.request_client_cert},
};

static void options(int argc, char **argv)
{
    const size_t count = sizeof known / sizeof *known;

    for (int i = 1; i < argc; i++) {
        size_t k = 0;
        while (k < count && strcmp(argv[i], known[k].name) != 0)
            k++;
        if (k == count || (known[k].text && i + 1 == argc))
            die("usage: tls-server --cert CHAIN --key KEY [OPTION...]");
        if (known[k].text)
            *known[k].text = argv[++i];
        else
            *known[k].flag = true;
    }
    if (!server.context.anonymous && !server.context.psk &&
        (!server.context.cert || !server.context.key))
        die("--cert and --key, or --anonymous, or --psk");
    if (server.answer.starttls && strcmp(server.answer.starttls, "postgres") != 0)
        die("--starttls: postgres");
    set_respond(server.respond);
}

int main(int argc, char **argv)
{
    unsigned port;
    char byte;

    signal(SIGPIPE, SIG_IGN);
    options(argc, argv);
    server.ctx = server_context_new(&server.context, server.answer.early_data);
    struct pollfd fds[] = {{.fd = listen_on(server.address, &port), .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};
    printf("port %u\n", port);
    fflush(stdout);
    if (server.context.quic) {
        quic_serve(server.ctx, fds[0].fd, &server.answer);
        return 0;
    }
    for (bool open = true; open;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents)
            open = read(STDIN_FILENO, &byte, 1) > 0;
        if (fds[0].revents)
            accept_one(&fds[0].fd);
    }
    while (poll(fds, 1, 0) > 0 && fds[0].revents)
        accept_one(&fds[0].fd);
    pthread_mutex_lock(&lock);
    while (serving)
        pthread_cond_wait(&idle, &lock);
    pthread_mutex_unlock(&lock);
    return 0;
}
