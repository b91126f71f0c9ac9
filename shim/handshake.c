#include "shim/handshake.h"

#include <errno.h>
#include <stdlib.h>

#include "shim/connection.h"
#include "shim/judgement.h"
#include "shim/refusal.h"
#include "shim/runtime.h"
#include "shim/session.h"

/* libssl may be linked so that its own calls come back through our hooks (Debian's is). */
static __thread unsigned depth __attribute__((tls_model("initial-exec")));

static void before(struct openssl *o, SSL *ssl)
{
    SSL_SESSION *session = o->SSL_get_session(ssl);

    connection_restart(o, ssl);
    /* Looked at here once more: when it was set, the name may not have been known yet. */
    if (session != NULL && session_unwanted(o, ssl, session))
        o->SSL_set_session(ssl, NULL);
}

static void judge_resumption(struct judgement *j, struct openssl *o, SSL *ssl)
{
    const SSL_SESSION *session = o->SSL_get_session(ssl);
    struct path_sources none = {NULL, NULL, NULL};
    X509 *leaf = session == NULL ? NULL : o->SSL_SESSION_get0_peer((SSL_SESSION *)session);
    bool verified = session_verified(o, session, &j->match);

    /* By what the peer showed when the session was made; believed only if it was this process
     * that saw it. */
    if (leaf != NULL && !chain_read(o, leaf, NULL, &j->sent))
        j->sent.count = 0;
    judgement_decide(o, j, &none);
    if (j->decision.verdict == VERDICT_UNPINNED || leaf == NULL)
        return;
    if (!verified)
        judgement_fail(j, REASON_SESSION_NOT_VERIFIED);
    else if (j->decision.verdict == VERDICT_FAIL) /* a CA pin matched then; its path is gone now */
        judgement_trust_session(j);
}

/* A handshake is done and no certificate was judged in it. */
static int backstop(struct openssl *o, SSL *ssl, int result)
{
    struct judgement *j = judgement_new(o, ssl);
    char *words = NULL;
    bool refuse;

    if (j == NULL) {
        refuse = runtime_state() == RUNTIME_BROKEN ||
                 policy_mode(&runtime_get()->view, NULL) == MODE_ENFORCE;
    } else {
        j->resumed = o->SSL_session_reused(ssl) == 1;
        j->program_verification =
            (o->SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0 ? PROGRAM_OK : PROGRAM_SKIPPED;
        judge_resumption(j, o, ssl);
        judgement_tell(o, ssl, j);
        refuse = judgement_refuses(j);
        if (refuse)
            words = judgement_words(j);
        free(j);
    }
    if (!refuse)
        return result;
    refusal_tell(words != NULL ? words : "blocked: there is not enough memory to say why");
    return refusal_after_handshake(o, ssl, words);
}

static int after(struct openssl *o, SSL *ssl, int result, bool was_finished)
{
    struct connection *connection = connection_get(o, ssl);
    bool judged = connection != NULL && connection->judged;

    if (result <= 0)
        refusal_attach_words(o, ssl);
    if (was_finished || o->SSL_is_init_finished(ssl) != 1)
        return result;
    if (connection != NULL)
        connection->judged = false; /* it was for this handshake */
    if (judged)
        return result;
    o->ERR_set_mark();
    result = backstop(o, ssl, result);
    if (result > 0)
        o->ERR_pop_to_mark();
    return result;
}

int handshake_run(struct openssl *o, SSL *ssl, int (*real)(SSL *), bool connects)
{
    bool starts, was_finished;
    int result, saved;

    if (ssl == NULL || depth > 0)
        return real(ssl);
    saved = errno;
    starts = o->SSL_get_state(ssl) == TLS_ST_BEFORE;
    was_finished = o->SSL_is_init_finished(ssl) == 1;
    if (o->SSL_is_server(ssl) && !(starts && connects))
        return real(ssl);
    if (starts)
        before(o, ssl);
    errno = saved;
    depth++;
    result = real(ssl);
    depth--;
    saved = errno;
    if (!o->SSL_is_server(ssl))
        result = after(o, ssl, result, was_finished);
    errno = saved;
    return result;
}
