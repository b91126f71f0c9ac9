/* A client of OpenSSL whose handshakes callgrind counts and whose work a clock measures:
 * client NAME PORT CA [WORD...]. It knows nothing of pinshim.
 *
 *   tls1.2        at most that version           override   a verify callback that says yes
 *   resume        each continues the last        skip       verifies nothing
 *   request       asks for something in each     plain      no TLS: somebody else does it
 *   warm=N        handshakes before the count    times=N    handshakes that count (default 10)
 *   read=N        so many octets over one connection instead
 * Prints the seconds that it all took, but for the warming up. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static struct {
    const char *name, *port, *ca;
    bool tls12, resume, override, skip, request, plain;
    unsigned long warm, times, read;
} options = {.warm = 2, .times = 10};

static SSL_CTX *ctx;
static SSL_SESSION *session;

static void die(const char *what)
{
    fprintf(stderr, "bench client: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int say_yes(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    return 1;
}

static void make_context(void)
{
    ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL || SSL_CTX_load_verify_locations(ctx, options.ca, NULL) != 1)
        die(options.ca);
    SSL_CTX_set_max_proto_version(ctx, options.tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_verify(ctx, options.skip ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       options.override ? say_yes : NULL);
}

static int make_socket(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)atoi(options.port))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    return fd;
}

struct link {
    int fd;
    SSL *ssl; /* NULL: plain */
};

static struct link open_link(void)
{
    struct link link = {.fd = make_socket()};

    if (options.plain)
        return link;
    link.ssl = SSL_new(ctx);
    if (link.ssl == NULL || SSL_set_fd(link.ssl, link.fd) != 1 ||
        SSL_set_tlsext_host_name(link.ssl, options.name) != 1 ||
        SSL_set1_host(link.ssl, options.name) != 1 ||
        (session != NULL && SSL_set_session(link.ssl, session) != 1) || SSL_connect(link.ssl) != 1)
        die("handshake");
    return link;
}

static void close_link(struct link link)
{
    if (link.ssl != NULL) {
        SSL_shutdown(link.ssl);
        SSL_free(link.ssl);
    }
    close(link.fd);
}

struct link counted_open(void);
void counted_close(struct link link);

/* What callgrind counts, by these names: from the socket to the end of the handshake, and the end
 * of the connection. */
struct link __attribute__((noinline)) counted_open(void)
{
    return open_link();
}

void __attribute__((noinline)) counted_close(struct link link)
{
    close_link(link);
}

static int receive(struct link link, void *buffer, int size)
{
    return link.ssl != NULL ? SSL_read(link.ssl, buffer, size)
                            : (int)read(link.fd, buffer, (size_t)size);
}

/* Asks for a file and reads at least so much of the answer. */
static void ask(struct link link, const char *file, unsigned long wanted)
{
    static char buffer[1 << 16];
    char request[64];
    int length = snprintf(request, sizeof request, "GET /%s HTTP/1.0\r\n\r\n", file), n;

    if ((link.ssl != NULL ? SSL_write(link.ssl, request, length)
                          : (int)write(link.fd, request, (size_t)length)) != length)
        die("request");
    for (unsigned long done = 0; done < wanted; done += (unsigned long)n)
        if ((n = receive(link, buffer, sizeof buffer)) <= 0)
            die("the answer is too short");
}

static void visit(bool counted)
{
    struct link link = counted ? counted_open() : open_link();

    if (link.ssl != NULL && SSL_session_reused(link.ssl) != (session != NULL))
        die(session != NULL ? "not resumed" : "resumed");
    /* TLS 1.3 sends its tickets behind the handshake, before the answer. */
    if (options.resume || options.request)
        ask(link, "", 1);
    if (options.resume) {
        SSL_SESSION_free(session);
        session = SSL_get1_session(link.ssl);
    }
    if (counted)
        counted_close(link);
    else
        close_link(link);
}

static void repeat(unsigned long times, bool counted)
{
    while (times-- > 0)
        visit(counted);
}

static void transfer(unsigned long octets)
{
    struct link link = open_link();

    ask(link, "bulk", octets);
    close_link(link);
}

static void read_option(const char *word)
{
    static const struct {
        const char *name;
        bool *flag;
        unsigned long *number;
    } known[] = {{"tls1.2", &options.tls12, NULL},      {"resume", &options.resume, NULL},
                 {"override", &options.override, NULL}, {"skip", &options.skip, NULL},
                 {"request", &options.request, NULL},   {"plain", &options.plain, NULL},
                 {"warm=", NULL, &options.warm},        {"times=", NULL, &options.times},
                 {"read=", NULL, &options.read}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].name);
        if (strncmp(word, known[i].name, length) != 0)
            continue;
        if (known[i].flag != NULL)
            *known[i].flag = true;
        else
            *known[i].number = strtoul(word + length, NULL, 10);
        return;
    }
    die(word);
}

int main(int argc, char **argv)
{
    double before;

    if (argc < 4)
        die("client NAME PORT CA [WORD...]");
    options.name = argv[1];
    options.port = argv[2];
    options.ca = argv[3];
    for (int i = 4; i < argc; i++)
        read_option(argv[i]);
    signal(SIGPIPE, SIG_IGN);
    make_context();
    repeat(options.warm, false);
    before = now();
    if (options.read > 0)
        transfer(options.read);
    else
        repeat(options.times, true);
    printf("%.6f\n", now() - before);
    return 0;
}
