#include "cli/pin_store.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/put_file.h"
#include "config/directory.h"
#include "config/store.h"
#include "config/text.h"

void store_id(const struct pin *key, char out[STORE_ID_SIZE])
{
    struct text text;

    text_init(&text, out, STORE_ID_SIZE);
    text_add_hex(&text, key->digest, (STORE_ID_SIZE - 1) / 2);
}

/* What is wrong with the entry; NULL: nothing. Takes over the one certificate or key. */
static const char *take(struct store_entry *entry, struct certs *certs)
{
    const char *name = strrchr(entry->file, '/') + 1;
    char id[STORE_ID_SIZE];

    if (certs->private_key)
        return "it holds a private key, which has no place here; remove it";
    if (certs->count != 1)
        return "it holds several keys or certificates; keep the one that its name says";
    if (!cert_pin(&certs->items[0], &entry->key) ||
        (certs->items[0].x509 && !cert_fingerprint(certs->items[0].x509, &entry->certificate)))
        return "its key cannot be read";
    store_id(&entry->key, id);
    if (strncmp(name, id, strlen(id)) != 0)
        return "its name does not begin with its key's ID, so store:ID does not find it";
    memcpy(entry->id, id, sizeof(id));
    entry->cert = certs->items[0];
    certs->count = 0;
    return NULL;
}

static bool read_entry(struct store_entry *entry)
{
    char why[WHY_SIZE];
    struct certs certs;
    const char *damage =
        certs_read(entry->file, &certs, why, sizeof(why)) ? take(entry, &certs) : why;
    bool good = true;

    if (damage)
        good = (entry->damage = strdup(damage));
    certs_free(&certs);
    return good;
}

static bool later(const struct store_entry *a, const struct store_entry *b)
{
    int days = 0, seconds = 0;

    if (!a->cert.x509 || !b->cert.x509)
        return a->cert.x509;
    return ASN1_TIME_diff(&days, &seconds, X509_get0_notAfter(b->cert.x509),
                          X509_get0_notAfter(a->cert.x509)) == 1 &&
           (days > 0 || seconds > 0);
}

struct indexed {
    struct pin pin;
    const struct store_entry *entry;
};

static int compare_pins(const void *a, const void *b)
{
    const struct indexed *x = a, *y = b;

    if (x->pin.kind != y->pin.kind)
        return x->pin.kind < y->pin.kind ? -1 : 1;
    return memcmp(x->pin.digest, y->pin.digest, DIGEST_SIZE);
}

/* Of one pin's entries the one that holds longest comes first, else as their files are named. */
static int compare(const void *a, const void *b)
{
    const struct indexed *x = a, *y = b;
    int order = compare_pins(a, b);

    if (order == 0)
        order = later(y->entry, x->entry) - later(x->entry, y->entry);
    return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static bool add_to_index(struct list *index, const struct store_entry *entry, const struct pin *pin)
{
    struct indexed *item = list_add(index, sizeof(*item));

    if (item)
        *item = (struct indexed){*pin, entry};
    return item;
}

static bool make_index(struct pin_store *store)
{
    const struct store_entry *entry = store->entries.items;
    struct list *index = &store->index;
    bool good = true;

    for (size_t i = 0; good && i < store->entries.count; i++)
        if (entry[i].id[0])
            good = add_to_index(index, &entry[i], &entry[i].key) &&
                   (!entry[i].cert.x509 || add_to_index(index, &entry[i], &entry[i].certificate));
    if (index->count > 1)
        qsort(index->items, index->count, sizeof(struct indexed), compare);
    return good;
}

bool pin_store_read(const char *path, struct pin_store *out, char *why, size_t size)
{
    struct list names = {NULL, 0, 0};
    char reason[400];
    bool good;

    *out = (struct pin_store){.path = strdup(path)};
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    good = directory_list(path, geteuid(), "", &names, reason, sizeof(reason));
    if (!good)
        snprintf(why, size, "store %s: %s", path, reason);
    for (size_t i = 0; good && i < names.count; i++) {
        struct store_entry *entry = list_add(&out->entries, sizeof(*entry));

        good = entry && (entry->file = path_inside(path, ((char **)names.items)[i])) &&
               read_entry(entry);
        if (!good)
            snprintf(why, size, "there is not enough memory");
    }
    list_free_strings(&names);
    if (good && !(good = make_index(out)))
        snprintf(why, size, "there is not enough memory");
    return good;
}

void pin_store_free(struct pin_store *store)
{
    struct store_entry *entry = store->entries.items;

    for (size_t i = 0; i < store->entries.count; i++) {
        X509_free(entry[i].cert.x509);
        X509_PUBKEY_free(entry[i].cert.key);
        free(entry[i].damage);
        free(entry[i].file);
    }
    free(entry);
    free(store->index.items);
    free(store->path);
    *store = (struct pin_store){0};
}

const struct store_entry *pin_store_find(const struct pin_store *store, const struct pin *pin)
{
    const struct indexed wanted = {.pin = *pin}, *first = store->index.items, *found = NULL;

    if (store->index.count > 0)
        found = bsearch(&wanted, first, store->index.count, sizeof(wanted), compare_pins);
    while (found && found > first && compare_pins(found - 1, &wanted) == 0)
        found--;
    return found ? found->entry : NULL;
}

static char *entry_path(const char *path, const struct cert *cert)
{
    char id[STORE_ID_SIZE], fingerprint[STORE_ID_SIZE], *file;
    struct pin key, certificate;

    if (!cert_pin(cert, &key) || (cert->x509 && !cert_fingerprint(cert->x509, &certificate)))
        return NULL;
    store_id(&key, id);
    if (cert->x509)
        store_id(&certificate, fingerprint);
    if (asprintf(&file, "%s/%s%s%s", path, id, cert->x509 ? "-" : "",
                 cert->x509 ? fingerprint : "") < 0)
        return NULL;
    path = file;
    if (asprintf(&file, "%s%s", path, cert->x509 ? ".pem" : ".pub.pem") < 0)
        file = NULL;
    free((char *)path);
    return file;
}

static bool write_pem(BIO *bio, const struct cert *cert)
{
    uint8_t *der = NULL;
    int length;
    bool good;

    if (cert->x509)
        return PEM_write_bio_X509(bio, cert->x509) == 1;
    length = i2d_X509_PUBKEY(cert->key, &der);
    good = length > 0 && PEM_write_bio(bio, PEM_STRING_PUBLIC, "", der, length) > 0;
    OPENSSL_free(der);
    return good;
}

/* Whoever may read the config reads the store: it is as open as its entries, whatever the umask. */
static bool make_directory(const char *path)
{
    mode_t mask = umask(022);
    bool good = mkdir(path, 0755) == 0 || errno == EEXIST;

    umask(mask);
    return good;
}

bool pin_store_put(const char *path, const struct cert *cert, char **file, bool *fresh, char *why,
                   size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct put_file put = {0};
    char *pem;
    long length;
    bool good = false;

    *fresh = false;
    *file = entry_path(path, cert);
    if (!*file || !bio || !write_pem(bio, cert)) {
        snprintf(why, size, "the entry cannot be made");
    } else if (!make_directory(path)) {
        snprintf(why, size, "store %s cannot be made: %s", path, strerror(errno));
    } else if (access(*file, F_OK) == 0) {
        good = true;
    } else {
        length = BIO_get_mem_data(bio, &pem);
        good = put_file_write(*file, pem, (size_t)length, 0644, &put, why, size) &&
               put_file_place(&put, why, size);
        *fresh = good;
    }
    if (!good) {
        free(*file);
        *file = NULL;
    }
    BIO_free(bio);
    return good;
}
