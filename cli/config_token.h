/* The words and signs of a config file, with their places in its text. */
#ifndef PINSHIM_CLI_CONFIG_TOKEN_H
#define PINSHIM_CLI_CONFIG_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/* A sign stands for itself. */
enum token_kind { TOKEN_END = 0, TOKEN_WORD = 'w', TOKEN_COMMENT = '#', TOKEN_BAD = '?' };

struct token {
    int kind;          /* enum token_kind, or '{' '}' '=' ',' */
    size_t start, end; /* octets of the text */
    unsigned line;     /* of its start */
};

struct token_reader {
    const char *data;
    size_t length, at;
    unsigned line;
};

/* The next one; comments are only told where `comments` asks for them. */
struct token token_next(struct token_reader *reader, bool comments);

/* What a word says, without quotes and escapes; malloc'ed, NULL when memory is short. */
char *token_value(const char *data, const struct token *token);

#endif
