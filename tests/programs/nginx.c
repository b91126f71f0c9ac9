/* nginx as a reverse proxy: resolves and makes its contexts in the master, handshakes in workers
 * that have dropped their rights and whose environment is wiped, and sends no server name. */
#include "tests/programs/scene.h"
#include "tests/programs/servers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

TestSuite(nginx, .init = scene_open, .fini = scene_close);

/* Waits until a watched directory has the finished file `name`; after DEADLINE seconds no more. */
static void wait_for_file(int watch, const char *name)
{
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct pollfd fd = {.fd = watch, .events = POLLIN};

    while (poll(&fd, 1, DEADLINE * 1000) > 0) {
        ssize_t n = read(watch, buffer, sizeof buffer);
        for (ssize_t i = 0; i < n;) {
            const struct inotify_event *event = (const void *)(buffer + i);
            if (strcmp(event->name, name) == 0)
                return;
            i += (ssize_t)(sizeof *event + event->len);
        }
    }
}

/* Starts nginx, asks it once as a browser would, stops it. Its standard error and its error log
 * together are the outcome's. */
static struct outcome ask(struct scene *scene, const struct command *command)
{
    struct command browser = {0};
    const char *dir = scratch_dir(scene->scratch), *log = scratch_path(scene->scratch, "error.log");
    const char *socket = scratch_path(scene->scratch, "http.sock");
    char *output, *both;
    int watch = inotify_init1(IN_CLOEXEC);

    unlink(log);
    unlink(socket);
    cr_assert(watch >= 0 && inotify_add_watch(watch, dir, IN_CLOSE_WRITE) >= 0, "inotify: %s",
              strerror(errno));
    struct background *nginx = background_start(command);
    wait_for_file(watch, "nginx.pid"); /* made when it listens */
    close(watch);
    command_add(&browser, "curl", "-sS", "--fail", "-w", "%{http_code}\n", "--unix-socket", socket,
                "http://localhost/", NULL);
    struct outcome outcome = command_run(&browser);
    background_stop(nginx, SIGTERM, &output);
    cr_assert(asprintf(&both, "%s%s%s", outcome.err, output, scratch_read(scene->scratch, log)) >=
                  0,
              "out of memory");
    free(output);
    free(outcome.err);
    outcome.err = both;
    return outcome;
}

/* The last two arguments name the log of the time before the configuration is read. */
static void know_early_log(struct program *row)
{
    if (!nginx_has_early_log())
        row->argv[5] = NULL;
}

/* 22: curl's CURLE_HTTP_RETURNED_ERROR, for nginx's 502. */
#define NGINX                                                                                      \
    .name = "nginx", .host = "localhost", .host_source = "resolver", .output = "genuine\n200\n",   \
    .refused_status = 22, .complaint = "certificate verify failed", .has_client_cert = true,       \
    .is_daemon = true, .run = ask, .adapt = know_early_log,                                        \
    .argv = {"nginx", "-p", "{dir}", "-c", "{dir}/program.conf", "-e", "{dir}/error.log"}

/* A configuration: where errors go, what the upstream is, further directives. */
#define CONFIG(log, upstream, location)                                                            \
    "daemon off;\n"                                                                                \
    "worker_processes 1;\n"                                                                        \
    "pid nginx.pid;\n"                                                                             \
    "error_log " log ";\n"                                                                         \
    "events {}\n"                                                                                  \
    "http {\n"                                                                                     \
    "    access_log off;\n"                                                                        \
    "    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;\n"                 \
    "    uwsgi_temp_path tmp; scgi_temp_path tmp;\n"                                               \
    "    " upstream "\n"                                                                           \
    "    server {\n"                                                                               \
    "        listen unix:{dir}/http.sock;\n"                                                       \
    "        location / {\n"                                                                       \
    "            proxy_ssl_certificate {cert};\n"                                                  \
    "            proxy_ssl_certificate_key {key};\n"                                               \
    "            " location "\n"                                                                   \
    "        }\n"                                                                                  \
    "    }\n"                                                                                      \
    "}\n"

/* The error log takes the place of standard error in every process of nginx. */
PROGRAM(nginx, proxy, NGINX, .verification = "skipped",
        .config = CONFIG("error.log info", "", "proxy_pass https://localhost:{port};"))

/* Standard error is left as it was, and nginx verifies, after the handshake. */
PROGRAM(nginx, verifying_upstream, NGINX,
        .config = CONFIG("stderr info", "upstream backend { server localhost:{port}; }",
                         "proxy_pass https://backend;"
                         "proxy_ssl_verify on; proxy_ssl_verify_depth 2;"
                         "proxy_ssl_name api.example.test;"
                         "proxy_ssl_trusted_certificate {ca};"))
