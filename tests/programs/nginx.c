/* nginx as a reverse proxy: resolves and makes its contexts in the master, handshakes in workers
 * that have dropped their rights and whose environment is wiped, and sends no server name. */
#include "tests/programs/scene.h"
#include "tests/programs/servers.h"
#include "tests/programs/upstream.h"

TestSuite(nginx, .init = scene_open, .fini = scene_close);

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
    .is_daemon = true, .run = upstream_ask, .adapt = know_early_log,                               \
    .argv = {"nginx", "-p", "{dir}", "-c", "{dir}/program.conf", "-e", "{dir}/error.log"}

/* The error log takes the place of standard error in every process of nginx. */
PROGRAM(nginx, proxy, NGINX, .verification = "skipped",
        .config = NGINX_CONFIG("error.log info", "", "proxy_pass https://localhost:{port};"))

/* Standard error is left as it was, and nginx verifies, after the handshake. */
PROGRAM(nginx, verifying_upstream, NGINX,
        .config = NGINX_CONFIG("stderr info", "upstream backend { server localhost:{port}; }",
                               "proxy_pass https://backend;"
                               "proxy_ssl_verify on; proxy_ssl_verify_depth 2;"
                               "proxy_ssl_name api.example.test;"
                               "proxy_ssl_trusted_certificate {ca};"))
