#include "cli/public_roots.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cert_chain.h"
#include "cli/certs.h"
#include "cli/cli.h"
#include "cli/system_trust.h"
#include "config/list.h"

struct root {
    struct pin pin; /* its key's, or its own */
    X509 *x509;
};

struct public_roots {
    X509_STORE *store; /* has the certificates */
    struct list roots; /* struct root, sorted; two for each certificate */
};

static int compare(const void *a, const void *b)
{
    const struct root *x = a, *y = b;

    if (x->pin.kind != y->pin.kind)
        return x->pin.kind < y->pin.kind ? -1 : 1;
    return memcmp(x->pin.digest, y->pin.digest, DIGEST_SIZE);
}

static bool add(struct list *roots, X509 *x509, const struct pin *pin)
{
    struct root *root = list_add(roots, sizeof(*root));

    if (root)
        *root = (struct root){*pin, x509};
    return root;
}

/* This machine's own CAs. What cannot be read is nobody's CA. */
static bool read_local(struct certs *out)
{
    glob_t found = {0};
    char why[WHY_SIZE];
    bool good = true;

    glob(LOCAL_CAS "/*.crt", 0, NULL, &found);
    glob(LOCAL_CAS "/*/*.crt", GLOB_APPEND, NULL, &found);
    for (size_t i = 0; good && i < found.gl_pathc; i++) {
        struct certs certs;

        certs_read(found.gl_pathv[i], &certs, why, sizeof(why));
        for (size_t k = 0; good && k < certs.count; k++)
            if (certs.items[k].x509)
                good = X509_up_ref(certs.items[k].x509) == 1 &&
                       certs_add(out, certs.items[k].x509, NULL);
        certs_free(&certs);
    }
    globfree(&found);
    return good;
}

static bool is_local(const struct certs *local, const X509 *x509)
{
    for (size_t i = 0; i < local->count; i++)
        if (X509_cmp(local->items[i].x509, x509) == 0)
            return true;
    return false;
}

static bool read_roots(struct public_roots *roots)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(roots->store);
    struct certs local = {0};
    bool good = read_local(&local);

    for (int i = 0; good && i < sk_X509_OBJECT_num(objects); i++) {
        X509 *x509 = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        struct cert cert = {.x509 = x509};
        struct pin key, certificate;

        if (!x509 || chain_position(x509) != POSITION_ROOT || is_local(&local, x509))
            continue;
        good = cert_pin(&cert, &key) && cert_fingerprint(x509, &certificate) &&
               add(&roots->roots, x509, &key) && add(&roots->roots, x509, &certificate);
    }
    certs_free(&local);
    if (good && roots->roots.count > 0)
        qsort(roots->roots.items, roots->roots.count, sizeof(struct root), compare);
    return good;
}

struct public_roots *public_roots_new(void)
{
    struct public_roots *roots = calloc(1, sizeof(*roots));

    if (roots && ((roots->store = system_store()) == NULL || !read_roots(roots))) {
        public_roots_free(roots);
        roots = NULL;
    }
    return roots;
}

X509 *public_roots_find(const struct public_roots *roots, const struct policy_pin *pin)
{
    struct root wanted = {.pin = {.kind = pin->kind}};
    const struct root *found = NULL;

    memcpy(wanted.pin.digest, pin->digest, DIGEST_SIZE);
    if (roots->roots.count > 0)
        found = bsearch(&wanted, roots->roots.items, roots->roots.count, sizeof(wanted), compare);
    return found ? found->x509 : NULL;
}

void public_roots_free(struct public_roots *roots)
{
    if (!roots)
        return;
    X509_STORE_free(roots->store);
    free(roots->roots.items);
    free(roots);
}
