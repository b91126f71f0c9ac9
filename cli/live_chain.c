#include "cli/live_chain.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/starttls.h"
#include "cli/stream.h"

const char *live_name(const struct live_server *server)
{
    return server->servername ? server->servername : server->at.host;
}

uint16_t live_port(const struct live_server *server)
{
    if (server->at.port)
        return server->at.port;
    return server->starttls ? starttls_port(server->starttls) : 443;
}

/* As lenient as can be: an old server is looked at too, and nothing is sent to it. */
static SSL *new_connection(SSL_CTX *ctx, const struct live_server *server)
{
    struct address address;
    SSL *ssl;

    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_max_cert_list(ctx, 256 * 1024);
    ssl = SSL_new(ctx);
    if (ssl && !address_parse(live_name(server), &address) &&
        SSL_set_tlsext_host_name(ssl, live_name(server)) != 1) {
        SSL_free(ssl);
        ssl = NULL;
    }
    return ssl;
}

/* Why the handshake failed: what OpenSSL says first, or the connection. */
static void explain(char *why, size_t size)
{
    int saved = errno;
    unsigned long first = ERR_get_error(), code = first;
    const char *reason = first ? ERR_reason_error_string(first) : NULL; /* none for the system's */
    bool other = false;

    for (; code; code = ERR_get_error())
        other |= ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER;
    if (other)
        snprintf(why, size, "what answers there does not speak TLS; is --starttls missing?");
    else
        snprintf(why, size, "the TLS handshake failed: %s",
                 reason  ? reason
                 : saved ? strerror(saved)
                         : "the server closed the connection");
}

static bool shake_hands(SSL *ssl, const struct stream *stream, char *why, size_t size)
{
    int result, error;

    while ((result = SSL_connect(ssl)) != 1) {
        error = SSL_get_error(ssl, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            explain(why, size);
            return false;
        }
        if (!stream_wait(stream, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) {
            snprintf(why, size, "the TLS handshake took too long");
            return false;
        }
    }
    return true;
}

static bool take_chain(SSL *ssl, struct certs *out, char *why, size_t size)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);

    if (sk_X509_num(chain) < 1) {
        snprintf(why, size, "the server shows no certificate");
        return false;
    }
    for (int i = 0; i < sk_X509_num(chain); i++) {
        X509 *x509 = sk_X509_value(chain, i);

        if (X509_up_ref(x509) != 1 || !certs_add(out, x509, NULL)) {
            snprintf(why, size, "there is not enough memory");
            return false;
        }
    }
    return true;
}

static bool secure(const struct stream *stream, const struct live_server *server, struct certs *out,
                   char *why, size_t size)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = ctx ? new_connection(ctx, server) : NULL;
    bool good = false;

    ERR_clear_error();
    errno = 0;
    if (!ssl || SSL_set_fd(ssl, stream->fd) != 1)
        snprintf(why, size, "OpenSSL cannot make a connection");
    else
        good = shake_hands(ssl, stream, why, size) && take_chain(ssl, out, why, size);
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return good;
}

bool live_chain(const struct live_server *server, struct certs *out, char *why, size_t size)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    char reason[800];
    struct sigaction before;
    struct stream stream;
    bool good;

    *out = (struct certs){0};
    if (!stream_connect(server->at.host, live_port(server), server->timeout, &stream, why, size))
        return false;
    sigaction(SIGPIPE, &ignore, &before); /* OpenSSL writes to the socket as to a file */
    good = (!server->starttls ||
            starttls(&stream, server->starttls, live_name(server), reason, sizeof(reason))) &&
           secure(&stream, server, out, reason, sizeof(reason));
    sigaction(SIGPIPE, &before, NULL);
    stream_close(&stream);
    if (!good)
        snprintf(why, size, "%s port %u: %s", server->at.host, live_port(server), reason);
    return good;
}
