/* The fields of an event out of a line of JSON: the reader under event.c, which says what they
 * mean. */
#ifndef PINSHIM_CLI_EVENT_JSON_H
#define PINSHIM_CLI_EVENT_JSON_H

#include "cli/event.h"

#define EVENT_NOTE 160

/* What is wanted of an event. Strings that are missing are NULL. */
struct event_raw {
    const char *time, *event_name, *verdict, *action, *would, *verification;
    const char *not_after[EVENT_CHAIN];
    long v, port, line, lost; /* -1: not there, or null */
    int local_ca, resumed;    /* -1: not there, or null */
    struct event event;       /* its strings, and the strings of its chain */
};

struct event_parser {
    struct event_raw raw;
    unsigned depth;
    bool in_chain, in_cert;
    size_t field, cert_field;         /* of the value to come; their counts: not wanted */
    uint32_t seen, cert_seen;         /* a bit for each field */
    struct event_cert spare;          /* for certificates beyond EVENT_CHAIN */
    size_t used;                      /* of `text` */
    bool whole;                       /* it is JSON */
    bool torn;                        /* it is the beginning of an event */
    bool ambiguous;                   /* a field that decides is there twice */
    char why[EVENT_NOTE];             /* the first fault; "": none */
    char damage[EVENT_NOTE];          /* the same of what the event counts without: a detail */
    char text[EVENT_LINE_LIMIT + 64]; /* the strings; none is longer than it was in JSON */
};

/* Writes into the parser's `why` or `damage`, unless something is there already. */
void event_note(char note[EVENT_NOTE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As before a line: nothing is known. */
void event_forget(struct event_parser *parser);

/* Reads the line into parser->raw. That it is no JSON is a fault; what is wrong with its fields is
 * one as well, or damage. */
void event_scan(struct event_parser *parser, const char *line, size_t length);

#endif
