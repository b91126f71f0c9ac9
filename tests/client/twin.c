#include "tests/client/twin.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/client/context.h"
#include "tests/client/options.h"
#include "tests/client/visit.h"

static struct api_table tables[2];
__thread struct api_table *api_now = &tables[0];

struct library {
    SSL_CTX *ctx;
    SSL_SESSION *session;
};

static void *twin_crypto, *twin_ssl;

static void *open_in_twin(const char *name, int flags, Lmid_t lmid)
{
    char path[4096];
    void *handle;

    if (snprintf(path, sizeof path, "%s/%s", options.twin, name) >= (int)sizeof path)
        die("--twin %s: too long", options.twin);
    handle =
        lmid == LM_ID_BASE ? dlopen(path, RTLD_NOW | flags) : dlmopen(lmid, path, RTLD_NOW | flags);
    if (!handle)
        die("%s", dlerror());
    return handle;
}

static void *find(void *handle, const char *name)
{
    return dlsym(handle, name);
}

/* Data of the program's own in every object that the current library makes. */
static void take_indexes(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        api.CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, NULL, NULL, NULL, NULL);
        api.CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, NULL, NULL, NULL, NULL);
        api.CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, NULL, NULL, NULL, NULL);
    }
}

/* Its libcrypto first: libssl then needs nothing that is not there. */
static void open_twin(void)
{
    int flags = option_is(options.twin_scope, "global")     ? RTLD_GLOBAL
                : option_is(options.twin_scope, "deepbind") ? RTLD_LOCAL | RTLD_DEEPBIND
                                                            : RTLD_LOCAL;
    Lmid_t lmid = option_is(options.twin_scope, "namespace") ? LM_ID_NEWLM : LM_ID_BASE;

    twin_crypto = open_in_twin("libcrypto.so", flags, lmid);
    if (dlinfo(twin_crypto, RTLD_DI_LMID, &lmid) != 0)
        die("%s", dlerror());
    twin_ssl = open_in_twin("libssl.so", flags, lmid);
    api_find(&tables[1], twin_ssl, find);
    api_now = &tables[1];
    take_indexes(3);
    api_now = &tables[0];
}

static void close_twin(void)
{
    if (dlclose(twin_ssl) != 0 || dlclose(twin_crypto) != 0)
        die("%s", dlerror());
    tables[1] = (struct api_table){0};
}

static void free_library(struct library *library)
{
    if (library->session)
        api.SSL_SESSION_free(library->session);
    if (library->ctx)
        api.SSL_CTX_free(library->ctx);
    *library = (struct library){0};
}

/* Which one the i-th connection goes through, by its figure. */
static unsigned library_of(unsigned i)
{
    if (!strchr("12", options.libraries[i]))
        die("--libraries %s: figures 1 and 2", options.libraries);
    return options.libraries[i] == '2';
}

static void visit_library(struct library *library, unsigned i)
{
    struct visit visit;
    SSL_SESSION *next;

    if (!library->ctx)
        library->ctx = context_new();
    next = visit_run(&visit, i, library->ctx, library->session);
    report_print(&visit.report);
    api.SSL_SESSION_free(library->session);
    library->session = options.resume ? next : NULL;
    if (!options.resume)
        api.SSL_SESSION_free(next);
}

static void run_in_turn(unsigned count)
{
    struct library libraries[2] = {0};

    for (unsigned i = 0; i < count; i++) {
        if (options.libraries[i] == 'x') {
            api_now = &tables[1];
            free_library(&libraries[1]);
            close_twin();
            continue;
        }
        if (library_of(i) == 1 && !tables[1].SSL_new)
            open_twin();
        api_now = &tables[library_of(i)];
        visit_library(&libraries[library_of(i)], i);
    }
    for (unsigned i = 0; i < 2; i++) {
        api_now = &tables[i];
        free_library(&libraries[i]);
    }
}

struct thread {
    pthread_t id;
    unsigned library;
    struct visit visit;
};

static void *thread_main(void *arg)
{
    struct thread *thread = arg;
    SSL_CTX *ctx;

    api_now = &tables[thread->library];
    ctx = context_new();
    api.SSL_SESSION_free(visit_run(&thread->visit, 0, ctx, NULL));
    api.SSL_CTX_free(ctx);
    return NULL;
}

static void run_at_once(unsigned count)
{
    struct thread *threads = calloc(count, sizeof *threads);

    open_twin();
    for (unsigned i = 0; threads && i < count; i++) {
        threads[i].library = library_of(i);
        if (pthread_create(&threads[i].id, NULL, thread_main, &threads[i]) != 0)
            die("pthread_create");
    }
    for (unsigned i = 0; threads && i < count; i++) {
        pthread_join(threads[i].id, NULL);
        report_print(&threads[i].visit.report);
    }
    free(threads);
}

void twin_run(void)
{
    unsigned count = (unsigned)strlen(options.libraries);

    take_indexes(5); /* what the shim registers has another number in each */
    if (options.threads)
        run_at_once(count);
    else
        run_in_turn(count);
}
