#include "shim/verify.h"

#include <stdlib.h>

#include "shim/connection.h"
#include "shim/context.h"
#include "shim/guest.h"
#include "shim/judgement.h"
#include "shim/refusal.h"
#include "shim/response.h"
#include "shim/runtime.h"
#include "shim/session.h"

/* SSL_want()'s answer since 3.0; the headers of 1.1.1 do not have it. */
enum { RETRY_VERIFY = 8 };

/* The program's own check, as libssl would have made it without us. */
static int program_verifies(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx)
{
    cert_verify_callback *callback = NULL;
    void *arg = NULL;
    int result;

    if (ssl != NULL)
        callback = context_program_callback(o, o->SSL_get_SSL_CTX(ssl), &arg);
    if (callback != NULL)
        return callback(store_ctx, arg);
    result = o->X509_verify_cert(store_ctx);
    return result < 0 ? 0 : result; /* as libssl does where no callback is set */
}

static enum program_verification classify(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx,
                                          int result)
{
    if ((o->SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) == 0)
        return PROGRAM_SKIPPED;
    return result > 0 && o->X509_STORE_CTX_get_error(store_ctx) == X509_V_OK ? PROGRAM_OK
                                                                             : PROGRAM_FAILED;
}

struct programs_check {
    struct openssl *o;
    SSL *ssl;
    X509_STORE_CTX *store_ctx;
    int result;
};

/* The path that the program's check left behind, if that check can be believed: done by OpenSSL,
 * with nothing of the program's in a position to override its errors. */
static const STACK_OF(X509) * believable_path(void *arg)
{
    const struct programs_check *check = arg;
    struct openssl *o = check->o;
    X509_STORE_CTX *store_ctx = check->store_ctx;
    const STACK_OF(X509) *path = o->X509_STORE_CTX_get0_chain(store_ctx);

    if (check->result != 1 || o->X509_STORE_CTX_get_error(store_ctx) != X509_V_OK ||
        o->SSL_get_verify_callback(check->ssl) != NULL ||
        context_program_callback(o, o->SSL_get_SSL_CTX(check->ssl), &arg) != NULL ||
        !chain_verify_callback_is_openssls(o, store_ctx) ||
        !chain_checks_are_openssls(o, store_ctx) ||
        (o->X509_VERIFY_PARAM_get_flags(o->X509_STORE_CTX_get0_param(store_ctx)) & CHAIN_LENIENT) !=
            0 ||
        !chain_is_for_server(o, path))
        return NULL;
    return path;
}

static void judge(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx, int result,
                  struct judgement *j)
{
    struct programs_check check = {o, ssl, store_ctx, result};
    struct evidence evidence = {
        .untrusted = o->X509_STORE_CTX_get0_untrusted(store_ctx),
        .programs_path = believable_path,
        .arg = &check,
        .store = o->X509_STORE_CTX_get0_store(store_ctx),
        .level = o->X509_VERIFY_PARAM_get_auth_level(o->X509_STORE_CTX_get0_param(store_ctx))};
    X509 *leaf = o->X509_STORE_CTX_get0_cert(store_ctx);
    EVP_PKEY *raw_key = NULL;
    bool read = true; /* neither of the two is no certificate */

    judgement_open(o, ssl, j);
    j->program_verification = classify(o, ssl, store_ctx, result);
    if (leaf == NULL && o->get0_rpk != NULL)
        raw_key = o->get0_rpk(store_ctx);
    if (leaf != NULL) {
        chain_start(leaf, evidence.untrusted, &j->sent);
    } else if (raw_key != NULL) {
        judgement_mark(o, j);
        read = chain_read_raw_key(o, raw_key, &j->sent);
    }
    if (read)
        judgement_decide(o, j, &evidence);
    else
        judgement_fail(j, REASON_NO_PIN_MATCHED); /* what cannot be hashed cannot match */
}

static int act(struct openssl *o, SSL *ssl, X509_STORE_CTX *store_ctx, int result)
{
    struct connection *connection = connection_get(o, ssl);
    struct judgement j;
    int signal = 0;

    if (connection != NULL && connection->refused) /* at its early data: all is said */
        return refusal_in_callback(o, ssl, store_ctx, connection_take_words(connection));
    judge(o, ssl, store_ctx, result, &j);
    judgement_tell(o, ssl, &j);
    if (judgement_refuses(&j)) {
        char *words = judgement_words(&j);
        judgement_mark(o, &j);
        refusal_tell(words);
        result = refusal_in_callback(o, ssl, store_ctx, words);
        signal = response_give(&j);
    } else {
        connection = connection_make(o, ssl);
        if (connection != NULL)
            connection->judged = true;
        if (j.decision.verdict == VERDICT_PASS ||
            (j.decision.verdict == VERDICT_UNPINNED && judgement_checks(&j) != 0)) {
            judgement_mark(o, &j);
            session_tag(o, ssl, j.loaded, &j.match, &j.known.peer.address,
                        j.decision.reason == REASON_INSPECTION_CA);
        }
    }
    judgement_close(&j);
    response_terminate(signal);
    return result;
}

/* A program that answers "later" (SSL_set_retry_verify) is asked again, and so are we. Where its
 * callback returned no, that stands, whatever else it asked for. QUIC has no such answer, and its
 * SSL_want takes a lock that is held here. */
static bool asks_later(struct openssl *o, const SSL *ssl, int result)
{
    return result > 0 && (o->is_quic == NULL || o->is_quic(ssl) == 0) &&
           o->SSL_want(ssl) == RETRY_VERIFY;
}

/* Our argument. While another thread puts us back in place of a callback that displaced ours
 * (context.c), it may still be that one's. */
static struct openssl *binding_of(void *arg)
{
    for (unsigned i = 0; i < openssl_count(); i++)
        if (arg == openssl_at(i))
            return arg;
    return openssl_at(0);
}

int verify_certificate(X509_STORE_CTX *store_ctx, void *arg)
{
    struct openssl *o = binding_of(arg);
    SSL *ssl = o->X509_STORE_CTX_get_ex_data(store_ctx, o->SSL_get_ex_data_X509_STORE_CTX_idx());
    int result = program_verifies(o, ssl, store_ctx);
    struct guest guest;

    if (ssl == NULL || o->SSL_is_server(ssl) || asks_later(o, ssl, result))
        return result;
    guest = guest_enter();
    result = act(o, ssl, store_ctx, result);
    refusal_queue_ahead(o, ssl);
    guest_leave(&guest);
    return result;
}
