#include "shim/anchors.h"

#include <stdlib.h>
#include <string.h>

#include "config/der.h"
#include "config/directory.h"
#include "config/key_file.h"
#include "config/trust.h"
#include "shim/lock.h"

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

void anchors_read(struct anchors *anchors)
{
    struct list files = {NULL, 0, 0};
    char why[300];

    if (atomic_load(&anchors->read) || !lock_take(&anchors->lock))
        return;
    if (!atomic_load(&anchors->read)) {
        anchor_files(anchors->path, anchors->user, &files, why, sizeof why);
        for (size_t i = 0; i < files.count; i++)
            read_file(anchors, ((char **)files.items)[i]);
        list_free_strings(&files);
        atomic_store(&anchors->read, true);
    }
    lock_release(&anchors->lock);
}

bool anchors_same(struct anchors *before, struct anchors *now)
{
    const struct span *a, *b;

    if (before == NULL || now == NULL || !atomic_load(&before->read))
        return before == NULL || now != NULL;
    anchors_read(now);
    if (before->certs.count != now->certs.count)
        return false;
    a = before->certs.items;
    b = now->certs.items;
    for (size_t i = 0; i < now->certs.count; i++)
        if (a[i].length != b[i].length || memcmp(a[i].data, b[i].data, a[i].length) != 0)
            return false;
    return true;
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
    certificates_free(&anchors->certs);
    free(anchors->path);
    free(anchors);
}
