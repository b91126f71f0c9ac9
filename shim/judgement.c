#include "shim/judgement.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/text.h"
#include "shim/runtime.h"
#include "shim/sink.h"

/* Enough for ten certificates and ten pins; what is more is counted. */
enum { WORDS_SIZE = 3000, SHOWN_MAX = 10 };

/* Is there a policy to judge by? */
static bool has_policy(const struct judgement *j)
{
    return j->loaded->view.policy != NULL;
}

void judgement_open(struct openssl *o, SSL *ssl, struct judgement *j)
{
    j->resumed = false;
    j->untrusted = NULL;
    j->level = 0;
    j->marked = NULL;
    chain_start(NULL, NULL, &j->sent);
    j->loaded = peer_place(o, ssl, &j->known, &j->match);
}

void judgement_mark(struct openssl *o, struct judgement *j)
{
    if (j->marked == NULL)
        o->ERR_set_mark();
    j->marked = o;
}

void judgement_close(struct judgement *j)
{
    if (j->marked != NULL)
        j->marked->ERR_pop_to_mark();
    chain_release(&j->sent);
    loaded_release(j->loaded);
}

const char *judgement_host(const struct judgement *j, char address[ADDRESS_SIZE])
{
    if (j->match.host[0] != '\0')
        return j->match.host;
    address_format(&j->known.peer.address, address);
    return address;
}

void judgement_decide(struct openssl *o, struct judgement *j, const struct evidence *evidence)
{
    struct evidence all;
    char address[ADDRESS_SIZE];

    if (!has_policy(j)) {
        judgement_fail(j, REASON_CONFIG_ERROR);
        return;
    }
    j->untrusted = evidence->untrusted;
    j->level = evidence->level;
    if (j->match.section == NULL && judgement_checks(j) == 0) { /* by a rule, not by evidence */
        policy_judge(&j->loaded->view, &j->match, &(struct chain){.sent = NULL}, time(NULL),
                     &j->decision);
        return;
    }
    judgement_mark(o, j);
    all = *evidence;
    all.sent = &j->sent;
    all.anchors = j->loaded->anchors;
    all.paths = &j->loaded->paths;
    if (!evidence_judge(o, &j->loaded->view, &j->match, judgement_host(j, address), &all,
                        time(NULL), &j->decision))
        judgement_fail(j, REASON_NO_PIN_MATCHED); /* what cannot be hashed cannot match */
}

unsigned judgement_checks(const struct judgement *j)
{
    return has_policy(j) && policy_mode(&j->loaded->view, j->match.section) != MODE_OFF
               ? policy_verify(&j->loaded->view, j->match.section)
               : 0;
}

void judgement_fail(struct judgement *j, enum reason reason)
{
    enum mode mode =
        has_policy(j) ? policy_mode(&j->loaded->view, j->match.section) : j->loaded->broken_mode;

    decision_fail(mode,
                  has_policy(j) ? policy_refusal(&j->loaded->view, j->match.section) : ACTION_BLOCK,
                  reason, &j->decision);
}

bool judgement_doubt_refuses(struct openssl *o, SSL *ssl)
{
    struct known_peer known;
    struct policy_match match;
    struct loaded *loaded;
    bool refuses;

    loaded = peer_place(o, ssl, &known, &match);
    refuses = loaded->view.policy != NULL ? peer_is_held(&loaded->view, &match)
                                          : loaded_refuses_all(loaded);
    loaded_release(loaded);
    return refuses;
}

bool judgement_refuses(const struct judgement *j)
{
    return j->decision.action != ACTION_ALLOW;
}

/* Does the chain end in a CA that was added to this machine's trust store? Of a session there is no
 * chain. */
static enum answer ends_in_local_ca(struct openssl *o, struct judgement *j)
{
    struct path_start start = {
        .untrusted = j->untrusted, .level = j->level, .parts = CERTIFICATE_WORDS};

    if (!has_policy(j) || j->resumed || j->sent.count == 0 || j->sent.certs[0] == NULL)
        return NOT_ASKED;
    start.leaf = j->sent.certs[0];
    return local_cas_end(j->loaded->local_cas, o, &j->sent, &start, time(NULL), &j->loaded->paths);
}

static void tell(struct openssl *o, SSL *ssl, struct judgement *j)
{
    struct handshake_event event = {.loaded = j->loaded,
                                    .match = has_policy(j) ? &j->match : NULL,
                                    .peer = &j->known.peer,
                                    .decision = &j->decision,
                                    .program_verification = j->program_verification,
                                    .resumed = j->resumed,
                                    .tls = o->SSL_get_version(ssl),
                                    .sent = &j->sent};

    judgement_mark(o, j);
    peer_locate(o, ssl, &j->known);
    if (chain_know_all(o, &j->sent, CERTIFICATE_SPKI | CERTIFICATE_WHOLE | CERTIFICATE_WORDS))
        event.local_ca = ends_in_local_ca(o, j);
    event_handshake(&event);
}

void judgement_tell(struct openssl *o, SSL *ssl, struct judgement *j)
{
    /* One that nothing pins holds no other to anything. */
    if (!judgement_refuses(j) && j->match.section != NULL)
        peer_settle(o, ssl, &j->known, &j->match);
    if (j->decision.mode != MODE_OFF && (sink_is_there() || judgement_refuses(j)))
        tell(o, ssl, j);
}

void judgement_add_peer(struct text *text, const struct judgement *j)
{
    const struct peer *peer = &j->known.peer;
    uint16_t port = peer->port != 0 ? peer->port : peer->likely_port;
    char address[ADDRESS_SIZE];

    address_format(&peer->address, address);
    text_add_printable(text, j->match.host[0] != '\0'              ? j->match.host
                             : peer->sni != NULL && !has_policy(j) ? peer->sni
                             : address[0] != '\0'                  ? address
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
        const struct certificate *known = j->sent.known[i];
        text_add(text, i == 0 ? "" : ", ");
        add_digest(text, PIN_SPKI, j->sent.digests[i].spki);
        text_add(text, i == 0 ? " (leaf " : " (");
        text_add_printable(text, known != NULL && known->subject != NULL ? known->subject
                                 : j->sent.certs[i] == NULL              ? RAW_KEY
                                                                         : "?");
        text_add_char(text, ')');
    }
    add_rest(text, j->sent.count);
}

static void add_pinned(struct text *text, const struct policy *policy,
                       const struct policy_section *section)
{
    const struct policy_pin *pin = policy_pins(policy, section);

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
    judgement_add_peer(&text, j);
    text_add(&text, ": ");
    text_add(&text, reason_words(j->decision.reason));
    if (j->decision.reason == REASON_CONFIG_ERROR) {
        text_add(&text, ": ");
        text_add(&text, j->loaded->problem);
    } else if (j->match.section != NULL) {
        if (!j->resumed)
            add_sent(&text, j);
        add_pinned(&text, j->loaded->view.policy, j->match.section);
    }
    buffer[text_utf8_whole(buffer, text.length)] = '\0';
    return buffer;
}
