/* Text in Kotlin or Java, or a list in lines, taken apart: words, texts in quotes, brackets.
 * Comments go: // and # (a list's) to the end of the line, and block comments. */
#ifndef PINSHIM_CLI_FOREIGN_CODE_H
#define PINSHIM_CLI_FOREIGN_CODE_H

#include <stdbool.h>
#include <stddef.h>

enum code_kind {
    CODE_END,
    CODE_LINE,  /* the end of a line */
    CODE_WORD,  /* as it stands: host.add, =, api.example.com, sha256/... */
    CODE_TEXT,  /* in quotes */
    CODE_OPEN,  /* ( or { */
    CODE_CLOSE, /* ) or } */
    CODE_COMMA,
    CODE_FAULT, /* what begins here has no end */
};

struct code_token {
    enum code_kind kind;
    const char *from, *to; /* as it stands, with its quotes */
    const char *text;      /* a text between its quotes; else as `from` */
    size_t length;         /* of `text` */
    bool plain;            /* a text that is what it says: one line, no escapes, nothing put in */
    unsigned line;         /* where it begins, from 1 */
};

/* Set `line` to 1, `at` and `end` to the text; the rest to zero. */
struct code {
    const char *at, *end;
    unsigned line;
    const char *no_template; /* no "${" before this has its brace */
    const char *fault;       /* of CODE_FAULT: what is wrong, and the mend */
};

/* The next token; they point into the text. At the end, and after a fault, the same again. A
 * semicolon is a blank. */
void code_next(struct code *code, struct code_token *out);

/* Does a word or a text look like a pin: a digest's name, a slash, and more? */
bool code_is_pin(const struct code_token *token);

#endif
