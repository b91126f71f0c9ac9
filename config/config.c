#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/confuse.h"
#include "config/grammar.h"
#include "config/text.h"
#include "config/trust.h"

/* 100,000 sections take some 20 MB. */
#define CONFIG_LIMIT (64u * 1024 * 1024)

/* Hands what `events` said to the caller, broken config or not. */
static void keep_events(struct builder *builder, struct config *out)
{
    struct scope_draft *top = builder->scopes.items;
    char **sinks = top->sinks.items;

    if (!top->sinks_set || (out->events = calloc(top->sinks.count + 1, sizeof(char *))) == NULL)
        return;
    for (size_t i = 0; i < top->sinks.count; i++)
        out->events[i] = strdup(sinks[i]);
}

/* `events` not given at all means stderr. */
static bool default_events(struct builder *builder)
{
    struct scope_draft *top = builder->scopes.items;
    char **sink;

    if (top->sinks_set)
        return true;
    top->sinks_set = true;
    sink = list_add(&top->sinks, sizeof *sink);
    return sink != NULL && (*sink = strdup("stderr")) != NULL;
}

static bool load_text(const struct confuse *confuse, char *text, size_t length,
                      struct reader *reader, struct config *out)
{
    struct config_error *error = reader->error;
    struct scan scan = {0};
    bool good = config_scan(text, length, &scan, error);

    if (good && confuse->handle == NULL) {
        snprintf(error->text, sizeof error->text, "%s", confuse->why);
        good = false;
    } else if (good) {
        good = grammar_read(confuse, text, &scan, reader);
        keep_events(reader->builder, out);
    }
    free(scan.lines);
    return good && default_events(reader->builder) && builder_finish(reader->builder, out, error);
}

bool config_load_with(const struct confuse *confuse, const char *path, uid_t user,
                      struct config *out, struct config_error *error)
{
    struct builder builder;
    struct reader reader = {.builder = &builder, .error = error, .user = user, .path = path};
    size_t length = 0;
    char *text;
    bool good = false;

    memset(out, 0, sizeof *out);
    memset(error, 0, sizeof *error);
    snprintf(error->file, sizeof error->file, "%s", path);
    snprintf(error->text, sizeof error->text, "there is not enough memory to read it");
    if (!builder_init(&builder))
        return false;
    text = (char *)trusted_read(path, user, CONFIG_LIMIT, &length, error->text, sizeof error->text,
                                &error->unreadable);
    if (text != NULL)
        good = load_text(confuse, text, length, &reader, out);
    free(text);
    builder_free(&builder);
    return good;
}

bool config_load(const char *path, uid_t user, struct config *out, struct config_error *error)
{
    struct confuse confuse;
    bool good;

    confuse_open(&confuse);
    good = config_load_with(&confuse, path, user, out, error);
    confuse_close(&confuse);
    return good;
}

void config_free(struct config *config)
{
    for (size_t i = 0; config->events != NULL && config->events[i] != NULL; i++)
        free(config->events[i]);
    free(config->events);
    free(config->origins);
    free(config->policy);
    memset(config, 0, sizeof *config);
}

void config_error_format(const struct config_error *error, char *out, size_t size)
{
    struct text text;

    text_init(&text, out, size);
    text_add_printable(&text, error->file);
    if (error->line > 0) {
        text_add_char(&text, ':');
        text_add_number(&text, error->line);
    }
    text_add(&text, ": ");
    text_add_printable(&text, error->text);
}
