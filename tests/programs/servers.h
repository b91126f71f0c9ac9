/* Real servers with a given certificate, on 127.0.0.1 at scene->port, until the test ends. */
#ifndef PINSHIM_TESTS_PROGRAMS_SERVERS_H
#define PINSHIM_TESTS_PROGRAMS_SERVERS_H

#include "tests/programs/scene.h"

/* nginx, HTTP/2 and HTTP/1.1, answering "genuine\n". */
void serve_http2(struct scene *scene, const struct identity *identity);

/* Does the installed nginx have the option -e (since 1.19.5)? */
bool nginx_has_early_log(void);

/* PostgreSQL with ssl=on, user "tester" trusted, database "postgres". */
void serve_postgresql(struct scene *scene, const struct identity *identity);

/* Redis, TLS only. */
void serve_redis(struct scene *scene, const struct identity *identity);

#endif
