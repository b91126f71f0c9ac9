#include "shim/judgement.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/text.h"
#include "shim/runtime.h"

/* Enough for ten certificates and ten pins; what is more is counted. */
enum { WORDS_SIZE = 3000, SHOWN_MAX = 10 };

struct judgement *judgement_new(struct openssl *o, SSL *ssl)
{
    struct judgement *j = calloc(1, sizeof *j);

    if (j == NULL)
        return NULL;
    peer_find(o, ssl, &j->known);
    if (runtime_state() == RUNTIME_ACTIVE)
        policy_find(&runtime_get()->view, &j->known.peer, &j->match);
    return j;
}

static void decide_with(struct judgement *j, enum path_state state)
{
    struct chain chain = {.sent = j->sent.digests,
                          .sent_count = j->sent.count,
                          .path_state = state,
                          .path = j->path.digests,
                          .path_count = j->path.count};

    policy_judge(&runtime_get()->view, &j->match, &chain, time(NULL), &j->decision);
}

/* Judges by one path; true when that settles it. */
static bool decide_by_path(struct judgement *j, bool found)
{
    if (found)
        decide_with(j, PATH_VERIFIED);
    return found && j->decision.verdict == VERDICT_PASS;
}

void judgement_decide(struct openssl *o, struct judgement *j, const struct path_sources *sources)
{
    const struct policy *policy = runtime_get()->view.policy;
    X509 *leaf = j->sent.count > 0 ? j->sent.certs[0] : NULL; /* NULL too for a raw key */

    if (runtime_state() != RUNTIME_ACTIVE) {
        judgement_fail(j, REASON_CONFIG_ERROR);
        return;
    }
    decide_with(j, PATH_NOT_TRIED);
    if (!j->decision.needs_path)
        return;
    /* Cheapest first: the program's own path costs nothing, its store may hold thousands. */
    if (decide_by_path(j, sources->verified != NULL &&
                              chain_read_path(o, sources->verified, &j->path)) ||
        decide_by_path(j, chain_path_to_pinned(o, policy, j->match.section, &j->sent,
                                               sources->untrusted, &j->path)) ||
        decide_by_path(
            j, sources->verified == NULL && leaf != NULL &&
                   chain_path_to_store(o, sources->store, leaf, sources->untrusted, &j->path)))
        return;
    decide_with(j, PATH_NONE);
}

void judgement_fail(struct judgement *j, enum reason reason)
{
    enum mode mode = runtime_state() == RUNTIME_ACTIVE
                         ? policy_mode(&runtime_get()->view, j->match.section)
                         : MODE_ENFORCE;

    decision_fail(mode, reason, &j->decision);
}

bool judgement_doubt_refuses(struct openssl *o, SSL *ssl)
{
    struct policy_match match;

    return runtime_state() == RUNTIME_BROKEN || peer_held(o, ssl, &match);
}

bool judgement_refuses(const struct judgement *j)
{
    return j->decision.action != ACTION_ALLOW;
}

void judgement_tell(struct openssl *o, SSL *ssl, struct judgement *j)
{
    struct handshake_event event = {.match = runtime_state() == RUNTIME_ACTIVE ? &j->match : NULL,
                                    .peer = &j->known.peer,
                                    .decision = &j->decision,
                                    .program_verification = j->program_verification,
                                    .resumed = j->resumed,
                                    .tls = o->SSL_get_version(ssl),
                                    .sent = j->sent.digests,
                                    .words = j->words,
                                    .sent_count = j->sent.count};

    if (j->decision.mode == MODE_OFF)
        return;
    for (size_t i = 0; i < j->sent.count; i++) {
        X509 *cert = j->sent.certs[i];
        struct cert_words *words = &j->words[i];

        if (cert == NULL) { /* a raw public key */
            strcpy(words->subject, "raw public key");
            continue;
        }
        chain_name_text(o, o->X509_get_subject_name(cert), words->subject, sizeof words->subject);
        chain_name_text(o, o->X509_get_issuer_name(cert), words->issuer, sizeof words->issuer);
        words->not_after = chain_not_after(o, cert);
    }
    event_handshake(&event);
}

static void add_peer(struct text *text, const struct judgement *j)
{
    const struct peer *peer = &j->known.peer;
    uint16_t port = peer->port != 0 ? peer->port : peer->likely_port;
    char address[ADDRESS_SIZE];

    address_format(&peer->address, address);
    text_add_printable(text, j->match.host[0] != '\0' ? j->match.host
                             : peer->sni != NULL && runtime_state() != RUNTIME_ACTIVE ? peer->sni
                             : address[0] != '\0'                                     ? address
                                                  : "an unknown peer");
    if (port != 0) {
        text_add_char(text, ':');
        text_add_number(text, port);
    }
}

static void add_digest(struct text *text, enum pin_kind kind, const uint8_t digest[DIGEST_SIZE])
{
    char written[PIN_TEXT_SIZE];

    pin_format_digest(kind, digest, written);
    text_add(text, written);
}

static void add_rest(struct text *text, size_t count)
{
    if (count > SHOWN_MAX) {
        text_add(text, " and ");
        text_add_number(text, (int64_t)(count - SHOWN_MAX));
        text_add(text, " more");
    }
}

static void add_sent(struct text *text, const struct judgement *j)
{
    if (j->sent.count == 0)
        return; /* the reason says so */
    text_add(text, "; the peer sent ");
    for (size_t i = 0; i < j->sent.count && i < SHOWN_MAX; i++) {
        text_add(text, i == 0 ? "" : ", ");
        add_digest(text, PIN_SPKI, j->sent.digests[i].spki);
        text_add(text, i == 0 ? " (leaf " : " (");
        text_add_printable(text, j->words[i].subject);
        text_add_char(text, ')');
    }
    add_rest(text, j->sent.count);
}

static void add_pinned(struct text *text, const struct policy_section *section)
{
    const struct policy_pin *pin = policy_pins(runtime_get()->view.policy, section);

    text_add(text, "; pinned: ");
    for (uint32_t i = 0; i < section->pins.count && i < SHOWN_MAX; i++, pin++) {
        text_add(text, i == 0 ? "" : ", ");
        add_digest(text, pin->kind, pin->digest);
    }
    add_rest(text, section->pins.count);
}

char *judgement_words(const struct judgement *j)
{
    char *buffer = malloc(WORDS_SIZE);
    struct text text;

    if (buffer == NULL)
        return NULL;
    text_init(&text, buffer, WORDS_SIZE);
    text_add(&text, "blocked ");
    add_peer(&text, j);
    text_add(&text, ": ");
    text_add(&text, reason_words(j->decision.reason));
    if (j->decision.reason == REASON_CONFIG_ERROR) {
        text_add(&text, ": ");
        text_add(&text, runtime_get()->problem);
    } else if (j->match.section != NULL) {
        if (!j->resumed)
            add_sent(&text, j);
        add_pinned(&text, j->match.section);
    }
    return buffer;
}
