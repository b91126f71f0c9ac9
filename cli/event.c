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
        event_fault(p, "%s is missing", field);
    for (int i = 0; value && i < count; i++)
        if (strcmp(value, name(i)) == 0)
            return i;
    if (value)
        event_fault(p, "%s has a value that is not known", field);
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

static const char *nth_verification(int i)
{
    static const char *const names[] = {"", "ok", "failed", "skipped"};

    return names[i];
}

/* `kind`: of which it must be; -1: any. */
static void check_pin(struct event_parser *p, const char *field, const char *value, int kind)
{
    char why[200];
    struct pin pin;

    if (value &&
        (!pin_parse(value, &pin, why, sizeof(why)) || (kind >= 0 && (int)pin.kind != kind)))
        event_fault(p, "%s is no pin", field);
}

static int64_t check_time(struct event_parser *p, const char *field, const char *value)
{
    int64_t time = TIME_UNKNOWN;

    if (value && !event_time_parse(value, &time))
        event_fault(p, "%s is no time as \"2026-11-21T03:45:00.123Z\"", field);
    return time;
}

static void check_chain(struct event_parser *p)
{
    struct event *event = &p->raw.event;

    if (event->chain_count > EVENT_CHAIN)
        event->chain_count = EVENT_CHAIN;
    for (size_t i = 0; i < event->chain_count; i++) {
        check_pin(p, "spki", event->chain[i].spki, PIN_SPKI);
        check_pin(p, "cert", event->chain[i].cert, PIN_CERT);
        event->chain[i].not_after = check_time(p, "not_after", p->raw.not_after[i]);
    }
}

static void check_handshake(struct event_parser *p)
{
    struct event *event = &p->raw.event;

    event->verdict = (enum verdict)choose(p, "verdict", p->raw.verdict, nth_verdict, 3);
    event->action = (enum action)choose(p, "action", p->raw.action, nth_action, 3);
    event->would = (enum action)choose(p, "would", p->raw.would, nth_action, 3);
    if (p->raw.verification)
        event->verification = (enum verification)choose(p, "program_verification",
                                                        p->raw.verification, nth_verification, 4);
    if (event->reason == NULL)
        event_fault(p, "reason is missing");
    if (p->raw.port > 65535)
        event_fault(p, "port is none");
    event->port = p->raw.port > 0 ? (uint16_t)p->raw.port : 0;
    event->resumed = p->raw.resumed > 0;
    event->local_ca = p->raw.local_ca < 0    ? NOT_ASKED
                      : p->raw.local_ca == 0 ? ANSWER_NO
                                             : ANSWER_YES;
    check_pin(p, "pin", event->pin, -1);
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
        event_fault(p, "time is missing");
    event->time = check_time(p, "time", p->raw.time);
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

const struct event *event_parse(struct event_parser *p, const char *line, size_t length, char *why,
                                size_t size)
{
    if (length > EVENT_LINE_LIMIT) {
        snprintf(why, size, "it is longer than %d octets", EVENT_LINE_LIMIT);
        return NULL;
    }
    if (event_scan(p, line, length) && p->raw.v >= 0 && p->raw.v != 1)
        /* Its fields may mean something else, so they are not what is wrong with it. */
        snprintf(p->why, sizeof(p->why), "its version is %ld, and this pinshim knows 1", p->raw.v);
    if (p->why[0] == '\0' && p->raw.v < 0)
        event_fault(p, "v is missing");
    if (p->why[0] == '\0' && p->raw.event_name == NULL)
        event_fault(p, "event is missing");
    if (p->why[0] == '\0')
        check(p);
    if (p->why[0] == '\0')
        return &p->raw.event;
    snprintf(why, size, "%s", p->why);
    return NULL;
}
