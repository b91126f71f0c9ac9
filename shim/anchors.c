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
    struct list files; /* struct span: what was read, malloc'ed, until it is parsed */
    bool fetched;
    struct lock lock; /* over parsing */
    atomic_bool parsed;
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

/* A file that somebody else may write adds nothing. */
static void fetch_file(struct anchors *anchors, const char *path)
{
    size_t length = 0;
    char why[300];
    uint8_t *data =
        trusted_read(path, anchors->user, ANCHORS_LIMIT, &length, why, sizeof why, NULL);
    struct span *file = data == NULL ? NULL : list_add(&anchors->files, sizeof *file);

    if (file != NULL)
        *file = (struct span){data, length};
    else
        free(data);
}

static void fetch_directory(struct anchors *anchors)
{
    static const char *const suffixes[] = {".pem", ".crt", ".cer"};
    struct list names = {NULL, 0, 0};
    char why[300];

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        directory_list(anchors->path, anchors->user, suffixes[i], &names, why, sizeof why);
    for (size_t i = 0; i < names.count; i++) {
        char *file = path_inside(anchors->path, ((char **)names.items)[i]);
        if (file != NULL)
            fetch_file(anchors, file);
        free(file);
    }
    list_free_strings(&names);
}

void anchors_fetch(struct anchors *anchors)
{
    struct stat st;

    if (anchors->fetched)
        return;
    if (stat(anchors->path, &st) == 0 && S_ISDIR(st.st_mode))
        fetch_directory(anchors);
    else
        fetch_file(anchors, anchors->path);
    anchors->fetched = true;
}

/* A file that is wrong adds nothing. */
void anchors_read(struct anchors *anchors)
{
    char why[300];

    if (atomic_load(&anchors->parsed) || !lock_take(&anchors->lock))
        return;
    if (!atomic_load(&anchors->parsed)) {
        anchors_fetch(anchors);
        for (size_t i = 0; i < anchors->files.count; i++) {
            const struct span *file = (struct span *)anchors->files.items + i;
            certificates_from_file(file->data, file->length, &anchors->certs, why, sizeof why);
        }
        certificates_free(&anchors->files);
        atomic_store(&anchors->parsed, true);
    }
    lock_release(&anchors->lock);
}

static X509_STORE *decode(const struct anchors *anchors, struct openssl *o)
{
    const struct span *certs = anchors->certs.items;
    X509_STORE *store = anchors->certs.count == 0 ? NULL : o->X509_STORE_new();

    for (size_t i = 0; store != NULL && i < anchors->certs.count; i++) {
        const unsigned char *der = certs[i].data;
        X509 *cert = o->d2i_X509(NULL, &der, (long)certs[i].length);
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
    certificates_free(&anchors->files);
    certificates_free(&anchors->certs);
    free(anchors->path);
    free(anchors);
}
