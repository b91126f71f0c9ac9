#include "tests/probes/foreign_library.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC visibility push(default)

enum { MARK = 42, RESULT = 7 };

/* Smaller than anything of OpenSSL's. */
struct thing {
    int mark;
};

static const int method;
static foreign_callback *info;

static void say(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        abort();
}

static void *make(const char *text)
{
    struct thing *thing = malloc(sizeof *thing);

    if (!thing)
        abort();
    say(text);
    thing->mark = MARK;
    return thing;
}

static int use(const struct thing *thing, const char *text)
{
    say(thing->mark == MARK ? text : "something else\n");
    return RESULT;
}

const void *TLS_client_method(void)
{
    return &method;
}

void *SSL_CTX_new(const void *given)
{
    return given == &method ? make("SSL_CTX_new\n") : NULL;
}

void *SSL_new(void *ctx)
{
    use(ctx, "SSL_new of ");
    return make("an SSL_CTX\n");
}

int SSL_connect(void *ssl)
{
    return use(ssl, "SSL_connect\n");
}

int SSL_do_handshake(void *ssl)
{
    return use(ssl, "SSL_do_handshake\n");
}

int SSL_set_session(void *ssl, void *session)
{
    return use(ssl, session == ssl ? "SSL_set_session\n" : "another session\n");
}

void SSL_set_info_callback(void *ssl, foreign_callback *callback)
{
    use(ssl, "SSL_set_info_callback\n");
    info = callback;
}

foreign_callback *SSL_get_info_callback(const void *ssl)
{
    use(ssl, "SSL_get_info_callback\n");
    return info;
}

#ifdef WHOLE
void SSL_CTX_set_cert_verify_callback(void *ctx, foreign_callback *callback, void *arg)
{
    use(ctx, callback && arg == ctx ? "SSL_CTX_set_cert_verify_callback\n" : "other arguments\n");
}
#endif
