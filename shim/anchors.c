#include "shim/anchors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/der.h"
#include "config/directory.h"
#include "config/key_file.h"
#include "config/pem.h"
#include "config/sha256.h"
#include "config/trust.h"
#include "shim/chain.h"
#include "shim/descriptor.h"
#include "shim/lock.h"

struct anchors {
    bool cut_short; /* memory or descriptors were */
    int fd;         /* held open; -1: read already, or there is none */
    struct file_identity identity;
    struct list certs;   /* struct span: when they were read */
    struct lock lock;    /* over making the index */
    atomic_bool indexed; /* by then the index changes no more */
    struct list index;   /* struct indexed */
    _Atomic(X509_STORE *) stores[BINDINGS_MAX];
};

/* One certificate, by what pins name. */
struct indexed {
    uint8_t spki[DIGEST_SIZE], cert[DIGEST_SIZE];
};

/* Notes what became of a call before which errno was 0. */
static void note(struct anchors *anchors, bool good)
{
    if (!good && (errno == ENOMEM || errno == EMFILE || errno == ENFILE))
        anchors->cut_short = true;
}

/* A file that is wrong, or that somebody else may write, adds nothing. */
static void read_file(struct anchors *anchors, const char *path, uid_t user)
{
    size_t length = 0;
    char why[300];
    uint8_t *data;

    errno = 0;
    data = trusted_read(path, user, ANCHORS_LIMIT, &length, why, sizeof why, NULL);
    note(anchors,
         data != NULL && certificates_from_file(data, length, &anchors->certs, why, sizeof why));
    free(data);
}

static void read_files(struct anchors *anchors, const char *path, uid_t user)
{
    struct list files = {NULL, 0, 0};
    char why[300];

    errno = 0;
    note(anchors, anchor_files(path, user, &files, why, sizeof why));
    for (size_t i = 0; i < files.count; i++)
        read_file(anchors, ((char **)files.items)[i], user);
    list_free_strings(&files);
}

static void hold(struct anchors *anchors, const char *path, uid_t user)
{
    struct stat st;
    char why[300];
    int fd;

    errno = 0;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    note(anchors, fd >= 0);
    if (fd < 0)
        return;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        !trusted_file(path, &st, user, why, sizeof why)) {
        close(fd);
        return;
    }
    anchors->identity = (struct file_identity){st.st_dev, st.st_ino};
    anchors->fd = descriptor_move_high(fd);
    note(anchors, anchors->fd >= 0);
}

struct anchors *anchors_open(const char *path, uid_t user, bool whole)
{
    struct anchors *anchors = calloc(1, sizeof *anchors);

    if (anchors == NULL)
        return NULL;
    anchors->fd = -1;
    if (whole)
        read_files(anchors, path, user);
    else
        hold(anchors, path, user);
    if (anchors->cut_short) {
        anchors_close(anchors);
        anchors = NULL;
    }
    return anchors;
}

bool anchors_same(const struct anchors *before, const struct anchors *now)
{
    const struct span *a = before != NULL ? before->certs.items : NULL;
    const struct span *b = now != NULL ? now->certs.items : NULL;
    size_t count = before != NULL ? before->certs.count : 0;

    if (count != (now != NULL ? now->certs.count : 0))
        return false;
    for (size_t i = 0; i < count; i++)
        if (a[i].length != b[i].length || memcmp(a[i].data, b[i].data, a[i].length) != 0)
            return false;
    return true;
}

/* More than one certificate and its place in a store take. */
#define ROOM ((size_t)256 * 1024)

static bool memory_is_short(void)
{
    void *volatile room = malloc(ROOM);

    free(room);
    return room == NULL;
}

/* OpenSSL does not say why it has not added one: a second try tells what was for a moment, and room
 * for it what is wrong with the certificate. */
bool anchors_take(struct openssl *o, X509_STORE *store, const struct span *cert)
{
    for (int tries = 0; tries < 2; tries++)
        if (chain_add_anchor(o, store, cert->data, cert->length))
            return true;
    return !memory_is_short();
}

static bool fill_store(struct openssl *o, X509_STORE *store, const struct list *list)
{
    const struct span *certs = list->items;
    bool good = true;

    for (size_t i = 0; good && i < list->count; i++)
        good = anchors_take(o, store, &certs[i]);
    return good;
}

X509_STORE *anchors_store(struct anchors *anchors, struct openssl *o)
{
    _Atomic(X509_STORE *) *place = &anchors->stores[openssl_index(o)];
    X509_STORE *store = atomic_load(place), *none = NULL;

    if (store != NULL || anchors->certs.count == 0 || (store = o->X509_STORE_new()) == NULL)
        return store;
    if (!fill_store(o, store, &anchors->certs)) {
        o->X509_STORE_free(store);
        return NULL;
    }
    if (!atomic_compare_exchange_strong(place, &none, store)) {
        o->X509_STORE_free(store); /* another thread was first */
        store = none;
    }
    return store;
}

/* Hands each certificate to `visit`, until that says false: then, and when memory is short, walks
 * are false. */
typedef bool visit_cert(struct span der, void *arg);

static bool walk_pem(const uint8_t *data, size_t length, visit_cert *visit, void *arg)
{
    struct pem_reader reader = pem_open(data, length);
    uint8_t *der = malloc(length + 1); /* one for all */
    struct pem_block block;
    bool good = der != NULL;
    char why[200];
    ssize_t n;

    while (good && pem_find(&reader, &block, why, sizeof why) == PEM_BLOCK)
        if (pem_is_certificate(&block) && (n = pem_decode(&block, der)) > 0)
            good = visit((struct span){der, (size_t)n}, arg);
    free(der);
    return good;
}

/* Is the file still held? The program may have closed the descriptor. */
static bool holds(const struct anchors *anchors)
{
    struct stat st;

    return anchors->fd >= 0 && fstat(anchors->fd, &st) == 0 &&
           descriptor_is_same(&st, &anchors->identity);
}

static bool walk(const struct anchors *anchors, visit_cert *visit, void *arg)
{
    const struct span *certs = anchors->certs.items;
    uint8_t *data;
    size_t length;
    char why[200];
    bool good;

    for (size_t i = 0; i < anchors->certs.count; i++)
        if (!visit(certs[i], arg))
            return false;
    if (!holds(anchors))
        return true;
    data = read_whole(anchors->fd, ANCHORS_LIMIT, &length, why, sizeof why);
    good = data != NULL && walk_pem(data, length, visit, arg);
    free(data);
    return good;
}

static bool digest_cert(struct span der, struct indexed *out)
{
    struct span spki;

    if (!der_certificate_spki(der, true, &spki))
        return false;
    sha256(spki.data, spki.length, out->spki);
    sha256(der.data, der.length, out->cert);
    return true;
}

static bool add_to_index(struct span der, void *arg)
{
    struct indexed digests, *added;

    if (!digest_cert(der, &digests))
        return true;
    added = list_add(arg, sizeof *added);
    if (added != NULL)
        *added = digests;
    return added != NULL;
}

/* An index that was cut short is made anew the next time. */
static bool make_index(struct anchors *anchors)
{
    struct list index = {NULL, 0, 0};

    if (!atomic_load(&anchors->indexed) && lock_take(&anchors->lock)) {
        if (!atomic_load(&anchors->indexed) && walk(anchors, add_to_index, &index)) {
            anchors->index = index;
            index = (struct list){NULL, 0, 0};
            atomic_store(&anchors->indexed, true);
        }
        lock_release(&anchors->lock);
    }
    free(index.items);
    return atomic_load(&anchors->indexed);
}

struct wanted {
    struct openssl *o;
    const struct policy *policy;
    const struct policy_section *section;
    X509_STORE *store;
};

static bool is_pinned(const struct wanted *wanted, const struct indexed *cert)
{
    return policy_pin_of(wanted->policy, wanted->section, cert->spki, cert->cert) != NULL;
}

static bool take_pinned(struct span der, void *arg)
{
    struct wanted *wanted = arg;
    struct indexed digests;

    if (digest_cert(der, &digests) && is_pinned(wanted, &digests))
        chain_add_anchor(wanted->o, wanted->store, der.data, der.length);
    return true;
}

X509_STORE *anchors_pinned(struct anchors *anchors, struct openssl *o, const struct policy *policy,
                           const struct policy_section *section)
{
    struct wanted wanted = {.o = o, .policy = policy, .section = section};
    const struct indexed *index;
    bool any = false;

    if (!make_index(anchors))
        return NULL;
    index = anchors->index.items;
    for (size_t i = 0; i < anchors->index.count && !any; i++)
        any = is_pinned(&wanted, &index[i]);
    if (!any || (wanted.store = o->X509_STORE_new()) == NULL)
        return NULL;
    walk(anchors, take_pinned, &wanted);
    return wanted.store;
}

void anchors_close(struct anchors *anchors)
{
    if (anchors == NULL)
        return;
    for (unsigned i = 0; i < BINDINGS_MAX; i++)
        if (atomic_load(&anchors->stores[i]) != NULL)
            openssl_at(i)->X509_STORE_free(atomic_load(&anchors->stores[i]));
    if (holds(anchors))
        close(anchors->fd);
    certificates_free(&anchors->certs);
    free(anchors->index.items);
    free(anchors);
}
