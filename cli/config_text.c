#include "cli/config_text.h"

#include <stdlib.h>
#include <string.h>

#include "cli/config_token.h"

/* A walk over the text. */
struct walk {
    struct config_text *text;
    struct token_reader reader;
    struct token token;
    bool good;
};

static void advance(struct walk *w)
{
    w->token = token_next(&w->reader, false);
    w->good = w->good && w->token.kind != TOKEN_BAD;
}

static bool expect(struct walk *w, int kind)
{
    if (w->token.kind != kind)
        w->good = false;
    return w->good;
}

/* The comment behind `at` on the same line, without its mark; malloc'ed, NULL: none. A comma may
 * stand between. */
static char *comment_behind(const struct config_text *text, size_t at)
{
    const char *start = text->data + at, *end;

    start += strspn(start, " \t");
    if (*start == ',')
        start += 1 + strspn(start + 1, " \t");
    if (*start == '#')
        start++;
    else if (strncmp(start, "//", 2) == 0)
        start += 2;
    else
        return NULL;
    start += strspn(start, " \t");
    end = start + strcspn(start, "\r\n");
    return strndup(start, (size_t)(end - start));
}

static void take_pin(struct walk *w, struct text_section *section)
{
    struct text_pin *pin = list_add(&section->pins, sizeof(*pin));

    if (!pin) {
        w->good = false;
        return;
    }
    *pin = (struct text_pin){.value = token_value(w->text->data, &w->token),
                             .comment = comment_behind(w->text, w->token.end),
                             .start = w->token.start,
                             .end = w->token.end,
                             .list = section->lists.count - 1};
    w->good = w->good && pin->value;
}

/* What follows an equals sign; `list` is NULL when it is no list of pins. */
static void take_values(struct walk *w, struct text_section *section, struct text_list *list)
{
    bool braces = w->token.kind == '{';

    if (list) {
        list->braces = braces;
        list->open = w->token.start;
    }
    if (braces)
        advance(w);
    while (w->good && w->token.kind != '}' && w->token.kind != TOKEN_END) {
        if (list && w->token.kind == TOKEN_WORD)
            take_pin(w, section);
        if (!braces)
            break;
        advance(w);
    }
    if (braces)
        expect(w, '}');
    if (list)
        list->end = w->token.end;
    advance(w);
}

static bool is_word(const struct walk *w, const struct token *token, const char *word)
{
    return token->end - token->start == strlen(word) &&
           memcmp(w->text->data + token->start, word, strlen(word)) == 0;
}

static void take_option(struct walk *w, struct text_section *section)
{
    struct token name = w->token;
    bool backup = is_word(w, &name, "backup_pins");
    struct text_list *list = NULL;

    advance(w);
    if (!expect(w, '='))
        return;
    advance(w);
    if (section && (backup || is_word(w, &name, "pins"))) {
        list = list_add(&section->lists, sizeof(*list));
        if (!list) {
            w->good = false;
            return;
        }
        *list = (struct text_list){.backup = backup, .start = name.start};
    }
    take_values(w, section, list);
}

/* "domain TITLE {" has been passed but for its brace. */
static void take_domain(struct walk *w, size_t start, char *title, const char *program)
{
    struct text_section *section = list_add(&w->text->sections, sizeof(*section));

    if (!section) {
        free(title);
        w->good = false;
        return;
    }
    section->title = title;
    section->program = program ? strdup(program) : NULL;
    section->start = start;
    section->open = w->token.start;
    section->line = w->token.line;
    w->good = w->good && (section->program || !program);
    advance(w);
    while (w->good && w->token.kind == TOKEN_WORD)
        take_option(w, section);
    section->end = w->token.end;
    if (expect(w, '}'))
        advance(w);
}

static void take_statements(struct walk *w, const char *program)
{
    while (w->good && w->token.kind == TOKEN_WORD) {
        struct token first = w->token;
        struct token_reader before = w->reader;
        char *title;

        advance(w);
        if (w->token.kind != TOKEN_WORD) {
            w->token = first;
            w->reader = before;
            take_option(w, NULL);
            continue;
        }
        title = token_value(w->text->data, &w->token);
        advance(w);
        if (!title || !expect(w, '{')) {
            w->good = false;
            free(title);
        } else if (is_word(w, &first, "domain")) {
            take_domain(w, first.start, title, program);
        } else {
            advance(w);
            if (program) /* they do not nest */
                w->good = false;
            take_statements(w, title);
            free(title);
            if (expect(w, '}'))
                advance(w);
        }
    }
}

bool config_text_read(const char *data, size_t length, struct config_text *out)
{
    struct walk w = {.text = out, .good = true};

    *out = (struct config_text){.data = malloc(length + 1), .length = length};
    if (!out->data)
        return false;
    memcpy(out->data, data, length);
    out->data[length] = '\0';
    w.reader = (struct token_reader){.data = out->data, .length = length, .line = 1};
    advance(&w);
    take_statements(&w, NULL);
    return w.good && w.token.kind == TOKEN_END;
}

void config_text_free(struct config_text *text)
{
    struct text_section *section = text->sections.items;

    for (size_t i = 0; i < text->sections.count; i++) {
        struct text_pin *pin = section[i].pins.items;

        for (size_t k = 0; k < section[i].pins.count; k++) {
            free(pin[k].value);
            free(pin[k].comment);
        }
        free(pin);
        free(section[i].lists.items);
        free(section[i].title);
        free(section[i].program);
    }
    free(section);
    free(text->data);
    *text = (struct config_text){0};
}
