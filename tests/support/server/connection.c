#include "tests/support/server/connection.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One string field, "…" or null; octets outside printable ASCII as \u00NN. */
static void put_json(FILE *out, const char *name, const void *data, size_t length)
{
    const unsigned char *p = data;

    fprintf(out, ",\"%s\":", name);
    if (!data) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        if (p[i] < 0x20 || p[i] > 0x7e || p[i] == '"' || p[i] == '\\')
            fprintf(out, "\\u%04x", p[i]);
        else
            fputc(p[i], out);
    }
    fputc('"', out);
}

static const char *word(bool value)
{
    return value ? "true" : "false";
}

static bool has_client_cert(const SSL *ssl)
{
    X509 *cert = SSL_get_peer_certificate(ssl); /* by the name that 1.1.1 has too */

    X509_free(cert);
    return cert != NULL;
}

bool connection_record(const struct connection *c)
{
    char *line = NULL, alert[64];
    size_t length = 0;
    FILE *out = open_memstream(&line, &length);
    const char *sni = SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name);
    const char *tls = SSL_get_version(c->ssl);
    size_t shown = c->app_bytes < SHOWN ? c->app_bytes : SHOWN;

    if (!out)
        return false;
    snprintf(alert, sizeof alert, "%s", SSL_alert_desc_string_long(c->alert));
    for (char *p = alert; *p; p++)
        if (*p == ' ')
            *p = '_';
    fprintf(out, "{\"number\":%u,\"handshake\":%s", c->number, word(c->handshake));
    put_json(out, "alert", c->alert < 0 ? NULL : alert, strlen(alert));
    put_json(out, "sni", sni, sni ? strlen(sni) : 0);
    put_json(out, "tls", c->handshake ? tls : NULL, strlen(tls));
    fprintf(out, ",\"resumed\":%s,\"client_cert\":%s,\"handshakes\":%u,\"app_bytes\":%zu",
            word(SSL_session_reused(c->ssl)), word(has_client_cert(c->ssl)), c->handshakes,
            c->app_bytes);
    put_json(out, "hello", c->wire.hello, strlen(c->wire.hello));
    put_json(out, "messages", c->wire.messages, strlen(c->wire.messages));
    put_json(out, "app_data", c->app_data, shown);
    fputs("}\n", out);
    fclose(out);
    bool written = write(STDOUT_FILENO, line, length) == (ssize_t)length;
    free(line);
    return written;
}

static void note(struct connection *c, const void *data, size_t length)
{
    if (c->app_bytes < SHOWN) {
        size_t room = SHOWN - c->app_bytes;
        memcpy(c->app_data + c->app_bytes, data, length < room ? length : room);
    }
    c->app_bytes += length;
}

/* Reads application data and notes it. Returns its length, 0 or less at the end. */
static int take(struct connection *c, void *buffer, int size)
{
    size_t early = c->early_length - c->early_taken;
    int n;

    if (early > 0) { /* noted already */
        if (early > (size_t)size)
            early = (size_t)size;
        memcpy(buffer, c->early + c->early_taken, early);
        c->early_taken += early;
        return (int)early;
    }
    n = SSL_read(c->ssl, buffer, size);
    if (n > 0)
        note(c, buffer, (size_t)n);
    return n;
}

/* Early data stands in the record even when the handshake fails after it. */
static void read_early(struct connection *c)
{
    size_t n = 0;
    int state;

    do {
        state = SSL_read_early_data(c->ssl, c->early + c->early_length,
                                    sizeof c->early - c->early_length, &n);
        if (state == SSL_READ_EARLY_DATA_ERROR)
            return;
        note(c, c->early + c->early_length, n);
        c->early_length += n;
    } while (state == SSL_READ_EARLY_DATA_SUCCESS && c->early_length < sizeof c->early);
}

/* Answers requests without a body until the client closes or asks to. */
static void respond_http(struct connection *c, const char *body)
{
    char request[8192], head[128];
    int used = 0, n;

    while ((n = take(c, request + used, (int)sizeof request - 1 - used)) > 0) {
        used += n;
        request[used] = 0;
        if (!strstr(request, "\r\n\r\n"))
            continue;
        bool last = strstr(request, "HTTP/1.0\r\n") || strstr(request, "Connection: close\r\n");
        int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                              strlen(body));
        if (SSL_write(c->ssl, head, length) <= 0 ||
            SSL_write(c->ssl, body, (int)strlen(body)) <= 0 || last)
            return;
        used = 0;
    }
}

static void respond_other(struct connection *c, enum respond respond)
{
    char buffer[4096];
    int n;

    while ((n = take(c, buffer, sizeof buffer)) > 0) {
        if (respond == RESPOND_CLOSE)
            return;
        if (respond == RESPOND_ECHO && SSL_write(c->ssl, buffer, n) <= 0)
            return;
        if (respond == RESPOND_REDIS && SSL_write(c->ssl, "+PONG\r\n", 7) <= 0)
            return;
    }
}

static int connect_to(const char *host_port)
{
    char host[256];
    const char *colon = strrchr(host_port, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int fd = -1;

    if (!colon || (size_t)(colon - host_port) >= sizeof host)
        return -1;
    memcpy(host, host_port, (size_t)(colon - host_port));
    host[colon - host_port] = 0;
    if (getaddrinfo(host, colon + 1, &hints, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* Passes plain text between the client and a backend, as a machine in the middle would. */
static void relay(struct connection *c, const char *host_port)
{
    char buffer[16384];
    int backend = connect_to(host_port), n;
    struct pollfd fds[] = {{.fd = c->fd, .events = POLLIN}, {.fd = backend, .events = POLLIN}};

    while (backend >= 0) {
        if (!SSL_pending(c->ssl) && poll(fds, 2, -1) < 0)
            break;
        if (SSL_pending(c->ssl) || fds[0].revents) {
            n = take(c, buffer, sizeof buffer);
            if (n <= 0 || write(backend, buffer, (size_t)n) != n)
                break;
        } else {
            n = (int)read(backend, buffer, sizeof buffer);
            if (n <= 0 || SSL_write(c->ssl, buffer, n) <= 0)
                break;
        }
    }
    if (backend >= 0)
        close(backend);
}

/* The plain-text negotiation before TLS: PostgreSQL's SSLRequest. */
static bool starttls(int fd)
{
    static const unsigned char ssl_request[8] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    unsigned char request[8];

    while (recv(fd, request, sizeof request, MSG_WAITALL) == (ssize_t)sizeof request) {
        bool ssl = memcmp(request, ssl_request, sizeof request) == 0;
        if (write(fd, ssl ? "S" : "N", 1) != 1)
            return false;
        if (ssl)
            return true;
    }
    return false;
}

void connection_serve(struct connection *c, const struct answer *answer)
{
    char rest[256];

    SSL_set_app_data(c->ssl, c);
    if ((answer->starttls && !starttls(c->fd)) || !SSL_set_fd(c->ssl, c->fd))
        return;
    if (answer->early_data)
        read_early(c);
    if (SSL_accept(c->ssl) != 1)
        return;
    c->handshake = true;
    if (answer->greeting && SSL_write(c->ssl, answer->greeting, (int)strlen(answer->greeting)) <= 0)
        return;
    if (answer->relay)
        relay(c, answer->relay);
    else if (answer->respond == RESPOND_HTTP)
        respond_http(c, answer->body);
    else
        respond_other(c, answer->respond);
    SSL_shutdown(c->ssl);
    shutdown(c->fd, SHUT_WR);
    while (take(c, rest, sizeof rest) > 0) /* a late alert still counts */
        ;
}
