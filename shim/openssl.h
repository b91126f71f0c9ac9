/* The OpenSSL libraries of this process: one binding for each libssl, with the libcrypto that
 * belongs to it. All that the shim asks of OpenSSL goes through a binding. */
#ifndef PINSHIM_SHIM_OPENSSL_H
#define PINSHIM_SHIM_OPENSSL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "shim/elf.h"
#include "shim/functions.h"

/* More libssl objects than anybody has in one process. */
enum { BINDINGS_MAX = 8 };

enum { QUIC_METHODS = 3 };

/* More default library contexts than a process changes between. */
enum { LIBCTX_MAX = 8 };

struct openssl {
    struct elf_object ssl, crypto;
    unsigned long version; /* OpenSSL_version_num() */
    /* ex_data indexes; -1: not registered. */
    int ctx_index, ssl_index, session_index;
    _Atomic(const EVP_MD *) sha256;       /* fetched once, at the first digest */
    err_put_error_fn *put_error;          /* ERR_put_error, where there is one */
    atomic_size_t verify_callback_offset; /* see context.c; 0: not known */
    atomic_size_t encoding_offset;        /* see encoding.c; 0: not known */
    unsigned verify_hosts_word, verify_ip_word, verify_ip_length_word; /* verify_param.h */
    is_quic_fn *is_quic;                                               /* SSL_is_quic, likewise */
    ctx_method_fn *ctx_method;                  /* SSL_CTX_get_ssl_method, likewise */
    quic_method_fn *quic_methods[QUIC_METHODS]; /* likewise */
    set_mmsg_fn *set_sendmmsg, *set_recvmmsg;   /* likewise */
    atomic_bool quic_seen;                      /* an SSL_CTX for QUIC was made: see context.c */
    set0_default_fn *set0_default;              /* OSSL_LIB_CTX_set0_default, likewise */
    void *libctx[LIBCTX_MAX]; /* the default library contexts registered with (context.h) */
    atomic_uint libctx_count;
    get0_rpk_fn *get0_rpk;            /* X509_STORE_CTX_get0_rpk, likewise */
    _Atomic(BIO_METHOD *) cut_method; /* of the BIOs that refuse: see refusal.c */
#define FIELD(object, needed, name) __typeof__(name) *name;
    OPENSSL_FUNCTIONS(FIELD)
#undef FIELD
};

/* Fills in the functions of one libssl and its libcrypto. False, with *missing naming the first
 * function that is not there, when they are no OpenSSL that the shim can use. */
bool openssl_bind(const struct elf_object *ssl, const struct elf_object *crypto,
                  struct openssl *out, const char **missing);

/* Looks for libssl objects in the process and binds each that is not bound yet. Returns how many
 * are new. `unusable` (may be NULL) is called for each that cannot be used. The caller sees to
 * it that no two threads do this at once. */
unsigned openssl_discover(void (*unusable)(const char *path, const char *missing));

/* What every libssl defines. */
extern const struct elf_wanted openssl_first_wanted;

/* Is the object a libssl, whichever version? */
bool openssl_is_libssl(const struct elf_object *object);

/* Is there any libssl in the process, bound or not? Calls nothing in it. */
bool openssl_present(void);

/* The bindings: how many, the i-th, and which one that is. They stay valid for the life of the
 * process. */
unsigned openssl_count(void);
struct openssl *openssl_at(unsigned i);
unsigned openssl_index(const struct openssl *o);

/* The binding whose code or data holds `address`; NULL when none does. */
struct openssl *openssl_holding(const void *address);

/* Does this library do QUIC? */
bool openssl_has_quic(const struct openssl *o);

/* Is this SSL_CTX for QUIC? */
bool openssl_is_for_quic(const struct openssl *o, const SSL_CTX *ctx);

/* Nearly always there is one binding, whose every SSL is: this one. NULL while there is none, when
 * there are several, and when a libssl is there that could not be bound. */
extern _Atomic(struct openssl *) openssl_only;

/* The binding that made an SSL or SSL_CTX; NULL when none is bound, or when there is another
 * library with such objects in the process and this is one of its. */
struct openssl *openssl_among(const void *object);
static inline struct openssl *openssl_of(const void *object)
{
    struct openssl *only = atomic_load_explicit(&openssl_only, memory_order_acquire);

    return only != NULL ? only : openssl_among(object);
}

/* The first binding with the same libcrypto, maybe `o` itself: two libssl may call one. */
struct openssl *openssl_sharing(struct openssl *o);

/* Does the function lie in a libssl that could not be bound? */
bool openssl_unusable(const void *function);

/* Takes note that there is such a library. */
void openssl_note_foreign(void);

#endif
