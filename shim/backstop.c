#include "shim/backstop.h"

#include <stdlib.h>

#include "shim/connection.h"
#include "shim/judgement.h"
#include "shim/refusal.h"
#include "shim/response.h"
#include "shim/session.h"

/* A certificate was there after all, but our callback was not called: a program that sets its own
 * past our hook (RTLD_DEEPBIND). Late, but before a byte of application data. */
static void judge_late(struct judgement *j, struct openssl *o, SSL *ssl, X509 *leaf)
{
    STACK_OF(X509) *sent = o->SSL_get_peer_cert_chain(ssl);

    if (chain_read(o, leaf, sent, &j->sent))
        judgement_decide(
            o, j, &(struct evidence){.untrusted = sent, .level = o->SSL_get_security_level(ssl)});
    else
        judgement_fail(j, REASON_NO_PIN_MATCHED);
}

/* By what the peer showed when the session was made; believed only if it was this process that
 * saw it. */
static void judge_session(struct judgement *j, struct openssl *o, const SSL *ssl,
                          const SSL_SESSION *session, X509 *leaf)
{
    enum session_proof proof;
    bool held;

    if (leaf != NULL && !chain_read(o, leaf, NULL, &j->sent))
        j->sent.count = 0;
    judgement_decide(o, j, &(struct evidence){.resumed = true});
    held = judgement_checks(j) != 0 ||
           (j->match.section != NULL && j->decision.verdict != VERDICT_UNPINNED);
    if (!held)
        return;
    proof = session_proof(o, ssl, session, j->loaded, &j->match, &j->known.peer.address);
    if (proof != SESSION_UNVERIFIED) {
        /* Then by the pin of a CA, or of a raw key: neither is in the session. */
        decision_trust_session(&j->decision, proof == SESSION_INSPECTED);
    } else if (leaf != NULL) {
        bool leaf_passes = j->decision.would == ACTION_ALLOW;
        judgement_fail(j, REASON_SESSION_NOT_VERIFIED);
        /* Enforce would make a full handshake; with this certificate it would pass. */
        if (leaf_passes && j->decision.action == ACTION_ALLOW)
            j->decision.would = ACTION_ALLOW;
    }
}

static struct judgement *judge(struct openssl *o, SSL *ssl, bool resumed)
{
    struct judgement *j = judgement_new(o, ssl);
    SSL_SESSION *session = o->SSL_get_session(ssl);
    X509 *leaf = session == NULL ? NULL : o->SSL_SESSION_get0_peer(session);

    if (j == NULL)
        return NULL;
    j->resumed = resumed;
    /* Without a certificate there was nothing for the program to check. */
    j->program_verification = leaf != NULL && (o->SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0
                                  ? PROGRAM_OK
                                  : PROGRAM_SKIPPED;
    if (leaf != NULL && !resumed)
        judge_late(j, o, ssl, leaf);
    else
        judge_session(j, o, ssl, session, leaf);
    return j;
}

/* Refuses when the judgement, which it frees, says so, or when there was no memory to judge with.
 */
static void act(struct openssl *o, SSL *ssl, bool finished, struct judgement *j)
{
    bool refuses = j == NULL ? judgement_doubt_refuses(o, ssl) : judgement_refuses(j);
    char *words = refuses && j != NULL ? judgement_words(j) : NULL;
    int signal = 0;

    if (refuses) {
        refusal_tell(words);
        refusal_cut(o, ssl, finished, words);
        signal = j == NULL ? 0 : response_give(j);
    }
    judgement_free(j);
    response_terminate(signal);
}

void backstop_finished(struct openssl *o, SSL *ssl)
{
    struct judgement *j = judge(o, ssl, o->SSL_session_reused(ssl) == 1);

    if (j != NULL)
        judgement_tell(o, ssl, j);
    act(o, ssl, true, j);
}

void backstop_early_data(struct openssl *o, SSL *ssl)
{
    struct judgement *j = judge(o, ssl, true);

    /* What passes is told when the handshake has finished. */
    if (j != NULL && judgement_refuses(j))
        judgement_tell(o, ssl, j);
    act(o, ssl, false, j);
}
