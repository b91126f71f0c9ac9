/* OkHttp's pins: a host and its pins in a line each, or as a program in Kotlin or Java tells them
 * to CertificatePinner.Builder: add("HOST", "PIN", ...). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/foreign.h"
#include "cli/foreign_code.h"

/* What people write has a dozen. */
#define DEEPEST 1000
/* Of what is not understood, so much is shown. */
#define SHOWN 60

/* What stands between two commas of a call. */
struct argument {
    size_t tokens;
    struct code_token first;
    const char *to;
    bool has_pin; /* perhaps inside an expression: `pin` */
    struct code_token pin;
};

/* An open bracket. */
struct bracket {
    char mark;
    unsigned line;
    bool add; /* of a call of add: */
    size_t arguments;
    struct argument host, current;
};

/* A line outside all brackets. */
struct host_line {
    size_t words, pins;
    bool bad; /* it is no host with pins */
    struct code_token host;
};

struct reader {
    struct foreign *out;
    struct list brackets; /* struct bracket */
    struct host_line line;
    unsigned bad_line;      /* the first; 0: none */
    bool after_add, called; /* behind the word "add"; some add was called */
    char *why;
    size_t size;
};

static bool fail(struct reader *reader, unsigned line, const char *what)
{
    snprintf(reader->why, reader->size, "line %u: %s", line, what);
    return false;
}

static bool no_memory(struct reader *reader)
{
    return foreign_no_memory(reader->why, reader->size);
}

static int shown(const char *from, const char *to)
{
    return to - from < SHOWN ? (int)(to - from) : SHOWN;
}

static struct bracket *innermost(struct reader *reader)
{
    return reader->brackets.count > 0
               ? (struct bracket *)reader->brackets.items + reader->brackets.count - 1
               : NULL;
}

static struct foreign_section *section_of(struct foreign *out, const struct code_token *host)
{
    struct foreign_section *sections = out->sections.items;

    for (size_t i = out->sections.count; i-- > 0;) /* mostly the one before */
        if (strncmp(sections[i].domain, host->text, host->length) == 0 &&
            !sections[i].domain[host->length])
            return &sections[i];
    return foreign_add(out, host->text, host->length);
}

static bool add_pin(struct reader *reader, const struct code_token *host,
                    const struct code_token *pin)
{
    struct foreign_section *section = section_of(reader->out, host);

    return (section && foreign_add_digest(reader->out, section, pin->text, pin->length)) ||
           no_memory(reader);
}

/* A pin that stands beside no host. */
static bool tell_astray(struct reader *reader, const struct code_token *pin)
{
    return foreign_tell(reader->out,
                        "line %u: %.*s is left out: no host is with it; write add(\"HOST\", "
                        "\"sha256/...\")",
                        pin->line, shown(pin->text, pin->text + pin->length), pin->text) ||
           no_memory(reader);
}

static bool is_text(const struct argument *argument)
{
    return argument->tokens == 1 && argument->first.kind == CODE_TEXT && argument->first.plain;
}

static bool is_pin(const struct argument *argument)
{
    return is_text(argument) && code_is_pin(&argument->first);
}

/* list.add(0, item) is about no pins. */
static bool is_index(const struct argument *host, const struct argument *argument)
{
    return host->tokens == 1 && host->first.kind == CODE_WORD &&
           isdigit((unsigned char)*host->first.text) && !argument->has_pin;
}

static bool take_pin(struct reader *reader, const struct bracket *call)
{
    const struct argument *host = &call->host, *argument = &call->current;
    const char *from = argument->first.from;
    bool good = true;

    if (!is_text(host) || is_pin(host)) {
        if (call->arguments == 1 && !is_index(host, argument))
            good = foreign_tell(reader->out,
                                "line %u: add(%.*s, ...) is left out: write the host itself "
                                "there, in quotes",
                                call->line, shown(host->first.from, host->to), host->first.from);
    } else if (is_pin(argument)) {
        return add_pin(reader, &host->first, &argument->first);
    } else {
        good =
            foreign_tell(reader->out, "line %u: %.*s: %.*s is left out: %s", argument->first.line,
                         shown(host->first.text, host->first.text + host->first.length),
                         host->first.text, shown(from, argument->to), from,
                         is_text(argument) ? "it is no pin, as sha256/..."
                                           : "write the pin itself there, in quotes");
    }
    return good || no_memory(reader);
}

static bool end_argument(struct reader *reader, struct bracket *call)
{
    bool good = true;

    if (call->current.tokens == 0)
        return true;
    if (call->arguments == 0)
        call->host = call->current;
    else
        good = take_pin(reader, call);
    call->arguments++;
    call->current = (struct argument){0};
    return good;
}

/* A token goes to the argument that it is part of. */
static void grow_argument(struct bracket *call, const struct code_token *token)
{
    if (call->current.tokens++ == 0)
        call->current.first = *token;
    call->current.to = token->to;
    if (!call->current.has_pin && code_is_pin(token)) {
        call->current.has_pin = true;
        call->current.pin = *token;
    }
}

static bool open_bracket(struct reader *reader, const struct code_token *token)
{
    struct bracket *outer = innermost(reader), *bracket;
    bool add = *token->text == '(' && reader->after_add;

    if (outer && outer->add)
        grow_argument(outer, token);
    if (reader->brackets.count == DEEPEST)
        return fail(reader, token->line, "brackets are nested too deep");
    bracket = list_add(&reader->brackets, sizeof(*bracket));
    if (!bracket)
        return no_memory(reader);
    *bracket = (struct bracket){.mark = *token->text, .line = token->line, .add = add};
    reader->called |= add;
    return true;
}

static bool close_bracket(struct reader *reader, const struct code_token *token)
{
    struct bracket *bracket = innermost(reader);
    bool good = true;

    if (!bracket) /* the text begins inside */
        return true;
    if ((bracket->mark == '(') != (*token->text == ')'))
        return fail(reader, bracket->line, "the bracket that opens here is not closed");
    if (bracket->add) {
        good = end_argument(reader, bracket);
        if (good && bracket->arguments == 1 && bracket->host.has_pin)
            good = tell_astray(reader, &bracket->host.pin);
    }
    reader->brackets.count--;
    bracket = innermost(reader);
    if (bracket && bracket->add)
        grow_argument(bracket, token);
    return good;
}

/* A word or text outside all brackets: a host comes first and then its pins, all of them in quotes
 * or none. */
static bool take_line(struct reader *reader, const struct code_token *token)
{
    struct host_line *line = &reader->line;
    bool pin = code_is_pin(token);

    if (line->words++ == 0) {
        line->host = *token;
        line->bad |= pin || (token->kind == CODE_TEXT && !token->plain);
    } else {
        line->bad |= !pin || token->kind != line->host.kind;
        line->pins += pin;
    }
    if (pin)
        return line->bad ? tell_astray(reader, token) : add_pin(reader, &line->host, token);
    return true;
}

static bool take_word(struct reader *reader, const struct code_token *token)
{
    struct bracket *bracket = innermost(reader);

    if (!bracket)
        return take_line(reader, token);
    if (bracket->add)
        grow_argument(bracket, token);
    else if (code_is_pin(token))
        return tell_astray(reader, token);
    return true;
}

static void end_line(struct reader *reader, unsigned number)
{
    const struct host_line *line = &reader->line;

    if (reader->bad_line == 0 && (line->bad || (line->words > 0 && line->pins == 0)))
        reader->bad_line = number;
    reader->line = (struct host_line){0};
}

static bool is_add(const struct code_token *word)
{
    const char *add = word->text + word->length - 3;

    return word->kind == CODE_WORD && word->length >= 3 && memcmp(add, "add", 3) == 0 &&
           (word->length == 3 || !(isalnum((unsigned char)add[-1]) || strchr("_$", add[-1])));
}

static bool take(struct reader *reader, const struct code_token *token)
{
    struct bracket *bracket = innermost(reader);
    bool good = true;

    if (token->kind == CODE_LINE || token->kind == CODE_END) {
        end_line(reader, token->line);
        return true;
    }
    if (token->kind == CODE_OPEN || token->kind == CODE_CLOSE)
        reader->line.bad = true;
    if (token->kind == CODE_WORD || token->kind == CODE_TEXT)
        good = take_word(reader, token);
    else if (token->kind == CODE_OPEN)
        good = open_bracket(reader, token);
    else if (token->kind == CODE_CLOSE)
        good = close_bracket(reader, token);
    else if (bracket && bracket->add) /* a comma */
        good = end_argument(reader, bracket);
    reader->after_add = is_add(token);
    return good;
}

/* Is anything left open that a pin may be in? Braces are: a text may end inside a class. */
static bool is_closed(struct reader *reader)
{
    const struct bracket *brackets = reader->brackets.items;

    for (size_t i = reader->brackets.count; i-- > 0;)
        if (brackets[i].mark == '(')
            return fail(reader, brackets[i].line, "the bracket that opens here is not closed");
    return true;
}

static bool read_okhttp(const char *text, size_t length, const char *domain, struct foreign *out,
                        char *why, size_t size)
{
    struct code code = {.at = text, .end = text + length, .line = 1};
    struct reader reader = {.out = out, .why = why, .size = size};
    struct code_token token;
    bool good = true;

    (void)domain;
    do {
        code_next(&code, &token);
        good = token.kind == CODE_FAULT ? fail(&reader, token.line, code.fault)
                                        : take(&reader, &token);
    } while (good && token.kind != CODE_END);
    good = good && is_closed(&reader);
    if (good && !reader.called && reader.bad_line > 0)
        good =
            fail(&reader, reader.bad_line, "write a host and its pins: api.example.com sha256/...");
    free(reader.brackets.items);
    return good;
}

static bool write_okhttp(const struct foreign *foreign, bool json, FILE *out, char *why,
                         size_t size)
{
    const struct foreign_section *sections = foreign->sections.items;

    (void)json;
    (void)why;
    (void)size;
    for (size_t i = 0; i < foreign->sections.count; i++) {
        const struct foreign_pin *pins = sections[i].pins.items;

        for (size_t n = 0; n < sections[i].pins.count; n++)
            fprintf(out, "%s%s %s\n", sections[i].include_subdomains ? "**." : "",
                    sections[i].domain, pins[n].text);
    }
    return true;
}

const struct foreign_format foreign_okhttp = {.name = "okhttp",
                                              .adds_up = true,
                                              .says = CAN_SUBDOMAINS | CAN_ONE_LABEL | CAN_MANY,
                                              .read = read_okhttp,
                                              .write = write_okhttp};
