#include "shim/backstop.h"

#include "shim/connection.h"
#include "shim/judgement.h"
#include "shim/refusal.h"
#include "shim/response.h"
#include "shim/session.h"
#include "shim/sink.h"

/* A certificate was there after all, but our callback was not called: a program that sets its own
 * past our hook (RTLD_DEEPBIND). Late, but before a byte of application data. */
static void judge_late(struct judgement *j, struct openssl *o, SSL *ssl, X509 *leaf)
{
    STACK_OF(X509) *sent = o->SSL_get_peer_cert_chain(ssl);

    chain_start(leaf, sent, &j->sent);
    judgement_decide(
        o, j, &(struct evidence){.untrusted = sent, .level = o->SSL_get_security_level(ssl)});
}

/* By what the peer showed when the session was made; believed only if it was this process that
 * saw it. */
static void judge_session(struct judgement *j, struct openssl *o, const SSL *ssl,
                          const SSL_SESSION *session, X509 *leaf)
{
    enum session_proof proof;
    bool held;

    chain_start(leaf, NULL, &j->sent);
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

static void judge(struct openssl *o, SSL *ssl, bool resumed, struct judgement *j)
{
    SSL_SESSION *session = o->SSL_get_session(ssl);
    X509 *leaf = session == NULL ? NULL : o->SSL_SESSION_get0_peer(session);

    judgement_open(o, ssl, j);
    j->resumed = resumed;
    /* Without a certificate there was nothing for the program to check. */
    j->program_verification = leaf != NULL && (o->SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0
                                  ? PROGRAM_OK
                                  : PROGRAM_SKIPPED;
    if (leaf != NULL && !resumed)
        judge_late(j, o, ssl, leaf);
    else
        judge_session(j, o, ssl, session, leaf);
}

/* Refuses when the judgement says so. Returns the signal that is to end the process then, or 0. */
static int act(struct openssl *o, SSL *ssl, bool finished, struct judgement *j)
{
    char *words;

    if (!judgement_refuses(j))
        return 0;
    words = judgement_words(j);
    judgement_mark(o, j);
    refusal_tell(words);
    refusal_cut(o, ssl, finished, words);
    return response_give(j);
}

void backstop_finished(struct openssl *o, SSL *ssl)
{
    bool resumed = o->SSL_session_reused(ssl) == 1;
    struct judgement j;
    int signal;

    if (resumed && !sink_is_there() && session_still_good(o, ssl))
        return; /* nobody asks which pin it was */
    judge(o, ssl, resumed, &j);
    judgement_tell(o, ssl, &j);
    signal = act(o, ssl, true, &j);
    judgement_close(&j);
    response_terminate(signal);
}

void backstop_early_data(struct openssl *o, SSL *ssl)
{
    struct judgement j;
    int signal;

    judge(o, ssl, true, &j);
    /* What passes is told when the handshake has finished. */
    if (judgement_refuses(&j))
        judgement_tell(o, ssl, &j);
    signal = act(o, ssl, false, &j);
    judgement_close(&j);
    response_terminate(signal);
}
