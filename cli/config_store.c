#include "cli/config_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/directory.h"
#include "config/grammar.h"
#include "config/trust.h"

/* `text` is changed. */
static bool read_places(char *text, size_t length, struct reader *reader)
{
    struct confuse confuse;
    struct scan scan = {0};
    bool good = config_scan(text, length, &scan, reader->error);

    if (good && !(good = confuse_open(&confuse)))
        snprintf(reader->error->text, sizeof(reader->error->text), "%s", confuse.why);
    else if (good) {
        good = grammar_read(&confuse, text, &scan, reader);
        confuse_close(&confuse);
    }
    free(scan.lines);
    return good;
}

bool config_store(const char *path, uid_t user, char **store, struct config_error *error)
{
    struct builder builder;
    struct reader reader = {
        .builder = &builder, .error = error, .user = user, .path = path, .places_only = true};
    size_t length = 0;
    char *text;
    bool good;

    *error = (struct config_error){.text = "there is not enough memory to read it"};
    snprintf(error->file, sizeof(error->file), "%s", path);
    text = (char *)trusted_read(path, user, CONFIG_LIMIT, &length, error->text, sizeof(error->text),
                                &error->unreadable);
    good = text && builder_init(&builder);
    if (good) {
        good = read_places(text, length, &reader);
        builder_free(&builder);
    }
    *store = reader.store;
    reader.store = NULL;
    if (good && !*store)
        good = (*store = path_beside(path, "store"));
    if (!good) {
        free(*store);
        *store = NULL;
    }
    reader_free(&reader);
    free(text);
    return good;
}
