#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/confuse.h"
#include "config/directory.h"
#include "config/grammar.h"
#include "config/response_check.h"
#include "config/sources.h"
#include "config/store.h"
#include "config/text.h"
#include "config/trial.h"
#include "config/trust.h"

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

/* One config while it is loaded. */
struct loading {
    const struct confuse *confuse;
    struct reader reader;
    struct builder builder;
    struct config *out;
    const struct config_trial *trials;
    size_t trial_count;
};

static bool short_of_memory(struct config_error *error)
{
    snprintf(error->text, sizeof error->text, "there is not enough memory to read it");
    return false;
}

/* Errors that come next are about this file. */
static void speak_of(struct loading *l, uint32_t file)
{
    struct config_error *error = l->reader.error;
    char *const *files = l->builder.files.items;

    l->reader.file = file;
    error->line = 0;
    snprintf(error->file, sizeof error->file, "%s", files[file]);
}

/* Adds a file to those that errors and origins name; `path` is handed over, NULL: no memory. */
static bool add_file(struct loading *l, char *path)
{
    char **file = path == NULL ? NULL : list_add(&l->builder.files, sizeof *file);

    if (file == NULL) {
        free(path);
        return short_of_memory(l->reader.error);
    }
    *file = path;
    speak_of(l, (uint32_t)l->builder.files.count - 1);
    return true;
}

/* The text of a file, NUL-terminated; as trusted_read. */
static char *read_text(struct loading *l, const char *path, size_t *length, bool *unreadable)
{
    const struct config_trial *trial = trial_find(l->trials, l->trial_count, path);
    struct config_error *error = l->reader.error;
    char *text;

    if (trial == NULL)
        return (char *)trusted_read(path, l->reader.user, CONFIG_LIMIT, length, error->text,
                                    sizeof error->text, unreadable);
    text = trial_text(trial);
    *length = trial->length;
    if (text == NULL)
        short_of_memory(error);
    return text;
}

/* Reads the file that was added last. */
static bool read_file(struct loading *l, bool *unreadable)
{
    struct config_error *error = l->reader.error;
    char *const *files = l->builder.files.items;
    const char *path = files[l->reader.file];
    struct scan scan = {0};
    size_t length = 0;
    char *text;
    bool good;

    if (!sources_add(l->reader.sources, path))
        return short_of_memory(error);
    text = read_text(l, path, &length, unreadable);
    if (text != NULL)
        sources_read(l->reader.sources, length);
    good = text != NULL && config_scan(text, length, &scan, error);
    if (good && l->confuse->handle == NULL) {
        snprintf(error->text, sizeof error->text, "%s", l->confuse->why);
        good = false;
    } else if (good) {
        good = grammar_read(l->confuse, text, &scan, &l->reader);
    }
    free(scan.lines);
    free(text);
    return good;
}

static bool read_includes(struct loading *l)
{
    struct reader *r = &l->reader;
    struct config_error *error = r->error;
    struct list names = {NULL, 0, 0};
    char why[300];
    bool good = true;

    if (r->include == NULL)
        return true;
    if (!sources_add(r->sources, r->include))
        return short_of_memory(error);
    if (!directory_list(r->include, r->user, ".conf", &names, why, sizeof why)) {
        error->line = r->include_line;
        snprintf(error->text, sizeof error->text, "include_dir \"%.150s\": %s%s", r->include, why,
                 access(r->include, F_OK) != 0 && errno == ENOENT ? "; make that directory" : "");
        good = false;
    }
    good = good &&
           (trial_apply(l->trials, l->trial_count, r->include, &names) || short_of_memory(error));
    for (size_t i = 0; good && i < names.count; i++)
        good =
            add_file(l, path_inside(r->include, ((char **)names.items)[i])) && read_file(l, NULL);
    list_free_strings(&names);
    return good;
}

static bool resolve(struct loading *l, const struct store *store,
                    const struct store_reference *reference)
{
    struct section_draft *section =
        (struct section_draft *)l->builder.sections.items + reference->section;
    struct policy_pin *pins = (reference->backup ? &section->backups : &section->pins)->items;
    struct config_error *error = l->reader.error;
    char why[400];
    struct pin pin;
    bool good =
        store_find(store, reference->id, l->reader.user, l->reader.sources, &pin, why, sizeof why);

    speak_of(l, reference->file);
    if (!good) {
        error->line = reference->line;
        snprintf(error->text, sizeof error->text, "%s \"store:%s\": %s",
                 reference->backup ? "backup_pins" : "pins", reference->id, why);
    } else {
        memcpy(pins[reference->pin].digest, pin.digest, sizeof pin.digest);
        good =
            builder_pin_file(&l->builder, reference->section, reference->line, l->reader.sources) ||
            short_of_memory(error);
    }
    return good;
}

/* Looks up all `store:` pins. */
static bool read_store(struct loading *l)
{
    struct reader *r = &l->reader;
    const struct store_reference *references = r->references.items;
    struct store store = {0};
    char why[300];
    bool good;

    if (r->store == NULL)
        r->store = path_beside(r->path, "store");
    if (r->store == NULL)
        return short_of_memory(r->error);
    if (r->references.count == 0)
        return true;
    if (!sources_add(r->sources, r->store))
        return short_of_memory(r->error);
    good = store_open(&store, r->store, r->user, why, sizeof why);
    if (!good) {
        speak_of(l, references[0].file);
        r->error->line = references[0].line;
        snprintf(r->error->text, sizeof r->error->text, "\"store:%s\": store \"%.150s\": %s%s",
                 references[0].id, r->store, why,
                 access(r->store, F_OK) != 0 && errno == ENOENT ? STORE_MEND : "");
    }
    for (size_t i = 0; good && i < r->references.count; i++)
        good = resolve(l, &store, &references[i]);
    store_close(&store);
    return good;
}

/* Does anything in this scope ask for a chain up to the default trust anchors? */
static bool wants_default_anchors(const struct builder *builder, uint32_t index)
{
    const struct scope_draft *top = builder->scopes.items, *scope = top + index;
    uint8_t checks = scope->verify != VERIFY_UNSET ? scope->verify : top->verify;

    if (top->trust_anchors != NULL || scope->trust_anchors != NULL)
        return false;
    if (checks == VERIFY_UNSET)
        checks = 0;
    return ((checks | scope->checks | top->checks) & VERIFY_CHAIN) != 0;
}

/* `verify = {"chain"}` without anchors would refuse everybody. */
static bool check_anchors(struct loading *l)
{
    struct reader *r = &l->reader;
    bool wanted = false;
    char why[300];

    for (uint32_t i = 0; r->chain_line != 0 && i < l->builder.scopes.count; i++)
        wanted |= wants_default_anchors(&l->builder, i);
    if (!wanted)
        return true;
    if (trusted_path(TRUST_ANCHORS, r->user, why, sizeof why))
        return true;
    speak_of(l, r->chain_file);
    r->error->line = r->chain_line;
    snprintf(r->error->text, sizeof r->error->text,
             "verify \"chain\" needs %s: %s; install ca-certificates, or name trust_anchors",
             TRUST_ANCHORS, why);
    return false;
}

static bool load(struct loading *l)
{
    struct reader *r = &l->reader;
    bool good = add_file(l, strdup(r->path)) && read_file(l, &r->error->unreadable);

    keep_events(&l->builder, l->out);
    return good && read_includes(l) && read_store(l) && check_anchors(l) &&
           responses_check(&l->builder, r->error) && default_events(&l->builder) &&
           builder_finish(&l->builder, l->out, r->error);
}

/* Hands the caller where the rest of a config lies. */
static void keep_places(struct reader *r, struct config *out)
{
    out->include_dir = r->include;
    out->store = r->store;
    r->include = r->store = NULL;
}

static bool load_as(const char *path, uid_t user, const struct loading *as, struct config *out,
                    struct config_error *error)
{
    struct loading *l = calloc(1, sizeof *l);
    bool good = false;

    memset(out, 0, sizeof *out);
    memset(error, 0, sizeof *error);
    snprintf(error->file, sizeof error->file, "%s", path);
    short_of_memory(error);
    if (l != NULL && builder_init(&l->builder)) {
        l->confuse = as->confuse;
        l->trials = as->trials;
        l->trial_count = as->trial_count;
        l->out = out;
        l->reader = (struct reader){.builder = &l->builder,
                                    .error = error,
                                    .user = user,
                                    .path = path,
                                    .sources = &out->sources};
        good = load(l);
        keep_places(&l->reader, out);
        reader_free(&l->reader);
        builder_free(&l->builder);
    }
    free(l);
    return good;
}

bool config_load_with(const struct confuse *confuse, const char *path, uid_t user,
                      struct config *out, struct config_error *error)
{
    return load_as(path, user, &(struct loading){.confuse = confuse}, out, error);
}

bool config_load_trial(const char *path, uid_t user, const struct config_trial *trials,
                       size_t count, struct config *out, struct config_error *error)
{
    struct confuse confuse;
    bool good;

    confuse_open(&confuse);
    good = load_as(path, user,
                   &(struct loading){.confuse = &confuse, .trials = trials, .trial_count = count},
                   out, error);
    confuse_close(&confuse);
    return good;
}

bool config_load(const char *path, uid_t user, struct config *out, struct config_error *error)
{
    return config_load_trial(path, user, NULL, 0, out, error);
}

void config_free(struct config *config)
{
    for (size_t i = 0; config->events != NULL && config->events[i] != NULL; i++)
        free(config->events[i]);
    free(config->events);
    free(config->origins);
    free(config->programs);
    free(config->pin_files.items);
    list_free_strings(&config->files);
    sources_free(&config->sources);
    free(config->include_dir);
    free(config->store);
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
