#include "tests/client/server_role.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/observe.h"
#include "tests/client/options.h"
#include "tests/client/visit.h"

static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";

/* Keeps OpenSSL's answer. */
static int on_verify(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = api.X509_STORE_CTX_get_ex_data(store, api.SSL_get_ex_data_X509_STORE_CTX_idx());
    struct visit *v = api.SSL_get_ex_data(ssl, 0);

    v->verify_calls++;
    return ok;
}

static int listen_somewhere(char port[8])
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &length) != 0)
        die("cannot listen");
    snprintf(port, 8, "%u", ntohs(sa.sin_port));
    return fd;
}

/* This program's own environment, without what concerns a shim. */
static char **bare_environment(void)
{
    size_t count = 0, kept = 0;
    char **bare;

    while (environ[count])
        count++;
    bare = calloc(count + 1, sizeof *bare);
    for (size_t i = 0; bare && i < count; i++)
        if (strncmp(environ[i], "LD_PRELOAD=", 11) != 0 && strncmp(environ[i], "PINSHIM_", 8) != 0)
            bare[kept++] = environ[i];
    return bare;
}

static pid_t start_peer(const char *port)
{
    const char *words[] = {"tls-client", "--load",          options.load, "--port",         port,
                           "--cert",     options.peer_cert, "--key",      options.peer_key, NULL};
    char **environment = bare_environment();
    posix_spawn_file_actions_t actions;
    pid_t pid;

    if (!options.peer_cert)
        words[5] = NULL;
    if (!environment || posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn(&pid, "/proc/self/exe", &actions, NULL, (char *const *)words, environment) != 0)
        die("the server's peer cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    return pid;
}

/* Where --serve says "two". */
static SSL_CTX *own_context(void)
{
    SSL_CTX *ctx = api.SSL_CTX_new(api.TLS_server_method());

    if (!ctx || api.SSL_CTX_use_certificate_chain_file(ctx, options.cert) != 1 ||
        api.SSL_CTX_use_PrivateKey_file(ctx, options.key, SSL_FILETYPE_PEM) != 1 ||
        api.SSL_CTX_load_verify_locations(ctx, options.ca, NULL) != 1)
        die("the server's context");
    return ctx;
}

static void serve(struct visit *v)
{
    char request[1024];
    int result;

    observe_before();
    result = api.SSL_accept(v->ssl);
    observe_call(v, "accept", v->ssl, result);
    observe_state(v, "state");
    if (result != 1)
        return;
    observe_before();
    result = api.SSL_read(v->ssl, request, sizeof request);
    observe_call(v, "read_request", v->ssl, result);
    observe_before();
    result = api.SSL_write(v->ssl, answer, (int)strlen(answer));
    observe_call(v, "write_answer", v->ssl, result);
    observe_before();
    result = api.SSL_shutdown(v->ssl);
    observe_call(v, "shutdown", v->ssl, result);
    observe_state(v, "end");
}

void server_role_run(SSL_CTX *shared)
{
    SSL_CTX *ctx = option_is(options.serve, "two") ? own_context() : shared;
    struct visit v = {.ctx = ctx};
    char port[8];
    int listener;
    pid_t peer;

    if (!options.serve)
        return;
    listener = listen_somewhere(port);
    peer = start_peer(port);
    v.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    v.ssl = api.SSL_new(ctx);
    if (v.fd < 0 || !v.ssl || api.SSL_set_fd(v.ssl, v.fd) != 1)
        die("the server's connection");
    api.SSL_set_ex_data(v.ssl, 0, &v);
    api.SSL_set_verify(v.ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
    report_open(&v.report);
    serve(&v);
    observe_info(&v);
    report_close(&v.report);
    report_print(&v.report);
    api.SSL_free(v.ssl);
    close(v.fd);
    close(listener);
    waitpid(peer, NULL, 0);
    if (ctx != shared)
        api.SSL_CTX_free(ctx);
}
