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

static const char *const respond_names[] = {"http", "none", "close", "echo", "redis"};

static struct {
    const char *cert, *key, *address, *alpn, *respond;
    struct answer answer;
    bool request_client_cert, tls12, anonymous;
    unsigned char alpn_list[64]; /* ProtocolNameList (RFC 7301 section 3.1) */
    unsigned alpn_length;
    SSL_CTX *ctx;
} server = {.address = "127.0.0.1", .respond = "http", .answer.body = "genuine\n"};

/* Connections still being served; the main thread waits for none. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static unsigned serving;

static void die(const char *what)
{
    fprintf(stderr, "tls-server: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct connection *c = SSL_get_app_data(ssl);

    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        c->alert = value & 0xff;
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_length,
                       const unsigned char *in, unsigned in_length, void *arg)
{
    unsigned char *chosen;

    (void)ssl, (void)arg;
    if (SSL_select_next_proto(&chosen, out_length, server.alpn_list, server.alpn_length, in,
                              in_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static void make_context(void)
{
    SSL_CTX *ctx = server.ctx = SSL_CTX_new(TLS_server_method());

    if (!ctx)
        die("SSL_CTX_new");
    SSL_CTX_set_info_callback(ctx, on_info);
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"tests", 5);
    if (server.anonymous) {
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_dh_auto(ctx, 1);
        if (!SSL_CTX_set_cipher_list(ctx, "ADH"))
            die("no anonymous ciphers");
    } else if (SSL_CTX_use_certificate_chain_file(ctx, server.cert) != 1 ||
               SSL_CTX_use_PrivateKey_file(ctx, server.key, SSL_FILETYPE_PEM) != 1) {
        die("cannot use the certificate or the key");
    }
    if (server.tls12 || server.anonymous)
        SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    if (server.request_client_cert)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_any);
    if (server.alpn_length)
        SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
}

static void *connection_main(void *fd)
{
    struct connection c = {.fd = *(int *)fd, .alert = -1, .ssl = SSL_new(server.ctx)};

    free(fd);
    if (!c.ssl)
        die("SSL_new");
    connection_serve(&c, &server.answer);
    if (!connection_record(&c))
        die("cannot write a record");
    SSL_free(c.ssl);
    close(c.fd);
    pthread_mutex_lock(&lock);
    serving--;
    pthread_cond_signal(&idle);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void accept_one(int listener)
{
    int *fd = malloc(sizeof *fd);
    pthread_t thread;

    if (!fd || (*fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
        free(fd);
        return;
    }
    pthread_mutex_lock(&lock);
    serving++;
    pthread_mutex_unlock(&lock);
    if (pthread_create(&thread, NULL, connection_main, fd) != 0)
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
    fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &length) != 0)
        die("cannot listen");
    *port = ntohs(sa.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
    return fd;
}

static void set_alpn(const char *list)
{
    char copy[sizeof server.alpn_list], *rest = copy, *name;

    if (snprintf(copy, sizeof copy, "%s", list) >= (int)sizeof copy - 1)
        die("--alpn: too long");
    while ((name = strsep(&rest, ","))) {
        size_t length = strlen(name);
        server.alpn_list[server.alpn_length++] = (unsigned char)length;
        memcpy(server.alpn_list + server.alpn_length, name, length);
        server.alpn_length += (unsigned)length;
    }
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

static void options(int argc, char **argv)
{
    static const struct {
        const char *name;
        const char **text; /* the option takes a value */
        bool *flag;
    } known[] = {
        {"--cert", &server.cert, NULL},
        {"--key", &server.key, NULL},
        {"--address", &server.address, NULL},
        {"--alpn", &server.alpn, NULL},
        {"--starttls", &server.answer.starttls, NULL},
        {"--relay", &server.answer.relay, NULL},
        {"--respond", &server.respond, NULL},
        {"--body", &server.answer.body, NULL},
        {"--tls1.2", NULL, &server.tls12},
        {"--anonymous", NULL, &server.anonymous},
        {"--request-client-cert", NULL, &server.request_client_cert},
    };
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
    if (!server.anonymous && (!server.cert || !server.key))
        die("--cert and --key, or --anonymous");
    if (server.answer.starttls && strcmp(server.answer.starttls, "postgres") != 0)
        die("--starttls: postgres");
    set_respond(server.respond);
    if (server.alpn)
        set_alpn(server.alpn);
}

int main(int argc, char **argv)
{
    unsigned port;
    char byte;

    signal(SIGPIPE, SIG_IGN);
    options(argc, argv);
    make_context();
    struct pollfd fds[] = {{.fd = listen_on(server.address, &port), .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};
    printf("port %u\n", port);
    fflush(stdout);
    for (bool open = true; open;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents)
            open = read(STDIN_FILENO, &byte, 1) > 0;
        if (fds[0].revents)
            accept_one(fds[0].fd);
    }
    while (poll(fds, 1, 0) > 0 && fds[0].revents)
        accept_one(fds[0].fd);
    pthread_mutex_lock(&lock);
    while (serving)
        pthread_cond_wait(&idle, &lock);
    pthread_mutex_unlock(&lock);
    return 0;
}
