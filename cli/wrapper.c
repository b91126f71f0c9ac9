#include "cli/wrapper.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/list.h"
#include "config/trust.h"

/* Nobody's wrapper is longer. */
#define SCRIPT_LIMIT ((size_t)1 << 20)
#define WORD_SIZE 4096

struct variable {
    char *name;
    char *value; /* NULL: set more than once, or to what is not known */
};

struct script {
    struct list variables; /* struct variable */
};

#define BLANKS " \t"

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static struct variable *find(const struct script *script, const char *name, size_t length)
{
    struct variable *items = script->variables.items;

    for (size_t i = 0; i < script->variables.count; i++)
        if (strlen(items[i].name) == length && memcmp(items[i].name, name, length) == 0)
            return &items[i];
    return NULL;
}

/* Puts the value of the variable at **text ("$NAME", "${NAME}") behind out. */
static bool expand(const struct script *script, const char **text, char out[WORD_SIZE], size_t *n)
{
    const char *name = *text + 1;
    bool braces = *name == '{';
    const struct variable *variable;
    size_t length = 0;

    name += braces;
    while (is_name(name[length]))
        length++;
    if (length == 0 || (braces && name[length] != '}'))
        return false;
    variable = find(script, name, length);
    if (!variable || !variable->value || *n + strlen(variable->value) >= WORD_SIZE)
        return false;
    *n += (size_t)sprintf(out + *n, "%s", variable->value);
    *text = name + length + braces;
    return true;
}

/* Reads one word of the shell's at *text, quotes taken away and variables put in. False when it is
 * more than that. */
static bool read_word(const struct script *script, const char **text, char out[WORD_SIZE])
{
    const char *at = *text;
    char quote = '\0';
    size_t n = 0;

    out[0] = '\0';
    while (*at && (quote || !strchr(BLANKS ";&|", *at))) {
        if (*at == '$' && quote != '\'') {
            if (!expand(script, &at, out, &n))
                return false;
        } else if ((*at == '"' || *at == '\'') && (!quote || quote == *at)) {
            quote = quote ? '\0' : *at;
            at++;
        } else if (n + 1 >= WORD_SIZE || (quote != '\'' && strchr("`\\*?[<>()#~", *at))) {
            return false;
        } else {
            out[n++] = *at++;
        }
    }
    out[n] = '\0';
    *text = at;
    return !quote && n > 0;
}

/* NAME=VALUE at the start of a line. */
static bool take_assignment(struct script *script, const char *line)
{
    char value[WORD_SIZE];
    struct variable *variable;
    size_t length = 0;

    if (strncmp(line, "export ", 7) == 0)
        line += 7;
    while (is_name(line[length]))
        length++;
    if (length == 0 || line[length] != '=' || isdigit((unsigned char)line[0]))
        return true;
    variable = find(script, line, length);
    if (variable) {
        free(variable->value);
        variable->value = NULL;
        return true;
    }
    variable = list_add(&script->variables, sizeof(*variable));
    if (!variable)
        return false;
    variable->name = strndup(line, length);
    line += length + 1;
    if (variable->name && read_word(script, &line, value) && line[strspn(line, BLANKS ";")] == '\0')
        variable->value = strdup(value);
    return variable->name != NULL;
}

/* What stands behind `exec` on the line, where that is a command: at its start, or behind another
 * one. NULL: no exec. */
static const char *find_exec(const char *line)
{
    static const char *const before[] = {"&&", "||", ";", "then", "else", "do", "{", "("};

    for (const char *at = line; (at = strstr(at, "exec")); at++) {
        size_t length = (size_t)(at - line);

        if (!strchr(BLANKS, at[4]) || at[4] == '\0')
            continue;
        while (length > 0 && strchr(BLANKS, line[length - 1]))
            length--;
        if (length == 0)
            return at + 4;
        for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
            size_t n = strlen(before[i]);

            if (length >= n && memcmp(line + length - n, before[i], n) == 0)
                return at + 4;
        }
    }
    return NULL;
}

/* The program behind `exec`: not its options, nor env and its assignments, nor a redirection. */
static bool read_target(const struct script *script, const char *text, char out[WORD_SIZE])
{
    for (;;) {
        const char *start = text + strspn(text, BLANKS);
        bool name_follows;

        text = start;
        if (strncmp(text, "-a ", 3) == 0) {
            text += 3 + strspn(text + 3, BLANKS);
            if (!read_word(script, &text, out))
                return false;
            continue;
        }
        if (!read_word(script, &text, out))
            return false;
        name_follows = strcmp(out, "--") == 0 || strcmp(out, "env") == 0 ||
                       strcmp(out, "/usr/bin/env") == 0 || strchr(out, '=');
        if (!name_follows)
            return out[0] != '-';
    }
}

static bool is_redirection(const char *text)
{
    text += strspn(text, BLANKS);
    text += strspn(text, "0123456789");
    return *text == '<' || *text == '>' || *text == '\0';
}

static char *search(struct script *script, char *text)
{
    char *line, word[WORD_SIZE], *found = NULL;

    while ((line = strsep(&text, "\n"))) {
        const char *target;

        line += strspn(line, BLANKS);
        if (*line == '#')
            continue;
        target = find_exec(line);
        if (!target) {
            if (!take_assignment(script, line))
                break;
            continue;
        }
        if (is_redirection(target))
            continue;
        if (!read_target(script, target, word) || (found && strcmp(found, word) != 0)) {
            free(found);
            return NULL;
        }
        if (!found)
            found = strdup(word);
    }
    return found;
}

char *wrapper_target(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct script script = {0};
    char why[128], *text = NULL, *found = NULL;
    size_t length;

    if (fd >= 0) {
        text = (char *)read_whole(fd, SCRIPT_LIMIT, &length, why, sizeof(why));
        close(fd);
    }
    if (text && !memchr(text, 0, length))
        found = search(&script, text);
    for (size_t i = 0; i < script.variables.count; i++) {
        free(((struct variable *)script.variables.items)[i].name);
        free(((struct variable *)script.variables.items)[i].value);
    }
    free(script.variables.items);
    free(text);
    return found;
}
