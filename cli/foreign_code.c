#include "cli/foreign_code.h"

#include <ctype.h>
#include <string.h>

static bool begins(const char *at, const char *end, const char *with)
{
    size_t length = strlen(with);

    return (size_t)(end - at) >= length && memcmp(at, with, length) == 0;
}

static bool is_pin(const char *at, const char *end)
{
    static const char *const prefixes[] = {"sha256/", "sha1/", "sha512/", "md5/"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (begins(at, end, prefixes[i]) && (size_t)(end - at) > strlen(prefixes[i]))
            return true;
    return false;
}

bool code_is_pin(const struct code_token *token)
{
    return is_pin(token->text, token->text + token->length);
}

static const char *line_end(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));

    return stop ? stop : end;
}

/* Goes to `to`, and counts the lines up to there. */
static void go(struct code *code, const char *to)
{
    for (; code->at < to; code->at++)
        code->line += *code->at == '\n';
}

static bool is_blank(char c)
{
    return c == ';' || c == '\0' || (c != '\n' && isspace((unsigned char)c));
}

static bool fault(struct code *code, const char *what)
{
    code->fault = what;
    return false;
}

/* A block comment. Kotlin's nest and Java's do not: one inside another is not guessed at. */
static bool skip_block(struct code *code)
{
    const char *body = code->at + 2;
    const char *stop = memmem(body, (size_t)(code->end - body), "*/", 2);

    if (!stop)
        return fault(code, "a comment begins here and has no end; end it with */");
    if (memmem(body, (size_t)(stop - body) + 1, "/*", 2))
        return fault(code, "a comment begins in a comment, which Kotlin and Java read differently; "
                           "take the inner /* out");
    go(code, stop + 2);
    return true;
}

/* To the next token, or the end of the line. */
static bool skip_blanks(struct code *code)
{
    for (;;) {
        if (code->at < code->end && is_blank(*code->at))
            code->at++;
        else if (begins(code->at, code->end, "//") || begins(code->at, code->end, "#"))
            code->at = line_end(code->at, code->end);
        else if (!begins(code->at, code->end, "/*"))
            return true;
        else if (!skip_block(code))
            return false;
    }
}

/* Behind the quotation mark that ends the text whose first character is at `at`; NULL: its line has
 * none. */
static const char *text_end(const char *at, const char *end, char mark)
{
    for (; at < end && *at != '\n'; at++) {
        if (*at == mark)
            return at + 1;
        if (*at == '\\' && at + 1 < end && at[1] != '\n')
            at++;
    }
    return NULL;
}

/* Behind the brace that ends what Kotlin puts into a text, ${...}; NULL: it has none on this line,
 * as in Java. `at` is at its first brace. */
static const char *template_end(struct code *code, const char *at)
{
    unsigned depth = 0;

    if (at < code->no_template)
        return NULL;
    while (at && at < code->end && *at != '\n') {
        char c = *at++;

        depth += c == '{';
        if (c == '"')
            at = text_end(at, code->end, '"');
        else if (c == '}' && --depth == 0)
            return at;
    }
    code->no_template = at ? at : line_end(code->at, code->end);
    return NULL;
}

/* Behind the quotation mark of a text that may have templates in it. */
static const char *template_text_end(struct code *code, const char *at)
{
    while (at < code->end && *at != '\n' && *at != '"') {
        const char *behind = begins(at, code->end, "${") ? template_end(code, at + 1) : NULL;

        if (behind)
            at = behind;
        else
            at += *at == '\\' && at + 1 < code->end && at[1] != '\n' ? 2 : 1;
    }
    return at < code->end && *at == '"' ? at + 1 : NULL;
}

/* A text of several lines, or one without escapes: behind its last quotation mark. */
static const char *raw_text_end(const struct code *code, const char *at)
{
    const char *stop = memmem(at, (size_t)(code->end - at), "\"\"\"", 3);

    for (stop = stop ? stop + 3 : NULL; stop && stop < code->end && *stop == '"';)
        stop++;
    return stop;
}

static bool read_text(struct code *code, struct code_token *out)
{
    bool raw = begins(code->at, code->end, "\"\"\"");
    size_t mark = raw ? 3 : 1;
    const char *behind;

    if (raw)
        behind = raw_text_end(code, code->at + mark);
    else if (*code->at == '"')
        behind = template_text_end(code, code->at + mark);
    else
        behind = text_end(code->at + mark, code->end, *code->at);
    if (!behind)
        return fault(code, "a quotation mark begins a text here that has no end; add the other");
    out->kind = CODE_TEXT;
    out->text = code->at + mark;
    out->length = (size_t)(behind - out->text) - mark;
    out->plain = *code->at != '`';
    for (size_t i = 0; i < out->length; i++)
        out->plain &= !strchr("\\$\n", out->text[i]); /* and no NUL */
    go(code, behind);
    return true;
}

/* A comment may follow a word at once; only pins have such slashes in them. */
static void read_word(struct code *code, struct code_token *out)
{
    const char *stop = code->at;
    bool pin;

    while (stop < code->end && *stop != '\n' && !is_blank(*stop) && !strchr("\"'`(){},", *stop))
        stop++;
    pin = is_pin(code->at, stop);
    for (const char *c = code->at; !pin && c < stop; c++)
        if (begins(c, stop, "//") || begins(c, stop, "/*"))
            stop = c;
    out->kind = CODE_WORD;
    out->text = code->at;
    out->length = (size_t)(stop - code->at);
    code->at = stop;
}

void code_next(struct code *code, struct code_token *out)
{
    bool good = !code->fault && skip_blanks(code);

    *out = (struct code_token){
        .kind = CODE_END, .from = code->at, .text = code->at, .line = code->line};
    if (good && code->at < code->end) {
        char c = *code->at;

        if (strchr("\"'`", c)) {
            good = read_text(code, out);
        } else if (c == '\n' || strchr("(){},", c)) {
            out->kind = c == '\n'              ? CODE_LINE
                        : c == ','             ? CODE_COMMA
                        : c == '(' || c == '{' ? CODE_OPEN
                                               : CODE_CLOSE;
            out->length = 1;
            go(code, code->at + 1);
        } else {
            read_word(code, out);
        }
    }
    if (!good)
        out->kind = CODE_FAULT;
    out->to = code->at;
}
