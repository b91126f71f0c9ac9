#include "shim/policy_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "config/config.h"
#include "config/confuse.h"
#include "config/directory.h"
#include "config/program.h"
#include "config/sink_name.h"
#include "config/sources.h"
#include "config/text.h"
#include "shim/environment.h"
#include "shim/event.h"
#include "shim/loaded.h"
#include "shim/opener.h"
#include "shim/sink.h"

static bool environment_wrong; /* and so the policy broken, whatever the config says */

/* Why the last try failed, as it was told; "" when it did not. The next look tries again whatever
 * stat says: what was wrong need not show there (a directory's mode, a want of descriptors). */
static char trouble[PROBLEM_SIZE];

static void add_environment_sinks(char *why, size_t size)
{
    char *list = environment.events, *next;
    char reason[128];

    for (char *sink = list; sink != NULL; sink = next) {
        next = strchr(sink, ',');
        if (next != NULL)
            *next++ = '\0';
        bool good = config_sink_valid(sink, reason, sizeof reason);
        if (good && !sink_add(sink)) {
            good = false;
            snprintf(reason, sizeof reason, SINKS_TOO_MANY);
        }
        if (!good && why[0] == '\0')
            snprintf(why, size, "PINSHIM_EVENTS \"%.100s\": %s", sink, reason);
    }
}

/* Opens the sinks that the environment names, else the policy's, else stderr. */
static void open_sinks(const struct policy_view *view, const struct config *config, char *why,
                       size_t size)
{
    if (environment.events != NULL) {
        add_environment_sinks(why, size);
        if (why[0] != '\0')
            sink_add("stderr");
    } else if (view != NULL) {
        for (uint32_t i = 0; i < policy_sink_count(view); i++)
            sink_add(policy_sink(view, i));
    } else if (config->events != NULL) {
        for (char **sink = config->events; *sink != NULL; sink++)
            sink_add(*sink);
    } else {
        sink_add("stderr");
    }
}

/* Notes the trouble, and tells of it on stderr and in the events. */
static void tell(const struct config_error *error, enum mode mode, const char *more)
{
    char *line = malloc(PROBLEM_SIZE + 100);
    struct text text;

    config_error_format(error, trouble, sizeof trouble);
    if (line != NULL) {
        text_init(&text, line, PROBLEM_SIZE + 99);
        text_add(&text, "pinshim: ");
        text_add(&text, trouble);
        text_add(&text, more);
        line[text.length++] = '\n';
        sink_write_stderr(line, text.length);
        free(line);
    }
    event_config_error(error->file, error->line, error->text, mode);
}

/* A session is remembered as verified only by this process under this policy. */
static uint64_t make_salt(void)
{
    uint64_t salt;

    if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) != sizeof salt)
        salt = (uint64_t)(uintptr_t)&salt ^ (uint64_t)getpid() << 32;
    return salt;
}

static void explain_environment(struct config_error *error, const char *text)
{
    snprintf(error->file, sizeof error->file, "environment");
    error->line = 0;
    snprintf(error->text, sizeof error->text, "%s", text);
}

/* Read where any handshake may ask for all of them; else only a pinned root may be among them. */
static bool take_anchors(struct loaded *loaded)
{
    char *path;
    bool whole = policy_wants_anchors(&loaded->view);

    if (!whole && !policy_pins_cas(&loaded->view))
        return true;
    path = path_beside(environment.config, policy_trust_anchors(&loaded->view));
    if (path != NULL)
        loaded->anchors = anchors_open(path, geteuid(), whole);
    if (loaded->anchors != NULL)
        sources_add(&loaded->sources, path);
    free(path);
    return loaded->anchors != NULL;
}

static void take_sources(struct loaded *loaded, struct list *sources)
{
    loaded->sources = *sources;
    *sources = (struct list){NULL, 0, 0};
}

/* A compiled form is watched as well, be it one that is not used, or not there yet. */
static void watch_image(struct loaded *loaded)
{
    char *path = environment.config != NULL ? image_path(environment.config) : NULL;

    if (path != NULL)
        sources_add(&loaded->sources, path);
    free(path);
}

static bool take_view(struct loaded *loaded, const struct policy *policy,
                      struct config_error *error)
{
    loaded->view = (struct policy_view){.policy = policy, .override = environment.mode};
    loaded->view.scope = program_scope(policy, environment.executable, environment.program);
    loaded->session_salt = make_salt();
    if (policy_redirects(&loaded->view))
        opener_remember();
    if (take_anchors(loaded))
        return true;
    snprintf(error->file, sizeof error->file, "%s", environment.config);
    error->line = 0;
    snprintf(
        error->text, sizeof error->text,
        "there is not enough memory, or are not enough descriptors, to read the trust anchors");
    return false;
}

static bool take_image(struct loaded *loaded, struct policy_reader *reader,
                       struct config_error *error)
{
    loaded->image = reader->image;
    reader->image = NULL;
    take_sources(loaded, &loaded->image->sources);
    if (!take_view(loaded, loaded->image->policy, error))
        return false;
    loaded->view.image = loaded->image->mapped ? loaded->image : NULL;
    memcpy(loaded->policy_id, loaded->image->id, sizeof loaded->policy_id);
    return true;
}

/* Reads the policy into `loaded`, from its compiled form where there is a good one. The sources are
 * there in any case. */
static bool read_policy(struct policy_reader *reader, struct loaded *loaded, struct config *config,
                        struct config_error *error)
{
    struct policy *policy;
    bool good = false;

    if (environment.config == NULL || reader == NULL) {
        explain_environment(error, "there is not enough memory to read the policy");
        return false;
    }
    if (reader->image != NULL) {
        good = take_image(loaded, reader, error);
    } else {
        good = config_load_with(&reader->confuse, environment.config, geteuid(), config, error);
        policy = config->policy;
        config->policy = NULL;
        take_sources(loaded, &config->sources);
        if (good) {
            good = take_view(loaded, policy, error);
            policy_id(policy, loaded->policy_id);
        }
    }
    watch_image(loaded);
    return good;
}

/* Says why the compiled form is not used. */
static void tell_refused_image(const struct policy_reader *reader, const struct policy_view *view)
{
    char *path = image_path(environment.config);

    if (path != NULL && reader->refused[0] != '\0')
        event_config_error(path, 0, reader->refused, policy_strictest_mode(view));
    free(path);
}

static enum runtime_state first_load(struct policy_reader *reader, struct loaded *loaded,
                                     struct config *config, struct config_error *error)
{
    bool good = read_policy(reader, loaded, config, error);
    char why[300] = "";

    /* Off is silent even about a broken config, unless a good one says lock_mode. */
    if (good ? policy_strictest_mode(&loaded->view) == MODE_OFF : environment.mode == MODE_OFF) {
        loaded_break(loaded);
        return RUNTIME_SLEEPING;
    }
    open_sinks(good ? &loaded->view : NULL, config, why, sizeof why);
    if (environment.bad_mode != NULL)
        snprintf(why, sizeof why, "PINSHIM_MODE \"%.100s\": write off, audit or enforce",
                 environment.bad_mode);
    if (good && why[0] == '\0') {
        loaded_publish(loaded);
        tell_refused_image(reader, &loaded->view);
        event_policy(loaded);
        return RUNTIME_ACTIVE;
    }
    environment_wrong = why[0] != '\0';
    if (good)
        explain_environment(error, why);
    loaded_break(loaded);
    /* An environment that is wrong cannot be believed to have meant audit. */
    if (why[0] == '\0' && environment.mode == MODE_AUDIT)
        loaded->broken_mode = MODE_AUDIT;
    tell(error, loaded->broken_mode, "");
    strcpy(loaded->problem, trouble);
    loaded_publish(loaded);
    return loaded->broken_mode == MODE_AUDIT ? RUNTIME_SLEEPING : RUNTIME_BROKEN;
}

struct policy_reader *policy_reader_open(bool compiled)
{
    struct policy_reader *reader = calloc(1, sizeof *reader);
    char *path = environment.config != NULL ? image_path(environment.config) : NULL;

    if (reader != NULL && path != NULL && compiled &&
        image_open(path, environment.config, geteuid(), &reader->image, reader->refused,
                   sizeof reader->refused) != IMAGE_REFUSED)
        reader->refused[0] = '\0';
    if (reader != NULL && reader->image == NULL)
        confuse_open(&reader->confuse);
    free(path);
    return reader;
}

void policy_reader_close(struct policy_reader *reader)
{
    if (reader == NULL)
        return;
    image_close(reader->image);
    confuse_close(&reader->confuse);
    free(reader);
}

enum runtime_state policy_load(struct policy_reader *reader)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_error *error = calloc(1, sizeof *error);
    struct loaded *loaded = loaded_new();
    enum runtime_state state = RUNTIME_BROKEN;

    environment_parse();
    if (config != NULL && error != NULL) {
        state = first_load(reader, loaded, config, error);
        config_free(config);
    } else {
        strcpy(loaded->problem, "there is not enough memory to read the policy");
        loaded_publish(loaded);
        if (environment.bad_mode == NULL &&
            (environment.mode == MODE_AUDIT || environment.mode == MODE_OFF))
            state = RUNTIME_SLEEPING;
    }
    free(config);
    free(error);
    return state;
}

bool policy_changed(void)
{
    struct loaded *loaded = loaded_acquire();
    /* What is wrong with the environment stays wrong. */
    bool changed = !environment_wrong && loaded != NULL && environment_sees_config() &&
                   (trouble[0] != '\0' || sources_changed(&loaded->sources));

    loaded_release(loaded);
    return changed;
}

/* A changed policy may have other sinks. */
static void replace_sinks(const struct policy_view *view)
{
    const char *names[SINKS_MAX];
    unsigned count = 0;

    for (uint32_t i = 0; i < policy_sink_count(view) && count < SINKS_MAX; i++)
        names[count++] = policy_sink(view, i);
    sink_replace(names, count);
}

/* A file that had something in it and is empty is, as often as not, about to be written. */
static bool was_emptied(const struct loaded *old, const struct loaded *loaded,
                        struct config_error *error)
{
    const char *path = sources_emptied(&old->sources, &loaded->sources);

    if (path == NULL)
        return false;
    snprintf(error->file, sizeof error->file, "%s", path);
    error->line = 0;
    snprintf(error->text, sizeof error->text,
             "it is empty, and was not before; if it is to be, write a comment into it");
    return true;
}

/* What was in force before this one stays there, where it can; it is told once. */
static void keep_old(struct loaded *old, struct loaded *loaded, const struct config_error *error)
{
    enum mode mode =
        old->view.policy != NULL ? policy_strictest_mode(&old->view) : old->broken_mode;
    bool usable = old->view.policy != NULL && !loaded_damaged(old);

    loaded_break(loaded);
    config_error_format(error, loaded->problem, sizeof loaded->problem);
    if (strcmp(loaded->problem, trouble) != 0)
        tell(error, mode, usable ? "; the policy that was loaded before stays in force" : "");
    else if (!loaded_damaged(old))
        return;
    if (!usable) { /* refusals give the reason as it is now */
        loaded->broken_mode = mode;
        sources_free(&loaded->sources);
        take_sources(loaded, &old->sources);
        loaded_publish(loaded);
    }
}

/* Was nothing changed but the files' times? Then what was verified stays so. */
static bool is_same(const struct loaded *old, const struct loaded *loaded)
{
    return strcmp(loaded->policy_id, old->policy_id) == 0 &&
           loaded->view.scope == old->view.scope && anchors_same(old->anchors, loaded->anchors);
}

static void put_in_place(const struct policy_reader *reader, const struct loaded *old,
                         struct loaded *loaded)
{
    bool same = is_same(old, loaded), mended = trouble[0] != '\0';

    trouble[0] = '\0';
    if (same)
        loaded->session_salt = old->session_salt;
    else if (environment.events == NULL)
        replace_sinks(&loaded->view);
    loaded_publish(loaded);
    tell_refused_image(reader, &loaded->view);
    if (!same || mended)
        event_policy(loaded);
}

static bool reload_into(struct policy_reader *reader, struct loaded *old, struct loaded *loaded,
                        struct config *config, struct config_error *error)
{
    if (!read_policy(reader, loaded, config, error) || was_emptied(old, loaded, error)) {
        keep_old(old, loaded, error);
        return false;
    }
    put_in_place(reader, old, loaded);
    return true;
}

/* The policy has changed and cannot be taken in; it is told once, with no memory but our own. */
static void tell_no_room(const struct loaded *old)
{
    static struct config_error error;

    snprintf(error.file, sizeof error.file, "%s", environment.config);
    snprintf(error.text, sizeof error.text,
             "it cannot be read again now: there is not enough memory, or too many older policies "
             "are in use");
    if (trouble[0] == '\0')
        tell(&error,
             old->view.policy != NULL ? policy_strictest_mode(&old->view) : old->broken_mode,
             "; what was loaded before stays in force");
}

bool policy_reload(struct policy_reader *reader)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_error *error = calloc(1, sizeof *error);
    struct loaded *loaded = loaded_new(), *old = loaded_acquire();
    bool good = false;

    if (config != NULL && error != NULL && loaded != NULL) {
        good = reload_into(reader, old, loaded, config, error);
        config_free(config);
    } else if (old != NULL && environment.config != NULL) {
        tell_no_room(old);
    }
    loaded_release(old);
    loaded_sweep();
    free(config);
    free(error);
    return good;
}

void policy_replace_damaged(struct policy_reader *reader)
{
    struct loaded *loaded = loaded_acquire();
    bool damaged = loaded_damaged(loaded);

    loaded_release(loaded);
    if (!damaged) /* another thread was first */
        return;
    if (reader != NULL)
        snprintf(reader->refused, sizeof reader->refused,
                 "it is damaged; run `pinshim compile` again");
    policy_reload(reader);
}
