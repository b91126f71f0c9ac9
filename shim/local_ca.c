#include "shim/local_ca.h"

#include <stdlib.h>
#include <string.h>

#include "config/der.h"
#include "config/directory.h"
#include "config/key_file.h"
#include "config/sources.h"
#include "config/trust.h"
#include "shim/anchors.h"

/* Of update-ca-certificates(8), update-ca-trust(8) and trust(1). */
static const char *const DIRECTORIES[] = {
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/ca-certificates/trust-source/anchors",
};

/* What one OpenSSL has made of them. */
struct known {
    X509_STORE *store;
    struct list subjects; /* char *: malloc'ed, as struct certificate has them */
};

struct local_cas {
    struct list files; /* struct span: malloc'ed, as they were read */
    _Atomic(struct known *) known[BINDINGS_MAX];
};

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);

    return length > end && strcmp(name + length - end, suffix) == 0;
}

static void read_file(struct list *files, const char *path, uid_t user)
{
    size_t length = 0;
    char why[300];
    uint8_t *data = trusted_read(path, user, ANCHORS_LIMIT, &length, why, sizeof why, NULL);
    struct span *file = data == NULL ? NULL : list_add(files, sizeof *file);

    if (file != NULL)
        *file = (struct span){data, length};
    else
        free(data);
}

/* The certificates in a directory. What else is in it is added to `others`, unless that is NULL. */
static void read_directory(struct list *files, const char *path, uid_t user, struct list *others)
{
    struct list names = {NULL, 0, 0};
    char why[300], **other;
    bool good = directory_list(path, user, "", &names, why, sizeof why);

    for (size_t i = 0; good && i < names.count; i++) {
        const char *name = ((char **)names.items)[i];
        char *inside = path_inside(path, name);
        if (inside == NULL)
            continue;
        if (ends_in(name, ".crt") || ends_in(name, ".pem")) {
            read_file(files, inside, user);
        } else if (others != NULL && (other = list_add(others, sizeof *other)) != NULL) {
            *other = inside;
            continue;
        }
        free(inside);
    }
    list_free_strings(&names);
}

/* Theirs and those of the directories in them. */
static void read_all(struct list *files, uid_t user, struct list *sources)
{
    for (size_t i = 0; i < sizeof DIRECTORIES / sizeof *DIRECTORIES; i++) {
        struct list deeper = {NULL, 0, 0};
        read_directory(files, DIRECTORIES[i], user, &deeper);
        for (size_t k = 0; k < deeper.count; k++)
            read_directory(files, ((char **)deeper.items)[k], user, NULL);
        list_free_strings(&deeper);
        sources_add(sources, DIRECTORIES[i]);
    }
}

struct local_cas *local_cas_open(uid_t user, struct list *sources)
{
    struct local_cas *cas = calloc(1, sizeof *cas);

    if (cas != NULL)
        read_all(&cas->files, user, sources);
    if (cas != NULL && cas->files.count == 0) {
        local_cas_close(cas);
        cas = NULL;
    }
    return cas;
}

static void forget(struct openssl *o, struct known *known)
{
    o->X509_STORE_free(known->store);
    list_free_strings(&known->subjects);
    free(known);
}

/* A certificate that OpenSSL cannot read adds nothing. False when memory is short. */
static bool add_cert(struct openssl *o, struct known *known, const struct span *der)
{
    const uint8_t *at = der->data;
    X509 *x509 = o->d2i_X509_AUX(NULL, &at, (long)der->length);
    struct certificate *cert;
    char **subject;
    bool good;

    if (x509 == NULL)
        return true;
    cert = certificate_know(o, x509, CERTIFICATE_WORDS);
    subject = cert == NULL ? NULL : list_add(&known->subjects, sizeof *subject);
    good = subject != NULL && cert->subject != NULL && (*subject = strdup(cert->subject)) != NULL &&
           anchors_take(o, known->store, der);
    certificate_release(cert);
    o->X509_free(x509);
    return good;
}

static bool add_file(struct openssl *o, struct known *known, struct span file)
{
    struct list certs = {NULL, 0, 0};
    const struct span *cert;
    char why[200];
    bool good = true;

    certificates_from_file(file.data, file.length, &certs, why, sizeof why);
    cert = certs.items;
    for (size_t i = 0; good && i < certs.count; i++)
        good = cert[i].data == NULL || add_cert(o, known, &cert[i]);
    certificates_free(&certs);
    return good;
}

/* NULL when memory is short: then it is tried again for the next event. */
static struct known *look_at(struct local_cas *cas, struct openssl *o)
{
    _Atomic(struct known *) *place = &cas->known[openssl_index(o)];
    struct known *known = atomic_load(place), *none = NULL;
    bool good;

    if (known != NULL || (known = calloc(1, sizeof *known)) == NULL)
        return known;
    known->store = o->X509_STORE_new();
    good = known->store != NULL;
    for (size_t i = 0; good && i < cas->files.count; i++)
        good = add_file(o, known, ((struct span *)cas->files.items)[i]);
    if (good && atomic_compare_exchange_strong(place, &none, known))
        return known;
    forget(o, known);
    return none; /* another thread was first, or NULL */
}

/* Only then can there be a path, so next to nobody pays for one. */
static bool one_may_have_signed(const struct known *known, const struct cert_list *sent)
{
    for (size_t i = 0; i < sent->count; i++)
        for (size_t k = 0; k < known->subjects.count; k++)
            if (sent->known[i] != NULL && sent->known[i]->issuer != NULL &&
                strcmp(sent->known[i]->issuer, ((char **)known->subjects.items)[k]) == 0)
                return true;
    return false;
}

enum answer local_cas_end(struct local_cas *cas, struct openssl *o, const struct cert_list *sent,
                          const struct path_start *start, int64_t now, struct paths *paths)
{
    struct path_question asked = {.end = END_LOCAL_CA,
                                  .library = openssl_index(o),
                                  .level = start->level,
                                  .now = now,
                                  .sent = sent};
    struct cert_list path = {.count = 0};
    const struct known *known;

    if (cas == NULL)
        return ANSWER_NO;
    known = look_at(cas, o);
    if (known == NULL)
        return NOT_ASKED;
    if (!one_may_have_signed(known, sent))
        return ANSWER_NO;
    if (paths_find(paths, &asked, NULL))
        return ANSWER_YES;
    if (!chain_path_to_any(o, known->store, start, &path))
        return ANSWER_NO;
    paths_remember(paths, &asked, &path);
    chain_release(&path);
    return ANSWER_YES;
}

void local_cas_close(struct local_cas *cas)
{
    if (cas == NULL)
        return;
    for (unsigned i = 0; i < BINDINGS_MAX; i++) {
        struct known *known = atomic_load(&cas->known[i]);
        if (known != NULL)
            forget(openssl_at(i), known);
    }
    certificates_free(&cas->files); /* octets, as those of certificates */
    free(cas);
}
