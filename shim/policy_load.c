#include "shim/policy_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/sources.h"
#include "config/text.h"
#include "shim/environment.h"
#include "shim/event.h"
#include "shim/loaded.h"
#include "shim/policy_sinks.h"
#include "shim/sink.h"

static bool environment_wrong; /* and so the policy broken, whatever the config says */

/* Why the last try failed, as it was told; "" when it did not. The next look tries again whatever
 * stat says: what was wrong need not show there (a directory's mode, a want of descriptors). */
static char trouble[PROBLEM_SIZE];

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

static void explain_environment(struct config_error *error, const char *text)
{
    snprintf(error->file, sizeof error->file, "environment");
    error->line = 0;
    snprintf(error->text, sizeof error->text, "%s", text);
}

/* Says why the compiled form is not used. */
static void tell_refused_image(const struct policy_reader *reader, const struct policy_view *view)
{
    char *path = image_path(environment.config);

    if (path != NULL && reader != NULL && reader->refused[0] != '\0')
        event_config_error(path, 0, reader->refused, policy_strictest_mode(view));
    free(path);
}

/* What is wrong with PINSHIM_MODE or PINSHIM_EVENTS goes to `why`; "": nothing. */
static void check_environment(char *why, size_t size)
{
    why[0] = '\0';
    policy_sinks_check(why, size);
    if (environment.bad_mode != NULL)
        snprintf(why, size, "PINSHIM_MODE \"%.100s\": write off, audit or enforce",
                 environment.bad_mode);
}

/* Off is silent, even about a broken config, unless a good one says lock_mode. An environment that
 * is wrong makes the mode enforce, also where the config says off; where it says off itself, what
 * else it says does not matter. */
static bool is_off(bool good, const struct loaded *loaded, const char *why)
{
    bool policy_is_off = good && policy_strictest_mode(&loaded->view) == MODE_OFF;

    if (environment.mode == MODE_OFF)
        return policy_is_off || !good;
    return policy_is_off && why[0] == '\0';
}

static enum runtime_state first_load(struct policy_reader *reader, struct loaded *loaded,
                                     struct config *config, struct config_error *error)
{
    bool good = policy_read(reader, loaded, config, error);
    char why[300];

    check_environment(why, sizeof why);
    if (is_off(good, loaded, why)) {
        loaded_break(loaded);
        return RUNTIME_SLEEPING;
    }
    policy_sinks_open(good ? &loaded->view : NULL, config);
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
        loaded->sources = old->sources;
        old->sources = (struct list){NULL, 0, 0};
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
        policy_sinks_replace(&loaded->view);
    loaded_publish(loaded);
    tell_refused_image(reader, &loaded->view);
    if (!same || mended)
        event_policy(loaded);
}

static bool reload_into(struct policy_reader *reader, struct loaded *old, struct loaded *loaded,
                        struct config *config, struct config_error *error)
{
    if (!policy_read(reader, loaded, config, error) || was_emptied(old, loaded, error)) {
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
