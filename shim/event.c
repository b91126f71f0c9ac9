#include "shim/event.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syslog.h>
#include <time.h>
#include <unistd.h>

#include "config/text.h"
#include "shim/runtime.h"
#include "shim/sink.h"
#include "shim/slot.h"

/* What one string of the program's or the config's may take as JSON; the rest is cut. With that an
 * event has room for all its fields, whatever the strings are. */
#define STRING_LIMIT 200

/* What one certificate may take: two such strings, two digests, a time, and their keys. */
#define CERTIFICATE_SIZE 800

static void add_key(struct text *text, const char *key)
{
    text_add(text, ",\"");
    text_add(text, key);
    text_add(text, "\":");
}

/* How much of a string fits into `limit` octets once it is escaped: a control character takes six,
 * what needs a backslash two, what is no UTF-8 three. */
static size_t fitting(const char *value, size_t limit)
{
    size_t taken = 0, n = 0;

    for (; value[n] != '\0'; n++) {
        unsigned char c = (unsigned char)value[n];
        taken += c < 0x20 || c == 0x7f ? 6 : c == '"' || c == '\\' ? 2 : c >= 0x80 ? 3 : 1;
        if (taken > limit)
            break;
    }
    return n;
}

/* At most `limit` octets of a string, or null when it is NULL or empty. */
static void add_string_n(struct text *text, const char *key, const char *value, size_t limit)
{
    char part[STRING_LIMIT + NAME_SIZE];
    size_t length = value == NULL ? 0 : strlen(value);

    add_key(text, key);
    if (length == 0 || 6 * length <= limit) { /* nothing to cut */
        text_add_json(text, length == 0 ? NULL : value);
        return;
    }
    length = text_utf8_whole(value, fitting(value, limit < sizeof part ? limit : sizeof part - 1));
    memcpy(part, value, length);
    part[length] = '\0';
    text_add_json(text, part);
}

static void add_string(struct text *text, const char *key, const char *value)
{
    add_string_n(text, key, value, STRING_LIMIT);
}

/* A word of ours, which needs no escapes; or null. */
static void add_word(struct text *text, const char *key, const char *word)
{
    add_key(text, key);
    if (word == NULL || word[0] == '\0') {
        text_add(text, "null");
        return;
    }
    text_add_char(text, '"');
    text_add(text, word);
    text_add_char(text, '"');
}

static void add_number(struct text *text, const char *key, int64_t number)
{
    add_key(text, key);
    text_add_number(text, number);
}

static void add_bool(struct text *text, const char *key, bool value)
{
    add_key(text, key);
    text_add(text, value ? "true" : "false");
}

/* For one event at a time: the allocator has to look for so large a block, each time. */
static struct slot spare_slot;
static char spare[SINK_HEAD + EVENT_SIZE + 1];

/* Room for an event: the spare one, unless another thread's event is under way. NULL, and the event
 * is lost, when memory is short. */
static char *make_room(void)
{
    char *buffer = slot_claim(&spare_slot) ? spare : malloc(sizeof spare);

    if (buffer == NULL)
        sink_lose();
    return buffer;
}

static void give_room(char *buffer)
{
    if (buffer != spare) {
        free(buffer);
        return;
    }
    slot_publish(&spare_slot);
    slot_leave(&spare_slot);
}

static void begin(struct text *text, char *buffer, const char *event)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    text_init(text, buffer + SINK_HEAD, EVENT_SIZE + 1 - SINK_TAIL);
    text_add(text, "{\"v\":1,\"time\":\"");
    text_add_time(text, now.tv_sec, (int)(now.tv_nsec / 1000000));
    text_add(text, "\",\"event\":\"");
    text_add(text, event);
    text_add(text, "\"");
    add_string(text, "program", runtime_program());
    add_number(text, "pid", getpid());
    add_number(text, "uid", getuid());
}

static void end(struct text *text, int severity)
{
    sink_write(&(struct sink_event){text->data, text->length, severity});
}

void event_policy(const struct loaded *loaded)
{
    const struct policy *policy = loaded->view.policy;
    const struct policy_scope *scope = policy_scope(policy, loaded->view.scope);
    char *buffer = make_room();
    struct text text;

    if (buffer == NULL)
        return;
    begin(&text, buffer, "policy");
    add_string(&text, "mode", mode_name(policy_mode(&loaded->view, NULL)));
    add_string(&text, "policy", loaded->policy_id);
    add_string(&text, "program_section", policy_string(policy, scope->program));
    add_number(&text, "sections", policy->sections.count);
    add_number(&text, "pins", policy->pins.count);
    end(&text, LOG_INFO);
    give_room(buffer);
}

void event_config_error(const char *file, unsigned line, const char *message, enum mode mode)
{
    char *buffer = make_room();
    struct text text;

    if (buffer == NULL)
        return;
    begin(&text, buffer, "config_error");
    add_string(&text, "mode", mode_name(mode));
    add_string(&text, "reason", reason_name(REASON_CONFIG_ERROR));
    add_string_n(&text, "file", file, STRING_LIMIT + 100);
    if (line > 0)
        add_number(&text, "line", line);
    else
        add_string(&text, "line", NULL);
    add_string_n(&text, "message", message, STRING_LIMIT + 100);
    end(&text, LOG_ERR);
    give_room(buffer);
}

static void add_pin(struct text *text, const struct decision *decision)
{
    char written[PIN_TEXT_SIZE];

    if (decision->pin == NULL) {
        text_add(text, ",\"pin\":null,\"pin_role\":null,\"pin_position\":null");
        return;
    }
    pin_format_digest(decision->pin->kind, decision->pin->digest, written);
    add_word(text, "pin", written);
    add_word(text, "pin_role", decision->backup ? "backup" : "pin");
    add_word(text, "pin_position", position_name(decision->position));
}

static void add_digest(struct text *text, const char *key, enum pin_kind kind,
                       const uint8_t digest[DIGEST_SIZE])
{
    char written[PIN_TEXT_SIZE];

    pin_format_digest(kind, digest, written);
    add_word(text, key, written);
}

/* What a certificate's entry says behind its position. */
static void add_certificate(struct text *text, const char *subject, const char *issuer,
                            const struct cert_digests *digests, int64_t not_after)
{
    add_string(text, "subject", subject);
    add_string(text, "issuer", issuer);
    add_digest(text, "spki", PIN_SPKI, digests->spki);
    add_digest(text, "cert", PIN_CERT, digests->cert);
    add_key(text, "not_after");
    text_add_char(text, '"');
    text_add_time(text, not_after, -1);
    text_add(text, "\"}");
}

/* The same, written once for each certificate. NULL when memory is short. */
static const char *certificate_text(struct certificate *known, const struct cert_digests *digests)
{
    char *told = atomic_load(&known->told), *none = NULL;
    struct text text;

    if (told != NULL || (told = malloc(CERTIFICATE_SIZE)) == NULL)
        return told;
    text_init(&text, told, CERTIFICATE_SIZE);
    add_certificate(&text, known->subject, known->issuer, digests,
                    known->not_after == INT64_MIN ? 0 : known->not_after);
    if (!atomic_compare_exchange_strong(&known->told, &none, told)) {
        free(told); /* another thread was first */
        told = none;
    }
    return told;
}

static void add_sent(struct text *text, const struct cert_list *sent, size_t i)
{
    const char *told;

    text_add(text, i == 0 ? "{\"position\":\"" : ",{\"position\":\"");
    text_add(text, position_name(sent->digests[i].position));
    text_add(text, "\"");
    if (sent->certs[i] == NULL)
        add_certificate(text, RAW_KEY, NULL, &sent->digests[i], 0);
    else if (sent->known[i] == NULL || sent->known[i]->subject == NULL ||
             (told = certificate_text(sent->known[i], &sent->digests[i])) == NULL)
        text->cut = true;
    else
        text_add(text, told);
}

/* As many certificates as fit; a line is never cut inside one. */
static void add_chain(struct text *text, const struct cert_list *sent)
{
    text_add(text, ",\"chain\":[");
    for (size_t i = 0; i < sent->count; i++) {
        size_t before = text->length;

        add_sent(text, sent, i);
        if (text->cut || text->length + 4 > text->size) {
            text->length = before;
            text->data[before] = '\0';
            break;
        }
    }
    text_add(text, "]");
}

static void add_peer(struct text *text, const struct handshake_event *event)
{
    const struct peer *peer = event->peer;
    uint16_t port = peer->port != 0 ? peer->port : peer->likely_port;
    char address[ADDRESS_SIZE];

    add_string_n(text, "host", event->match == NULL ? peer->sni : event->match->host, NAME_SIZE);
    add_string(text, "host_source",
               host_source_name(event->match == NULL ? (peer->sni != NULL ? HOST_SNI : HOST_NONE)
                                                     : event->match->source));
    address_format(&peer->address, address);
    add_string(text, "address", address);
    if (port != 0)
        add_number(text, "port", port);
    else
        add_string(text, "port", NULL);
}

/* What was refused, what enforce would refuse, what is to be looked at one day, the rest. */
static int severity_of(const struct decision *decision)
{
    return decision->action != ACTION_ALLOW                                     ? LOG_ERR
           : decision->would != ACTION_ALLOW                                    ? LOG_WARNING
           : decision->pins_expired || decision->reason == REASON_INSPECTION_CA ? LOG_NOTICE
                                                                                : LOG_INFO;
}

void event_handshake(const struct handshake_event *event)
{
    static const char *const verification[] = {"ok", "failed", "skipped"};
    const struct loaded *loaded = event->loaded;
    const struct decision *decision = event->decision;
    const struct policy_section *section = event->match == NULL ? NULL : event->match->section;
    const struct policy *policy = loaded->view.policy;
    char *buffer = make_room();
    struct text text;

    if (buffer == NULL)
        return;
    begin(&text, buffer, "handshake");
    add_peer(&text, event);
    add_string_n(&text, "domain", section == NULL ? NULL : policy_string(policy, section->title),
                 NAME_SIZE + 3);
    add_word(&text, "mode", mode_name(decision->mode));
    add_word(&text, "verdict", verdict_name(decision->verdict));
    add_word(&text, "reason", reason_name(decision->reason));
    add_word(&text, "action", action_name(decision->action));
    add_word(&text, "would", action_name(decision->would));
    add_pin(&text, decision);
    add_word(&text, "program_verification", verification[event->program_verification]);
    if (event->local_ca == NOT_ASKED)
        add_word(&text, "local_ca", NULL);
    else
        add_bool(&text, "local_ca", event->local_ca == ANSWER_YES);
    add_bool(&text, "resumed", event->resumed);
    add_word(&text, "tls", event->tls);
    add_word(&text, "policy", loaded->policy_id);
    add_string(&text, "owner", section == NULL ? NULL : policy_string(policy, section->owner));
    add_chain(&text, event->sent);
    end(&text, severity_of(decision));
    give_room(buffer);
}
