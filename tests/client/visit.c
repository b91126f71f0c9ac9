#include "tests/client/visit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/client/context.h"
#include "tests/client/observe.h"
#include "tests/client/options.h"
#include "tests/client/raw_key.h"
#include "tests/client/roads.h"
#include "tests/client/session_carry.h"
#include "tests/client/surroundings.h"
#include "tests/client/verification.h"

enum { BESIDE_OCTETS = 32768 };

#define TLSEXT_HOST_NAME 0 /* RFC 6066 section 3 */

void visit_address(const struct visit *v, struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    const char *host = v->index > 0 && options.address2 ? options.address2 : options.address;
    in_port_t port =
        htons((in_port_t)atoi(v->index > 0 && options.port2 ? options.port2 : options.port));

    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        address->ss_family = AF_INET;
        v4->sin_port = port;
    } else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        address->ss_family = AF_INET6;
        v6->sin6_port = port;
    }
}

/* A connection that stands, and over which more came than any handshake takes, or nothing: from a
 * listener that is this program's as well. */
static void connect_beside(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t length = sizeof in;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), other;
    static char words[BESIDE_OCTETS];

    if (inet_pton(AF_INET, options.beside, &in.sin_addr) != 1 ||
        bind(listener, (struct sockaddr *)&in, sizeof in) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&in, &length) != 0 ||
        connect(fd, (struct sockaddr *)&in, sizeof in) != 0 ||
        (other = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
        die("beside: %s", strerror(errno));
    if (options.silent)
        return;
    if (write(other, words, sizeof words) != sizeof words ||
        recv(fd, words, sizeof words, MSG_WAITALL) != sizeof words)
        die("beside: %s", strerror(errno));
}

/* As a program does whose connect nobody sees. */
static int connect_unseen(int fd, const struct sockaddr *address, socklen_t length)
{
    return (int)syscall(SYS_connect, fd, address, length);
}

/* PostgreSQL's SSLRequest, and its answer. */
static void ask_for_tls(int fd)
{
    static const unsigned char ask[] = {0, 0, 0, 8, 4, 210, 22, 47};
    char answer;

    if (write(fd, ask, sizeof ask) != sizeof ask || read(fd, &answer, 1) != 1 || answer != 'S')
        die("asking for TLS: %s", strerror(errno));
}

int visit_socket(const struct visit *v)
{
    struct sockaddr_storage sa;
    int fd;

    visit_address(v, &sa);
    fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (options.stale_errors && dlsym(RTLD_DEFAULT, "nonexistent_stale"))
        die("a function that cannot be there is there");
    if (fd < 0 ||
        (options.unseen ? connect_unseen : connect)(fd, (struct sockaddr *)&sa, sizeof sa) != 0)
        die("connect: %s", strerror(errno));
    if (options.ask_for_tls)
        ask_for_tls(fd);
    if (options.beside)
        connect_beside();
    return fd;
}

static void offer_session(struct visit *v, SSL *ssl)
{
    int result;

    if (!v->session)
        return;
    observe_before();
    result = session_carry_offer(v->ctx, ssl, v->session);
    observe_call(v, "set_session", ssl, result);
}

void visit_prepare(struct visit *v, SSL *ssl)
{
    const char *sni = v->index > 0 && options.sni2 ? options.sni2 : options.sni;

    /* OpenSSL 3.0 fails to copy an SSL that has application data before any index was registered.
     */
    if (ssl == v->ssl)
        api.SSL_set_ex_data(ssl, 0, v);
    if (context_ssl_info() && !context_info_is_late())
        api.SSL_set_info_callback(ssl, context_ssl_info());
    verification_for_ssl(ssl, v->ctx);
    raw_key_prepare(ssl);
    if (options.set_session_first)
        offer_session(v, ssl);
    if (sni && strcmp(sni, "none") != 0)
        api.SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_HOST_NAME, (char *)sni);
    if (options.verify_host && api.SSL_set1_host(ssl, options.verify_host) != 1)
        die("SSL_set1_host");
    if (options.verify_ip &&
        api.X509_VERIFY_PARAM_set1_ip_asc(api.SSL_get0_param(ssl), options.verify_ip) != 1)
        die("X509_VERIFY_PARAM_set1_ip_asc");
    if (!options.set_session_first)
        offer_session(v, ssl);
}

/* Is this a whole answer (RFC 9112 section 6.2)? */
static bool is_whole(const char *answer)
{
    const char *length = strstr(answer, "Content-Length: "), *end = strstr(answer, "\r\n\r\n");

    return length && end && strlen(end + 4) >= strtoul(length + 16, NULL, 10);
}

/* Reads one answer where the connection goes on, else all there is. */
static void read_answer(struct visit *v, const char *name)
{
    char answer[4096];
    size_t length = 0;
    int n;

    do {
        errno = ERRNO_SENTINEL;
        n = v->road->read(v, answer + length, (int)(sizeof answer - 1 - length));
        if (n > 0)
            length += (size_t)n;
        answer[length] = 0;
    } while (n > 0 && length < sizeof answer - 1 && !(options.renegotiate && is_whole(answer)));
    report_begin(&v->report, name, '{');
    observe_call(v, "last", v->ssl, n > 0 ? 1 : n);
    report_text(&v->report, "answer", answer, length);
    report_end(&v->report, '}');
}

static void ask(struct visit *v, bool asked, const char *read_name)
{
    int result;

    if (!asked) {
        observe_before();
        result = v->road->write(v, request, (int)strlen(request));
        observe_call(v, "write", v->ssl, result);
        if (result <= 0 && !options.ignore_failure)
            return;
    }
    read_answer(v, read_name);
}

static void renegotiate(struct visit *v)
{
    int result;

    observe_before();
    result = api.SSL_renegotiate(v->ssl);
    observe_call(v, "renegotiate", v->ssl, result);
    observe_before();
    result = api.SSL_do_handshake(v->ssl);
    observe_call(v, "second_handshake", v->ssl, result);
    observe_state(v, "renegotiated");
    if (result != 1 && !options.ignore_failure)
        return;
    report_begin(&v->report, "second_request", '{');
    ask(v, false, "read");
    report_end(&v->report, '}');
}

static void talk(struct visit *v)
{
    int result;
    bool good, asked;

    v->road->open(v);
    if (options.look_first)
        observe_prepared(v);
    observe_before();
    result = v->road->handshake(v);
    observe_call(v, "handshake", v->ssl, result);
    observe_state(v, "state");
    verification_after(v->ssl, v->ctx);
    good = result > 0;
    /* Early data that the server took is not asked twice. */
    asked =
        (v->road->asks && good) || api.SSL_get_early_data_status(v->ssl) == SSL_EARLY_DATA_ACCEPTED;
    if ((good || options.ignore_failure) && !options.no_request)
        ask(v, asked, "read");
    if (good && options.renegotiate)
        renegotiate(v);
    observe_state(v, "end");
}

/* Makes objects that only lie about, or frees them. */
static void crowd(SSL_CTX *ctx)
{
    static SSL *idle[1000];

    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        if (ctx == NULL)
            api.SSL_free(idle[i]);
        idle[i] = ctx == NULL ? NULL : api.SSL_new(ctx);
    }
}

SSL_SESSION *visit_run(struct visit *v, unsigned index, SSL_CTX *ctx, SSL_SESSION *session)
{
    SSL_SESSION *next;
    int result;

    *v = (struct visit){.index = index, .ctx = ctx, .session = session, .fd = -1};
    v->road = road_find(options.road);
    report_open(&v->report);
    report_number(&v->report, "connection", index);
    if (options.crowd)
        crowd(ctx);
    talk(v);
    next = session_carry_next(v->ssl);
    /* A closed session is one that may be resumed. */
    errno = ERRNO_SENTINEL;
    result = api.SSL_shutdown(v->ssl);
    observe_call(v, "shutdown", v->ssl, result);
    observe_info(v);
    if (!options.threads)
        observe_surroundings(v);
    if (v->bio)
        api.BIO_free_all(v->bio);
    else
        api.SSL_free(v->ssl);
    if (v->fd >= 0)
        close(v->fd);
    if (options.crowd)
        crowd(NULL);
    report_close(&v->report);
    return next;
}
