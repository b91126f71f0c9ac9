#include "cli/config_token.h"

#include <stdlib.h>
#include <string.h>

static bool starts(const struct token_reader *r, const char *mark)
{
    size_t length = strlen(mark);

    return r->length - r->at >= length && memcmp(r->data + r->at, mark, length) == 0;
}

/* To the end of the line, or to the closing mark. */
static int pass_comment(struct token_reader *r)
{
    const char *end;

    if (starts(r, "/*")) {
        end = memmem(r->data + r->at + 2, r->length - r->at - 2, "*/", 2);
        r->at = end ? (size_t)(end - r->data) + 2 : r->length;
        return end ? TOKEN_COMMENT : TOKEN_BAD;
    }
    end = memchr(r->data + r->at, '\n', r->length - r->at);
    r->at = end ? (size_t)(end - r->data) : r->length;
    if (end && r->data[r->at - 1] == '\r')
        r->at--;
    return TOKEN_COMMENT;
}

static int pass_string(struct token_reader *r)
{
    char quote = r->data[r->at++];

    while (r->at < r->length && r->data[r->at] != quote)
        r->at += r->data[r->at] == '\\' ? 2 : 1;
    if (r->at >= r->length) {
        r->at = r->length;
        return TOKEN_BAD;
    }
    r->at++;
    return TOKEN_WORD;
}

static int pass_word(struct token_reader *r)
{
    size_t start = r->at;

    while (r->at < r->length && !strchr(" #\"'\t\n\r={}()+,*", r->data[r->at]))
        r->at++;
    if (r->at > start)
        return TOKEN_WORD;
    r->at++;
    return TOKEN_BAD;
}

static int pass_one(struct token_reader *r)
{
    char c = r->data[r->at];

    if (c == '#' || starts(r, "//") || starts(r, "/*"))
        return pass_comment(r);
    if (c == '"' || c == '\'')
        return pass_string(r);
    if (starts(r, "+=")) {
        r->at += 2;
        return '=';
    }
    if (c == '{' || c == '}' || c == '=' || c == ',') {
        r->at++;
        return c;
    }
    return pass_word(r);
}

struct token token_next(struct token_reader *r, bool comments)
{
    struct token token;

    if (r->at == 0 && starts(r, "\xef\xbb\xbf"))
        r->at = 3;
    do {
        for (; r->at < r->length && strchr(" \t\r\n", r->data[r->at]) && r->data[r->at]; r->at++)
            r->line += r->data[r->at] == '\n';
        token = (struct token){.start = r->at, .line = r->line};
        if (r->at < r->length)
            token.kind = pass_one(r);
        token.end = r->at;
        for (size_t i = token.start; i < token.end; i++)
            r->line += r->data[i] == '\n';
    } while (token.kind == TOKEN_COMMENT && !comments);
    return token;
}

/* What a backslash makes of the character behind it, within double quotes (libconfuse). */
static char unescape(char c)
{
    static const char letters[] = "abefnrtv", means[] = "\a\b\033\f\n\r\t\v";
    const char *letter = c ? strchr(letters, c) : NULL;

    return letter ? means[letter - letters] : c;
}

char *token_value(const char *data, const struct token *token)
{
    const char *at = data + token->start, *end = data + token->end;
    char *value = malloc(token->end - token->start + 1), *out = value;
    char quote = *at == '"' || *at == '\'' ? *at : '\0';

    if (!value)
        return NULL;
    if (quote) {
        at++;
        end--;
    }
    while (at < end) {
        if (!quote || *at != '\\' || at + 1 == end) {
            *out++ = *at++;
        } else if (quote == '"') {
            if (at[1] != '\n') /* else the line goes on */
                *out++ = unescape(at[1]);
            at += 2;
        } else if (at[1] == '\'' || at[1] == '\\') {
            *out++ = at[1];
            at += 2;
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return value;
}
