/* Every SSL_CTX of the process: libssl announces it, and our certificate-verify callback goes
 * into it. The program's own, if it sets one, is remembered and called first. */
#ifndef PINSHIM_SHIM_CONTEXT_H
#define PINSHIM_SHIM_CONTEXT_H

#include <stdbool.h>

#include "shim/openssl.h"
#include "shim/verify.h"

/* SSL_CTX_set_cert_verify_callback's type. */
typedef int cert_verify_callback(X509_STORE_CTX *store_ctx, void *arg);

/* Registers with a libssl, so that it tells of each SSL_CTX it makes from now on. False when
 * OpenSSL refuses: nothing is watched then, and only the hooks' backstop is left. */
bool context_register(struct openssl *o);

/* Does this libssl announce what the calling thread would make now? Since 3.0 registrations belong
 * to a library context, and a program may change the default one (OSSL_LIB_CTX_set0_default). */
bool context_registered(const struct openssl *o);

/* The calling thread is in an SSL_CTX_new that came through our hook (set and put back by that).
 * Who makes an SSL_CTX like that meets the hooks in what else it calls, as far as is known
 * (library_passes_by). */
extern __thread bool context_hooked __attribute__((tls_model("initial-exec")));

/* A new SSL, as SSL_new returns it: puts our info callback (handshake.h) into it, where that could
 * not be done before. */
void context_made_ssl(struct openssl *o, SSL *ssl);

/* Are we asked at each ClientHello, and put our callbacks back there if need be, with every SSL_CTX
 * there is and will be? What an SSL got from its SSL_CTX goes from one SSL to another
 * (SSL_set_SSL_CTX, SSL_copy_session_id), so with one that does without, our info callback stays in
 * place in all. */
bool context_all_see_hellos(void);

/* Is there one that does without? */
bool context_some_see_none(void);

/* Remembers the callback that the program sets. False when memory is short. */
bool context_set_program_callback(struct openssl *o, SSL_CTX *ctx, cert_verify_callback *callback,
                                  void *arg);

/* Has the program put a cert-verify callback of its own in place of ours, past our hook
 * (RTLD_DEEPBIND)? No where that cannot be seen. */
static inline bool context_is_displaced(const struct openssl *o, const SSL_CTX *ctx)
{
    size_t offset = atomic_load_explicit(&o->verify_callback_offset, memory_order_relaxed);
    cert_verify_callback *const *set =
        (cert_verify_callback *const *)(const void *)((const char *)ctx + offset);

    return offset != 0 && __atomic_load_n(set, __ATOMIC_ACQUIRE) != verify_certificate;
}

/* If so: remembers that as the program's, and puts ours back. False when memory is
 * short. */
bool context_reclaim_callback(struct openssl *o, SSL_CTX *ctx);

/* The program's callback for `ctx` and its argument; NULL when it set none. */
cert_verify_callback *context_program_callback(struct openssl *o, const SSL_CTX *ctx, void **arg);

#endif
