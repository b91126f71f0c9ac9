/* One event, as the shim writes it (docs/events.md), out of a line of JSON. */
#ifndef PINSHIM_CLI_EVENT_H
#define PINSHIM_CLI_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/verdict.h"

/* An event has at most 4096 octets; a line that is longer than this is none of any version. */
#define EVENT_LINE_LIMIT 65536

/* The shim cuts what it writes to less. */
#define EVENT_TEXT_LIMIT 1024

/* Certificates that are looked at; 4096 octets hold fewer. */
#define EVENT_CHAIN 16

#define TIME_UNKNOWN INT64_MIN

enum event_kind {
    EVENT_HANDSHAKE,
    EVENT_POLICY,
    EVENT_CONFIG_ERROR,
    EVENT_OTHER,      /* of a later pinshim */
    EVENT_UNREADABLE, /* a line that is no event; of its fields only the domain may be known */
};

/* What the program's own checks said. */
enum verification {
    VERIFICATION_UNKNOWN,
    VERIFICATION_OK,
    VERIFICATION_FAILED,
    VERIFICATION_SKIPPED
};

struct event_cert {
    const char *position, *subject, *issuer;
    const char *spki, *cert; /* pins that pin_parse takes; NULL: not told */
    int64_t not_after;       /* milliseconds since 1970, or TIME_UNKNOWN */
};

/* Strings are UTF-8 without NUL, and may hold any control character: escape them. NULL stands for
 * null. They live until the next event is read. */
struct event {
    enum event_kind kind;
    int64_t time; /* milliseconds since 1970 */
    const char *program, *policy;
    unsigned lost;      /* events before it that did not get through */
    const char *damage; /* what is wrong with a detail that was left out; NULL: nothing */

    /* of a handshake */
    const char *host, *address, *domain, *mode, *reason, *owner;
    uint16_t port; /* 0: not known */
    enum verdict verdict;
    enum action action, would;
    const char *pin, *pin_role, *pin_position;
    enum verification verification;
    bool resumed;
    enum answer local_ca; /* does the chain end in a CA that was added to this machine's store? */
    struct event_cert chain[EVENT_CHAIN]; /* leaf first */
    size_t chain_count;

    /* of a config_error */
    const char *file, *message;
    unsigned line;
};

struct event_parser;

/* NULL when memory is out. Free with event_parser_free, which takes NULL. */
struct event_parser *event_parser_new(void);
void event_parser_free(struct event_parser *parser);

/* Reads one line, without its newline, of at most EVENT_LINE_LIMIT octets. The event is the
 * parser's, until the next call. NULL when the line is no event of version 1; the reason is put
 * into `why`. */
const struct event *event_parse(struct event_parser *parser, const char *line, size_t length,
                                char *why, size_t size);

/* What can be told of a line that is no event. */
struct event_remains {
    bool is_json;
    bool is_torn;       /* the beginning of an event that was never written to its end; and what is
                           left does not tell of a refusal */
    const char *domain; /* that it is about, the parser's; NULL: that cannot be told */
};

/* Of the line that event_parse has returned NULL for. */
struct event_remains event_parse_remains(const struct event_parser *parser);

#endif
