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
#include "config/sources.h"
#include "config/text.h"
#include "shim/environment.h"
#include "shim/event.h"
#include "shim/loaded.h"
#include "shim/sink.h"

static bool environment_wrong; /* and so the policy broken, whatever the config says */

static void add_environment_sinks(char *why, size_t size)
{
    char *list = environment.events, *next;
    char reason[128];

    for (char *sink = list; sink != NULL; sink = next) {
        next = strchr(sink, ',');
        if (next != NULL)
            *next++ = '\0';
        if (config_sink_valid(sink, reason, sizeof reason))
            sink_add(sink);
        else if (why[0] == '\0')
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

/* Told on stderr and in the events. */
static void tell(const struct config_error *error, enum mode mode, const char *more, char *problem,
                 size_t size)
{
    char *line = malloc(size + 100);
    struct text text;

    config_error_format(error, problem, size);
    if (line != NULL) {
        text_init(&text, line, size + 99);
        text_add(&text, "pinshim: ");
        text_add(&text, problem);
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

/* Where trust anchors may be asked for at any handshake they are read now, while they can be. */
static void take_anchors(struct loaded *loaded)
{
    char *path = path_beside(environment.config, policy_trust_anchors(&loaded->view));

    if (path != NULL)
        loaded->anchors = anchors_new(path, geteuid());
    free(path);
    if (loaded->anchors != NULL && policy_wants_anchors(&loaded->view))
        anchors_read(loaded->anchors);
}

/* Moves what was read into `loaded`. */
static void take_policy(struct loaded *loaded, struct config *config)
{
    struct policy *policy = config->policy;

    config->policy = NULL;
    loaded->view = (struct policy_view){.policy = policy, .override = environment.mode};
    loaded->view.scope = program_scope(policy, environment.executable, environment.program);
    loaded->session_salt = make_salt();
    policy_id(policy, loaded->policy_id);
    take_anchors(loaded);
}

static void take_sources(struct loaded *loaded, struct config *config)
{
    loaded->sources = config->sources;
    config->sources = (struct list){NULL, 0, 0};
}

static bool read_config(const struct confuse *confuse, struct config *config,
                        struct config_error *error)
{
    if (environment.config == NULL || confuse == NULL) {
        explain_environment(error, "there is not enough memory to read the policy");
        return false;
    }
    return config_load_with(confuse, environment.config, geteuid(), config, error);
}

static enum runtime_state first_load(const struct confuse *confuse, struct loaded *loaded,
                                     struct config *config, struct config_error *error)
{
    bool good = read_config(confuse, config, error);
    char why[300] = "";
    enum mode mode;

    if (good)
        take_policy(loaded, config);
    /* Off is silent even about a broken config, unless a good one says lock_mode. */
    if (good ? policy_strictest_mode(&loaded->view) == MODE_OFF : environment.mode == MODE_OFF)
        return RUNTIME_SLEEPING;
    open_sinks(good ? &loaded->view : NULL, config, why, sizeof why);
    if (environment.bad_mode != NULL)
        snprintf(why, sizeof why, "PINSHIM_MODE \"%.100s\": write off, audit or enforce",
                 environment.bad_mode);
    take_sources(loaded, config);
    if (good && why[0] == '\0') {
        loaded_publish(loaded);
        event_policy(loaded);
        return RUNTIME_ACTIVE;
    }
    environment_wrong = why[0] != '\0';
    if (good)
        explain_environment(error, why);
    loaded_break(loaded);
    /* An environment that is wrong cannot be believed to have meant audit. */
    mode = why[0] == '\0' && environment.mode == MODE_AUDIT ? MODE_AUDIT : MODE_ENFORCE;
    tell(error, mode, "", loaded->problem, sizeof loaded->problem);
    loaded_publish(loaded);
    return mode == MODE_AUDIT ? RUNTIME_SLEEPING : RUNTIME_BROKEN;
}

struct confuse *policy_load_begin(void)
{
    struct confuse *confuse = calloc(1, sizeof *confuse);

    if (confuse != NULL)
        confuse_open(confuse);
    return confuse;
}

void policy_load_end(struct confuse *confuse)
{
    if (confuse != NULL)
        confuse_close(confuse);
    free(confuse);
}

enum runtime_state policy_load(const struct confuse *confuse)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_error *error = calloc(1, sizeof *error);
    struct loaded *loaded = loaded_new();
    enum runtime_state state = RUNTIME_BROKEN;

    if (config != NULL && error != NULL) {
        state = first_load(confuse, loaded, config, error);
        config_free(config);
    } else {
        strcpy(loaded->problem, "there is not enough memory to read the policy");
        loaded_publish(loaded);
    }
    free(config);
    free(error);
    return state;
}

bool policy_changed(void)
{
    struct loaded *loaded = loaded_acquire();
    /* What is wrong with the environment stays wrong. */
    bool changed = !environment_wrong && loaded != NULL && sources_changed(&loaded->sources);

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

/* The policy before this one stays in force; it is told once. */
static void keep_old(struct loaded *old, struct loaded *loaded, struct config *config,
                     const struct config_error *error)
{
    bool broken = old->view.policy == NULL;

    tell(error, broken ? MODE_ENFORCE : policy_strictest_mode(&old->view),
         broken ? "" : "; the policy that was loaded before stays in force", loaded->problem,
         sizeof loaded->problem);
    if (broken) {
        take_sources(loaded, config);
        loaded_publish(loaded);
    } else {
        struct list sources = old->sources; /* only we look at them */
        old->sources = config->sources;
        config->sources = sources;
    }
}

static bool reload_into(const struct confuse *confuse, struct loaded *old, struct loaded *loaded,
                        struct config *config, struct config_error *error)
{
    if (!read_config(confuse, config, error)) {
        keep_old(old, loaded, config, error);
        return false;
    }
    take_policy(loaded, config);
    take_sources(loaded, config);
    if (strcmp(loaded->policy_id, old->policy_id) == 0) {
        loaded->session_salt = old->session_salt; /* written anew, and the same */
        loaded_publish(loaded);
        return true;
    }
    if (environment.events == NULL)
        replace_sinks(&loaded->view);
    loaded_publish(loaded);
    event_policy(loaded);
    return true;
}

bool policy_reload(const struct confuse *confuse)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_error *error = calloc(1, sizeof *error);
    struct loaded *loaded = loaded_new(), *old = loaded_acquire();
    bool good = false;

    if (config != NULL && error != NULL && loaded != NULL) {
        good = reload_into(confuse, old, loaded, config, error);
        config_free(config);
    }
    loaded_release(old);
    free(config);
    free(error);
    return good;
}
