#include "shim/anchors.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/der.h"
#include "config/directory.h"
#include "config/key_file.h"
#include "config/trust.h"
#include "shim/lock.h"

/* The largest bundles have 200 kB. */
#define ANCHORS_LIMIT ((size_t)16 * 1024 * 1024)

struct anchors {
    char *path;
    uid_t user;
    struct lock lock; /* over reading */
    atomic_bool read;
    struct list certs; /* struct span */
    _Atomic(X509_STORE *) stores[BINDINGS_MAX];
};

struct anchors *anchors_new(const char *path, uid_t user)
{
    struct anchors *anchors = calloc(1, sizeof *anchors);

    if (anchors == NULL)
        return NULL;
    anchors->path = strdup(path);
    anchors->user = user;
    if (anchors->path == NULL) {
        free(anchors);
        return NULL;
    }
    return anchors;
}

/* A file that is wrong, or that somebody else may write, adds nothing. */
static void read_file(struct anchors *anchors, const char *path)
{
    size_t length = 0;
    char why[300];
    uint8_t *data =
        trusted_read(path, anchors->user, ANCHORS_LIMIT, &length, why, sizeof why, NULL);

    if (data != NULL)
        certificates_from_file(data, length, &anchors->certs, why, sizeof why);
    free(data);
}

static void read_directory(struct anchors *anchors)
{
    static const char *const suffixes[] = {".pem", ".crt", ".cer"};
    struct list names = {NULL, 0, 0};
    char why[300];

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        directory_list(anchors->path, anchors->user, suffixes[i], &names, why, sizeof why);
    for (size_t i = 0; i < names.count; i++) {
        char *file = path_inside(anchors->path, ((char **)names.items)[i]);
        if (file != NULL)
            read_file(anchors, file);
        free(file);
    }
    list_free_strings(&names);
}

void anchors_read(struct anchors *anchors)
{
    struct stat st;

    if (atomic_load(&anchors->read) || !lock_take(&anchors->lock))
        return;
    if (!atomic_load(&anchors->read)) {
        if (stat(anchors->path, &st) == 0 && S_ISDIR(st.st_mode))
            read_directory(anchors);
        else
            read_file(anchors, anchors->path);
        atomic_store(&anchors->read, true);
    }
    lock_release(&anchors->lock);
}

static X509_STORE *decode(const struct anchors *anchors, struct openssl *o)
{
    const struct span *certs = anchors->certs.items;
    X509_STORE *store = anchors->certs.count == 0 ? NULL : o->X509_STORE_new();

    for (size_t i = 0; store != NULL && i < anchors->certs.count; i++) {
        const unsigned char *der = certs[i].data;
        X509 *cert = o->d2i_X509_AUX(NULL, &der, (long)certs[i].length);
        if (cert != NULL)
            o->X509_STORE_add_cert(store, cert);
        o->X509_free(cert);
    }
    return store;
}

X509_STORE *anchors_store(struct anchors *anchors, struct openssl *o)
{
    _Atomic(X509_STORE *) *place = &anchors->stores[openssl_index(o)];
    X509_STORE *store = atomic_load(place), *none = NULL;

    if (store != NULL)
        return store;
    anchors_read(anchors);
    if (!atomic_load(&anchors->read))
        return NULL; /* a signal handler's handshake, in the middle of this thread's reading */
    store = decode(anchors, o);
    if (store != NULL && !atomic_compare_exchange_strong(place, &none, store)) {
        o->X509_STORE_free(store); /* another thread was first */
        store = none;
    }
    return store;
}

void anchors_free(struct anchors *anchors)
{
    if (anchors == NULL)
        return;
    for (unsigned i = 0; i < BINDINGS_MAX; i++)
        if (atomic_load(&anchors->stores[i]) != NULL)
            openssl_at(i)->X509_STORE_free(atomic_load(&anchors->stores[i]));
    certificates_free(&anchors->certs);
    free(anchors->path);
    free(anchors);
}
