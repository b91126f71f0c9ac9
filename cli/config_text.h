/* A config file as text: where its domain sections and their pins stand, and changes that leave
 * everything else, comments and layout too, as a person wrote it.
 *
 * What the text means is for config_load to say: it judges every changed text before it is put in
 * place. This only finds the places. */
#ifndef PINSHIM_CLI_CONFIG_TEXT_H
#define PINSHIM_CLI_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/list.h"

/* One pin: a string within `pins` or `backup_pins`. */
struct text_pin {
    char *value;   /* malloc'ed; without quotes and escapes */
    char *comment; /* malloc'ed; the comment behind it on its line, without its mark. NULL: none */
    size_t start, end; /* octets of the text */
    size_t list;       /* index into the section's lists */
};

/* `pins = {…}`, or with one value and no braces. */
struct text_list {
    bool backup, braces;
    size_t start; /* of the option's name */
    size_t open;  /* of what follows the equals sign */
    size_t end;   /* behind the last octet */
};

/* One `domain` section. */
struct text_section {
    char *title;       /* malloc'ed; without quotes and escapes */
    char *program;     /* malloc'ed; NULL: not inside a program section */
    unsigned line;     /* of its opening brace, as config_origin has it */
    size_t start;      /* of the word "domain" */
    size_t open, end;  /* of its opening brace, and behind its closing one */
    struct list lists; /* struct text_list */
    struct list pins;  /* struct text_pin, in the order of the text */
};

struct config_text {
    char *data; /* malloc'ed, NUL-terminated */
    size_t length;
    struct list sections; /* struct text_section */
};

/* Finds the sections in `length` octets, which it copies. False when memory is short, or the text
 * is none that config_load takes. Free with config_text_free in either case. */
bool config_text_read(const char *data, size_t length, struct config_text *out);
void config_text_free(struct config_text *text);

/* The changes. Each makes the text anew: indices stay, pointers into it do not. False when memory
 * is short; then nothing has changed. */

/* Adds a pin to `pins` or `backup_pins` of a section, behind the others, on a line of its own.
 * `comment`: one line, put behind it; NULL: none. */
bool config_text_add_pin(struct config_text *text, size_t section, const char *pin, bool backup,
                         const char *comment);

/* Takes a pin out, with what stands behind it on its line when it has that to itself. The last one
 * of a list takes the list along; comments on lines of their own stay. */
bool config_text_remove_pin(struct config_text *text, size_t section, size_t pin);

/* Takes a section out, from the word "domain" to its closing brace. */
bool config_text_remove_section(struct config_text *text, size_t section);

/* Adds text at the end, as lines of its own. */
bool config_text_append(struct config_text *text, const char *lines);

/* Is there nothing but white space? */
bool config_text_blank(const struct config_text *text);

#endif
