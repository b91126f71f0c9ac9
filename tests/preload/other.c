/* Somebody else's preload: interposes a few functions that pinshim does, too, by the usual means,
 * and counts. At the end it writes "NAME COUNT" lines into the file $OTHER_COUNTS. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define EXPORT __attribute__((visibility("default")))

static atomic_uint ctx_new_calls, ssl_connect_calls, connect_calls, dlsym_calls;

typedef void *dlsym_fn(void *handle, const char *name);

/* The next dlsym. It cannot be asked for without a version: that would be a call of ours. */
static dlsym_fn *next_dlsym(void)
{
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
    static _Atomic(dlsym_fn *) kept;
    void *found = (void *)atomic_load(&kept);

    for (size_t i = 0; i < sizeof versions / sizeof *versions && !found; i++)
        found = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    atomic_store(&kept, (dlsym_fn *)found);
    return (dlsym_fn *)found;
}

#define NEXT(name) ((__typeof__(&(name)))next_dlsym()(RTLD_NEXT, #name))

/* What the program looks for. (pinshim looks for libconfuse's functions.) */
EXPORT void *dlsym(void *restrict handle, const char *restrict name)
{
    dlsym_calls += strncmp(name, "SSL_", 4) == 0;
    return next_dlsym()(handle, name);
}

EXPORT SSL_CTX *SSL_CTX_new(const SSL_METHOD *method)
{
    ctx_new_calls++;
    return NEXT(SSL_CTX_new)(method);
}

/* With $OTHER_INFO a tracer, whose info callback goes past whoever is before it. */
static void trace(const SSL *ssl, int where, int value)
{
    (void)ssl, (void)where, (void)value;
}

EXPORT SSL *SSL_new(SSL_CTX *ctx)
{
    SSL *ssl = NEXT(SSL_new)(ctx);

    if (ssl && getenv("OTHER_INFO"))
        NEXT(SSL_set_info_callback)(ssl, trace);
    return ssl;
}

EXPORT int SSL_connect(SSL *ssl)
{
    ssl_connect_calls++;
    return NEXT(SSL_connect)(ssl);
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    connect_calls++;
    return NEXT(connect)(fd, address, length);
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *path = getenv("OTHER_COUNTS");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

    if (fd < 0)
        return;
    dprintf(fd, "SSL_CTX_new %u\nSSL_connect %u\nconnect %u\ndlsym %u\n", ctx_new_calls,
            ssl_connect_calls, connect_calls, dlsym_calls);
    close(fd);
}
