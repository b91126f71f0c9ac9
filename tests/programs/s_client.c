/* openssl s_client: never calls SSL_connect nor SSL_do_handshake; its handshake happens inside its
 * first SSL_write. Its verify callback overrides errors unless -verify_return_error. */
#include "tests/programs/scene.h"

TestSuite(s_client, .init = scene_open, .fini = scene_close);

#define S_CLIENT                                                                                   \
    .name = "openssl", .host = "api.example.test", .host_source = "sni", .output = "genuine",      \
    .refused_status = 1, .complaint = "certificate verify failed", .has_client_cert = true,        \
    .input = "GET / HTTP/1.1\r\nHost: api.example.test\r\nConnection: close\r\n\r\n"

PROGRAM(s_client, verifying, S_CLIENT,
        .argv = {"openssl", "s_client", "-quiet", "-connect", "localhost:{port}", "-servername",
                 "api.example.test", "-CAfile", "{ca}", "-verify_return_error", "-cert", "{cert}",
                 "-cert_chain", "{cert}", "-key", "{key}"})

PROGRAM(s_client, not_verifying, S_CLIENT,
        .argv = {"openssl", "s_client", "-quiet", "-connect", "localhost:{port}", "-servername",
                 "api.example.test", "-cert", "{cert}", "-key", "{key}"})

PROGRAM(s_client, tls12, S_CLIENT,
        .argv = {"openssl", "s_client", "-quiet", "-tls1_2", "-connect", "localhost:{port}",
                 "-servername", "api.example.test", "-CAfile", "{ca}", "-cert", "{cert}", "-key",
                 "{key}"})
