#include "cli/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/event_json.h"
#include "cli/event_time.h"
#include "config/pin.h"

/* Which of `count` names it is; faulty when it is none. */
static int choose(struct event_parser *p, const char *field, const char *value,
                  const char *(*name)(int), int count)
{
    if (value == NULL)
        event_note(p->why, "%s is missing", field);
    for (int i = 0; value && i < count; i++)
        if (strcmp(value, name(i)) == 0)
            return i;
    if (value)
        event_note(p->why, "%s has a value that is not known", field);
    return 0;
}

static const char *nth_verdict(int i)
{
    return verdict_name((enum verdict)i);
}

static const char *nth_action(int i)
{
    return action_name((enum action)i);
}

/* What is not known here does not take the verdict away. */
static enum verification verification_of(struct event_parser *p, const char *value)
{
    static const char *const names[] = {"", "ok", "failed", "skipped"};

    for (size_t i = 0; value && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(value, names[i]) == 0)
            return (enum verification)i;
    if (value)
        event_note(p->damage, "program_verification has a value that is not known");
    return VERIFICATION_UNKNOWN;
}

/* Drops what is no pin. `kind`: of which it must be; -1: any. */
static void check_pin(struct event_parser *p, const char *field, const char **value, int kind)
{
    char why[200];
    struct pin pin;

    if (!*value ||
        (pin_parse(*value, &pin, why, sizeof(why)) && (kind < 0 || (int)pin.kind == kind)))
        return;
    event_note(p->damage, "%s is no pin", field);
    *value = NULL;
}

#define NO_TIME "%s is no time as \"2026-11-21T03:45:00.123Z\""

static void check_chain(struct event_parser *p)
{
    struct event *event = &p->raw.event;

    if (event->chain_count > EVENT_CHAIN)
        event->chain_count = EVENT_CHAIN;
    for (size_t i = 0; i < event->chain_count; i++) {
        struct event_cert *cert = &event->chain[i];
        const char *not_after = p->raw.not_after[i];

        check_pin(p, "spki", &cert->spki, PIN_SPKI);
        check_pin(p, "cert", &cert->cert, PIN_CERT);
        cert->not_after = TIME_UNKNOWN;
        if (not_after && !event_time_parse(not_after, &cert->not_after))
            event_note(p->damage, NO_TIME, "not_after");
    }
}

static void check_handshake(struct event_parser *p)
{
    struct event *event = &p->raw.event;

    event->verdict = (enum verdict)choose(p, "verdict", p->raw.verdict, nth_verdict, 3);
    event->action = (enum action)choose(p, "action", p->raw.action, nth_action, 3);
    event->would = (enum action)choose(p, "would", p->raw.would, nth_action, 3);
    event->verification = verification_of(p, p->raw.verification);
    if (event->reason == NULL)
        event_note(p->why, "reason is missing");
    if (p->raw.port > 65535)
        event_note(p->damage, "port is none");
    event->port = p->raw.port > 0 && p->raw.port <= 65535 ? (uint16_t)p->raw.port : 0;
    event->resumed = p->raw.resumed > 0;
    event->local_ca = p->raw.local_ca < 0    ? NOT_ASKED
                      : p->raw.local_ca == 0 ? ANSWER_NO
                                             : ANSWER_YES;
    check_pin(p, "pin", &event->pin, -1);
    check_chain(p);
}

/* What must be right about an event of any kind. */
static void check(struct event_parser *p)
{
    static const char *const kinds[] = {"handshake", "policy", "config_error"};
    struct event *event = &p->raw.event;

    event->kind = EVENT_HANDSHAKE;
    while (event->kind < EVENT_OTHER && strcmp(p->raw.event_name, kinds[event->kind]) != 0)
        event->kind++;
    if (event->kind != EVENT_HANDSHAKE) /* none of the others has one to be checked */
        event->chain_count = 0;
    if (p->raw.time == NULL)
        event_note(p->why, "time is missing");
    else if (!event_time_parse(p->raw.time, &event->time))
        event_note(p->why, NO_TIME, "time");
    event->line = p->raw.line > 0 ? (unsigned)p->raw.line : 0;
    event->lost = p->raw.lost > 0 ? (unsigned)p->raw.lost : 0;
    if (event->kind == EVENT_HANDSHAKE)
        check_handshake(p);
}

struct event_parser *event_parser_new(void)
{
    return malloc(sizeof(struct event_parser));
}

void event_parser_free(struct event_parser *parser)
{
    free(parser);
}

/* Does it say that the connection was refused, or would be? */
static bool says_refused(const struct event_raw *raw)
{
    static const char allow[] = "allow";

    return (raw->verdict && strcmp(raw->verdict, "fail") == 0) ||
           (raw->action && strcmp(raw->action, allow) != 0) ||
           (raw->would && strcmp(raw->would, allow) != 0);
}

/* What is wrong with a line that could be scanned, or not, goes to p->why. */
static void judge(struct event_parser *p)
{
    if (p->torn && says_refused(&p->raw))
        snprintf(p->why, sizeof(p->why), "it is cut off, and what is left tells of a refusal");
    if (p->whole && p->raw.v >= 0 && p->raw.v != 1)
        /* Its fields may mean something else, so they are not what is wrong with it. */
        snprintf(p->why, sizeof(p->why), "its version is %ld, and this pinshim knows 1", p->raw.v);
    if (p->why[0] == '\0' && p->raw.v < 0)
        event_note(p->why, "v is missing");
    if (p->why[0] == '\0' && p->raw.event_name == NULL)
        event_note(p->why, "event is missing");
    if (p->why[0] == '\0')
        check(p);
}

const struct event *event_parse(struct event_parser *p, const char *line, size_t length, char *why,
                                size_t size)
{
    if (length > EVENT_LINE_LIMIT) {
        event_forget(p);
        event_note(p->why, "it is longer than %d octets", EVENT_LINE_LIMIT);
    } else {
        event_scan(p, line, length);
        judge(p);
    }
    if (p->why[0] == '\0') {
        p->raw.event.damage = p->damage[0] != '\0' ? p->damage : NULL;
        return &p->raw.event;
    }
    snprintf(why, size, "%s", p->why);
    return NULL;
}

struct event_remains event_parse_remains(const struct event_parser *p)
{
    bool is_read = p->raw.v == 1 && (p->whole || p->torn) && !p->ambiguous;

    return (struct event_remains){.is_json = p->whole,
                                  .is_torn = p->torn && !says_refused(&p->raw),
                                  .domain = is_read ? p->raw.event.domain : NULL};
}
