/* A program that makes a connection with a library that is no OpenSSL. The arguments: the path of
 * that library, for calls by handle, or "linked"; then, where one is wanted, a real libssl to have
 * in the process, too. Ends with 3 where the library gave no SSL_CTX. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/probes/foreign_library.h"

static struct {
#define FIELD(result, name, arguments) __typeof__(name) *name;
    FOREIGN_FUNCTIONS(FIELD)
#undef FIELD
} api;

static void *must(void *found)
{
    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    return found;
}

static void fill(const char *path)
{
    if (strcmp(path, "linked") == 0) {
#define FILL(result, name, arguments) api.name = name;
        FOREIGN_FUNCTIONS(FILL)
#undef FILL
    } else {
        void *library = must(dlopen(path, RTLD_NOW | RTLD_LOCAL));
#define FIND(result, name, arguments) api.name = (__typeof__(name) *)must(dlsym(library, #name));
        FOREIGN_FUNCTIONS(FIND)
#undef FIND
    }
}

static void on_info(void)
{
}

int main(int argc, char **argv)
{
    void *ctx, *ssl;

    if (argc < 2)
        return 2;
    if (argc > 2)
        must(dlopen(argv[2], RTLD_NOW | RTLD_LOCAL));
    fill(argv[1]);
    ctx = api.SSL_CTX_new(api.TLS_client_method());
    if (!ctx)
        return 3;
#ifdef WHOLE
    api.SSL_CTX_set_cert_verify_callback(ctx, on_info, ctx);
#endif
    ssl = api.SSL_new(ctx);
    api.SSL_set_info_callback(ssl, on_info);
    int got_back = api.SSL_get_info_callback(ssl) == on_info;
    int session = api.SSL_set_session(ssl, ssl), connected = api.SSL_connect(ssl);
    printf("%d %d %d %d\n", got_back, session, connected, api.SSL_do_handshake(ssl));
    return 0;
}
