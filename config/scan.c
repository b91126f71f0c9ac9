#include "config/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 2 }; /* program { domain { } } */

struct scanner {
    char *at, *end;
    unsigned line;
    unsigned open[DEPTH_MAX]; /* lines of the sections that are open */
    unsigned depth;
    char last;          /* the last token: '=', '{', ',' … or 'w' for a word or string */
    unsigned list_line; /* of the open list; 0: none … */
    char *list;         /* … and its brace */
    struct scan *scan;
    struct config_error *error;
};

static bool fail(struct scanner *s, unsigned line, const char *text)
{
    s->error->line = line;
    snprintf(s->error->text, sizeof s->error->text, "%s", text);
    return false;
}

static bool environment(struct scanner *s)
{
    return fail(s, s->line,
                "a policy does not take values from the environment; write what ${...} "
                "stands for (in 'single quotes' it is plain text)");
}

/* To the closing quote. Escapes are libconfuse's to read; here they only hide a quote. */
static bool skip_string(struct scanner *s)
{
    unsigned line = s->line;
    char quote = *s->at++;

    for (; s->at < s->end && *s->at != quote; s->at++) {
        if (*s->at == '\n')
            s->line++;
        if (quote == '"' && s->at[0] == '$' && s->at[1] == '{')
            return environment(s);
        if (*s->at != '\\' || s->at + 1 == s->end)
            continue;
        s->at++;
        if (*s->at == '\n')
            s->line++;
        if (quote == '"' && strchr("01234567x", *s->at) != NULL)
            return fail(s, s->line, "write the character itself, not its number after a backslash");
    }
    if (s->at == s->end)
        return fail(s, line, "this string has no closing quote");
    s->at++;
    s->last = 'w';
    return true;
}

static void blank_line_comment(struct scanner *s)
{
    /* A lone CR is left standing, to be refused: an editor may show it as the end of the line. */
    while (s->at < s->end && *s->at != '\n' && (*s->at != '\r' || s->at[1] == '\n'))
        *s->at++ = ' ';
}

static bool blank_comment(struct scanner *s)
{
    unsigned line = s->line;
    char *stop = memmem(s->at + 2, (size_t)(s->end - s->at - 2), "*/", 2);

    if (stop == NULL)
        return fail(s, line, "this comment has no end; close it with */");
    for (; s->at < stop + 2; s->at++) {
        if (*s->at == '\n')
            s->line++;
        else
            *s->at = ' ';
    }
    return true;
}

/* The brace has been passed, here and below. */
static bool open_brace(struct scanner *s)
{
    if (s->last == '=') {
        s->list_line = s->line;
        s->list = s->at - 1; /* the brace itself */
    } else if (s->list_line != 0) {
        return fail(s, s->line, "there is a brace inside a list");
    } else if (s->depth == DEPTH_MAX) {
        return fail(s, s->line,
                    "sections do not nest this deep: a program section holds domain "
                    "sections, and these hold options");
    } else {
        s->open[s->depth++] = s->line;
    }
    s->last = '{';
    return true;
}

static bool close_brace(struct scanner *s)
{
    if (s->list_line != 0) {
        if (s->last == '{') {
            *s->list = SCAN_EMPTY_LIST[0];
            s->at[-1] = ' ';
        }
        s->list_line = 0;
    } else if (s->depth == 0) {
        return fail(s, s->line, "this brace closes nothing");
    } else {
        unsigned *lines = reallocarray(s->scan->lines, s->scan->count + 1, sizeof *lines);
        if (lines == NULL)
            return fail(s, s->line, "there is not enough memory for it");
        s->scan->lines = lines;
        lines[s->scan->count++] = s->open[--s->depth];
    }
    s->last = '}';
    return true;
}

static bool is_word(char c)
{
    return c != '\0' && strchr(" #\"'\t\n\r={}()+,*", c) == NULL;
}

/* A run of characters without quotes, as libconfuse's lexer takes them. */
static bool skip_word(struct scanner *s)
{
    for (; s->at < s->end && is_word(*s->at); s->at++)
        if (s->at[0] == '$' && s->at[1] == '{')
            return environment(s);
    s->last = 'w';
    return true;
}

static bool scan_one(struct scanner *s)
{
    char c = *s->at;

    if (c == '\n') {
        s->line++;
        s->at++;
    } else if (c == '\r' && s->at[1] == '\n') {
        *s->at++ = ' ';
    } else if (c == ' ' || c == '\t') {
        s->at++;
    } else if (c == '#' || (c == '/' && s->at[1] == '/')) {
        blank_line_comment(s);
    } else if (c == '/' && s->at[1] == '*') {
        return blank_comment(s);
    } else if (c == '"' || c == '\'') {
        return skip_string(s);
    } else if (c == '{') {
        s->at++;
        return open_brace(s);
    } else if (c == '}') {
        s->at++;
        return close_brace(s);
    } else if (c == '=' || c == ',' || (c == '+' && s->at[1] == '=')) {
        s->at += c == '+' ? 2 : 1;
        s->last = c == '+' ? '=' : c;
    } else if (is_word(c)) {
        return skip_word(s);
    } else if (c == '\r') {
        return fail(s, s->line, "a line ends in CR alone; end it with LF, or CR and LF");
    } else {
        snprintf(s->error->text, sizeof s->error->text,
                 "unexpected '%c'; values with other "
                 "characters than letters and digits go into \"quotes\"",
                 c);
        s->error->line = s->line;
        return false;
    }
    return true;
}

bool config_scan(char *text, size_t length, struct scan *scan, struct config_error *error)
{
    struct scanner s = {.at = text, .end = text + length, .line = 1, .scan = scan, .error = error};
    const char *nul = memchr(text, '\0', length);

    scan->lines = NULL;
    scan->count = 0;
    if (nul != NULL) {
        for (const char *c = text; c < nul; c++)
            s.line += *c == '\n';
        return fail(&s, s.line, "there is a NUL octet; this is not a text file");
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        memset(text, ' ', 3); /* a byte order mark, as some editors write */
    while (s.at < s.end)
        if (!scan_one(&s))
            return false;
    if (s.list_line != 0)
        return fail(&s, s.list_line, "the file ends inside this list; close it with a brace");
    if (s.depth > 0)
        return fail(&s, s.open[s.depth - 1],
                    "the file ends inside this section; close it with a brace");
    return true;
}
