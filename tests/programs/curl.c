/* curl: hands OpenSSL a BIO of its own, so address and port are known from connect alone. */
#include "tests/programs/scene.h"
#include "tests/programs/servers.h"

TestSuite(curl, .init = scene_open, .fini = scene_close);

static const char *const h2[] = {"--alpn", "h2,http/1.1", NULL};

/* What all rows share. 60: CURLE_PEER_FAILED_VERIFICATION. */
#define CURL                                                                                       \
    .name = "curl", .host_source = "sni", .refused_status = 60,                                    \
    .complaint = "application verification failure"

PROGRAM(curl, http1, CURL, .host = "localhost", .verification = "ok", .output = "genuine\n",
        .argv = {"curl", "-sS", "--http1.1", "--cacert", "{ca}", "https://localhost:{port}/"})

PROGRAM(curl, http1_insecure, CURL, .host = "localhost", .verification = "skipped",
        .output = "genuine\n",
        .argv = {"curl", "-sS", "--http1.1", "-k", "https://localhost:{port}/"})

PROGRAM(curl, resolve, CURL, .host = "api.example.test", .verification = "ok",
        .output = "genuine\n",
        .argv = {"curl", "-sS", "--cacert", "{ca}", "--resolve",
                 "api.example.test:{port}:127.0.0.1", "https://api.example.test:{port}/"})

PROGRAM(curl, keep_alive, CURL, .host = "localhost", .verification = "ok",
        .output = "genuine\n1\ngenuine\n0\n", /* the second request opens no connection */
        .attempts = 2,
        .argv = {"curl", "-sS", "--http1.1", "--cacert", "{ca}", "-w", "%{num_connects}\\n",
                 "https://localhost:{port}/", "https://localhost:{port}/"})

PROGRAM(curl, client_certificate, CURL, .host = "localhost", .verification = "ok",
        .output = "genuine\n", .has_client_cert = true,
        .argv = {"curl", "-sS", "--cacert", "{ca}", "--cert", "{cert}", "--key", "{key}",
                 "https://localhost:{port}/"})

PROGRAM(curl, insecure_client_certificate, CURL, .host = "localhost", .verification = "skipped",
        .output = "genuine\n", .has_client_cert = true,
        .argv = {"curl", "-sS", "-k", "--cert", "{cert}", "--key", "{key}",
                 "https://localhost:{port}/"})

PROGRAM(curl, tls12_client_certificate, CURL, .host = "localhost", .verification = "ok",
        .output = "genuine\n", .has_client_cert = true,
        .argv = {"curl", "-sS", "--tls-max", "1.2", "--cacert", "{ca}", "--cert", "{cert}", "--key",
                 "{key}", "https://localhost:{port}/"})

PROGRAM(curl, http2, CURL, .host = "localhost", .verification = "ok", .output = "genuine\n2\n",
        .serve = serve_http2, .recorder = h2,
        .argv = {"curl", "-sS", "--http2", "--cacert", "{ca}", "-w", "%{http_version}\\n",
                 "https://localhost:{port}/"})

PROGRAM(curl, http2_insecure, CURL, .host = "localhost", .verification = "skipped",
        .output = "genuine\n2\n", .serve = serve_http2, .recorder = h2,
        .argv = {"curl", "-sS", "--http2", "-k", "-w", "%{http_version}\\n",
                 "https://localhost:{port}/"})
