/* nginx as a reverse proxy: the client of its upstream. */
#ifndef PINSHIM_TESTS_PROGRAMS_UPSTREAM_H
#define PINSHIM_TESTS_PROGRAMS_UPSTREAM_H

#include "tests/programs/scene.h"

/* A configuration: where errors go, what the upstream is, further directives. */
#define NGINX_CONFIG(log, upstream, location)                                                      \
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

/* Starts nginx by the command, in {dir} with such a configuration, asks it once as a browser would,
 * stops it. Its standard error and its error log together are the outcome's. */
struct outcome upstream_ask(struct scene *scene, const struct command *command);

#endif
