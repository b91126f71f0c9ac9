#include "shim/openssl.h"

#include <stdint.h>
#include <string.h>

static struct openssl bindings[BINDINGS_MAX];
static atomic_uint binding_count;
static atomic_bool foreign_seen; /* some libssl of the process is none that we can bind */
_Atomic(struct openssl *) openssl_only;

enum { NEEDED = 1, OPTIONAL = 0 };

static const struct {
    char name[40]; /* no pointer: the loader would have to relocate each, in every process */
    size_t offset;
    bool in_ssl, needed;
} FUNCTIONS[] = {
#define IN_SSL true
#define IN_CRYPTO false
#define ROW(object, needed, name) {#name, offsetof(struct openssl, name), IN_##object, needed},
    OPENSSL_FUNCTIONS(ROW)
#undef ROW
};

/* The one function that answers from a variable of its library. Of two libssl with symbols of the
 * same versions the loader lets both call the first one's. */
static void bind_store_index(const struct elf_object *ssl, struct openssl *out)
{
    void *called = elf_callee(ssl, "SSL_get_ex_data_X509_STORE_CTX_idx");

    if (elf_contains(ssl, called) || openssl_holding(called) != NULL)
        memcpy(&out->SSL_get_ex_data_X509_STORE_CTX_idx, &called, sizeof called);
}
static const char *const quic_methods[QUIC_METHODS] = {
    "OSSL_QUIC_client_method",
    "OSSL_QUIC_client_thread_method",
    "OSSL_QUIC_server_method",
};

bool openssl_bind(const struct elf_object *ssl, const struct elf_object *crypto,
                  struct openssl *out, const char **missing)
{
    memset(out, 0, sizeof *out);
    out->ssl = *ssl;
    out->crypto = *crypto;
    out->ctx_index = out->ssl_index = out->session_index = -1;
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
        void *function = elf_function(FUNCTIONS[i].in_ssl ? ssl : crypto, FUNCTIONS[i].name);
        if (function == NULL && FUNCTIONS[i].needed) {
            *missing = FUNCTIONS[i].name;
            return false;
        }
        memcpy((char *)out + FUNCTIONS[i].offset, &function, sizeof function);
    }
    bind_store_index(ssl, out);
    out->put_error = (err_put_error_fn *)elf_function(crypto, "ERR_put_error");
    out->is_quic = (is_quic_fn *)elf_function(ssl, "SSL_is_quic");
    out->set_sendmmsg = (set_mmsg_fn *)elf_function(crypto, "BIO_meth_set_sendmmsg");
    out->set_recvmmsg = (set_mmsg_fn *)elf_function(crypto, "BIO_meth_set_recvmmsg");
    out->ctx_method = (ctx_method_fn *)elf_function(ssl, "SSL_CTX_get_ssl_method");
    for (size_t i = 0; i < QUIC_METHODS; i++)
        out->quic_methods[i] = (quic_method_fn *)elf_function(ssl, quic_methods[i]);
    out->set0_default = (set0_default_fn *)elf_function(crypto, "OSSL_LIB_CTX_set0_default");
    out->get0_rpk = (get0_rpk_fn *)elf_function(crypto, "X509_STORE_CTX_get0_rpk");
    if (out->ERR_set_error == NULL && out->put_error == NULL) {
        *missing = "ERR_put_error";
        return false;
    }
    out->version = out->OpenSSL_version_num();
    return true;
}

const struct elf_wanted openssl_first_wanted = {.name = "SSL_CTX_new", .hash = 0xa922c68e};

bool openssl_is_libssl(const struct elf_object *object)
{
    /* Most objects are asked for no more than this one, so it is not hashed anew for each. */
    return elf_import(object, &openssl_first_wanted) != NULL &&
           /* Nobody interposes this one. */
           elf_function(object, "SSL_alert_desc_string_long") != NULL &&
           elf_function(object, "SSL_CTX_set_cert_verify_callback") != NULL;
}

static bool is_bound(const struct elf_object *object)
{
    for (unsigned i = 0; i < openssl_count(); i++)
        if (bindings[i].ssl.base == object->base && bindings[i].ssl.start == object->start)
            return true;
    return false;
}

struct crypto_search {
    const struct elf_object *ssl;
    struct elf_object best;
    int rank; /* of the best: how sure it is the one that belongs to `ssl` */
};

static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? 0 : (size_t)(slash - path);
}

static bool visit_crypto(const struct elf_object *object, void *arg)
{
    struct crypto_search *search = arg;
    const struct elf_object *ssl = search->ssl;
    size_t directory = directory_length(ssl->path);
    int rank = 0;

    if (elf_function(object, "CRYPTO_get_ex_new_index") == NULL || elf_contains(object, bindings))
        return true;
    if (object->base == ssl->base)
        rank = 5; /* both in one object: a program with OpenSSL built in */
    else if (elf_calls(ssl, object))
        rank = 4; /* be it another than it names: the first one of those versions was bound */
    else if (object->soname[0] != '\0' && elf_needs(ssl, object->soname))
        rank = 2 + (directory == directory_length(object->path) &&
                    memcmp(ssl->path, object->path, directory) == 0);
    if (rank > search->rank) {
        search->rank = rank;
        search->best = *object;
    }
    return true;
}

/* The walk holds the loader's lock, so what it finds is bound after it. */
struct ssl_search {
    struct elf_object found[BINDINGS_MAX];
    unsigned count;
};

static bool visit_ssl(const struct elf_object *object, void *arg)
{
    struct ssl_search *search = arg;

    if (openssl_is_libssl(object) && !is_bound(object))
        search->found[search->count++] = *object;
    return search->count < BINDINGS_MAX;
}

/* The next binding is complete. Another thread may see a foreign libssl meanwhile. */
static void note_bound(void)
{
    bool first = openssl_count() == 0;

    atomic_store(&openssl_only, NULL);
    atomic_fetch_add(&binding_count, 1);
    if (first)
        atomic_store(&openssl_only, &bindings[0]);
    if (atomic_load(&foreign_seen))
        atomic_store(&openssl_only, NULL);
}

unsigned openssl_discover(void (*unusable)(const char *path, const char *missing))
{
    static struct elf_seen seen;
    struct ssl_search search = {.count = 0};
    unsigned added = 0;

    elf_walk_new(&seen, visit_ssl, &search);
    for (unsigned i = 0; i < search.count && openssl_count() < BINDINGS_MAX; i++) {
        struct crypto_search crypto = {.ssl = &search.found[i]};
        const char *missing = "libcrypto";

        elf_walk(visit_crypto, &crypto);
        if (crypto.rank > 0 &&
            openssl_bind(&search.found[i], &crypto.best, &bindings[openssl_count()], &missing)) {
            note_bound();
            added++;
        } else {
            seen.count = 0; /* what it needs may still be on its way: it is looked at again */
            openssl_note_foreign();
            if (unusable != NULL)
                unusable(search.found[i].path, missing);
        }
    }
    return added;
}

static bool visit_presence(const struct elf_object *object, void *arg)
{
    bool *present = arg;

    *present = openssl_is_libssl(object);
    return !*present;
}

bool openssl_present(void)
{
    bool present = false;

    elf_walk(visit_presence, &present);
    return present;
}

unsigned openssl_count(void)
{
    return atomic_load_explicit(&binding_count, memory_order_acquire);
}

struct openssl *openssl_at(unsigned i)
{
    return &bindings[i];
}

unsigned openssl_index(const struct openssl *o)
{
    return (unsigned)(o - bindings);
}

struct openssl *openssl_holding(const void *address)
{
    for (unsigned i = 0; i < openssl_count(); i++)
        if (elf_contains(&bindings[i].ssl, address))
            return &bindings[i];
    return NULL;
}

struct openssl *openssl_sharing(struct openssl *o)
{
    for (unsigned i = 0; i < openssl_count(); i++)
        if (bindings[i].crypto.base == o->crypto.base)
            return &bindings[i];
    return o;
}

struct owner_search {
    const void *function;
    bool unusable;
};

static bool visit_owner(const struct elf_object *object, void *arg)
{
    struct owner_search *search = arg;

    if (!elf_contains(object, search->function))
        return true;
    search->unusable = openssl_is_libssl(object) && !is_bound(object);
    return false;
}

bool openssl_unusable(const void *function)
{
    struct owner_search search = {.function = function};

    if (atomic_load(&foreign_seen))
        elf_walk(visit_owner, &search);
    return search.unusable;
}

bool openssl_has_quic(const struct openssl *o)
{
    for (size_t i = 0; i < QUIC_METHODS; i++)
        if (o->quic_methods[i] != NULL)
            return true;
    return false;
}

bool openssl_is_for_quic(const struct openssl *o, const SSL_CTX *ctx)
{
    for (size_t i = 0; i < QUIC_METHODS && o->ctx_method != NULL; i++)
        if (o->quic_methods[i] != NULL && o->ctx_method(ctx) == o->quic_methods[i]())
            return true;
    return false;
}

void openssl_note_foreign(void)
{
    atomic_store(&foreign_seen, true);
    atomic_store(&openssl_only, NULL);
}

/* With several, the SSL_METHOD tells: every version keeps a pointer to it, into libssl's own data,
 * among the first words of SSL and SSL_CTX. */
struct openssl *openssl_among(const void *object)
{
    unsigned count = openssl_count();
    const void *words[4];

    if (count == 0)
        return NULL;
    if (object == NULL || (count == 1 && !atomic_load(&foreign_seen)))
        return &bindings[0];
    memcpy(words, object, sizeof words);
    for (unsigned i = 0; i < 4; i++) {
        struct openssl *owner = openssl_holding(words[i]);
        if (owner != NULL)
            return owner;
    }
    return atomic_load(&foreign_seen) ? NULL : &bindings[0];
}
