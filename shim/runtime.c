#include "shim/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <unistd.h>

#include "config/confuse.h"
#include "config/text.h"
#include "shim/event.h"
#include "shim/lock.h"
#include "shim/openssl.h"
#include "shim/sink.h"

#define DEFAULT_CONFIG "/etc/pinshim/pinshim.conf"

/* What the environment said. Kept because programs wipe it before they handshake. */
static struct {
    char *config;
    char *events;
    const char *bad_mode; /* PINSHIM_MODE, when it is no mode */
    enum mode mode;       /* MODE_UNSET: nothing said */
} environment = {.mode = MODE_UNSET};

static struct runtime runtime;
atomic_int runtime_now = RUNTIME_UNKNOWN;
static struct lock lock;
static char executable[4096]; /* path; the program's name is its last part unless given */
static __thread bool busy __attribute__((tls_model("initial-exec")));

const struct runtime *runtime_get(void)
{
    return &runtime;
}

bool runtime_busy(void)
{
    return busy;
}

/* A variable that is set and not empty; never in a process with more rights than its caller. */
static const char *variable(const char *name)
{
    const char *value = secure_getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* `path` from the root on, malloc'ed: the process may change directory. */
static char *absolute(const char *path)
{
    char *directory, *joined;

    if (path[0] == '/')
        return strdup(path);
    directory = getcwd(NULL, 0);
    if (directory == NULL)
        return strdup(path);
    if (asprintf(&joined, "%s/%s", directory, path) < 0)
        joined = NULL;
    free(directory);
    return joined;
}

/* The sinks of PINSHIM_EVENTS, their paths made absolute. NULL when memory is short. */
static char *absolute_sinks(const char *list)
{
    size_t length = 0;
    char *out = strdup("");

    while (out != NULL) {
        size_t n = strcspn(list, ",");
        char *sink = strndup(list, n), *path = NULL, *longer;

        if (sink != NULL && strncmp(sink, "file:", 5) == 0 && sink[5] != '\0')
            path = absolute(sink + 5);
        longer = sink == NULL ? NULL : realloc(out, length + n + (path ? strlen(path) : 0) + 8);
        if (longer == NULL) {
            free(out);
            out = NULL;
        } else {
            out = longer;
            length += (size_t)sprintf(out + length, "%s%s%s", length > 0 ? "," : "",
                                      path != NULL ? "file:" : sink, path != NULL ? path : "");
        }
        free(path);
        free(sink);
        if (list[n] == '\0')
            break;
        list += n + 1;
    }
    return out;
}

static void find_program(void)
{
    const char *given = variable("PINSHIM_PROGRAM"), *slash;
    ssize_t n = readlink("/proc/self/exe", executable, sizeof executable - 1);

    if (n < 0) { /* no /proc: the kernel's own word is the next best */
        const char *path = (const char *)getauxval(AT_EXECFN);
        n = path == NULL ? 0 : (ssize_t)strnlen(path, sizeof executable - 1);
        if (n > 0)
            memcpy(executable, path, (size_t)n);
    }
    executable[n] = '\0';
    slash = strrchr(executable, '/');
    runtime.program = given != NULL ? strdup(given) : slash != NULL ? slash + 1 : executable;
    if (runtime.program == NULL)
        runtime.program = executable;
}

/* Reads the environment and decides whether there is anything to do at all. */
static enum runtime_state look_around(void)
{
    const char *config = variable("PINSHIM_CONFIG"), *mode = variable("PINSHIM_MODE");
    const char *events = variable("PINSHIM_EVENTS");
    static char none[] = "none";

    if (config == NULL && access(DEFAULT_CONFIG, F_OK) != 0 && errno == ENOENT)
        return RUNTIME_SLEEPING;
    environment.config = config == NULL ? strdup(DEFAULT_CONFIG) : absolute(config);
    if (events != NULL) {
        environment.events = absolute_sinks(events);
        if (environment.events == NULL) /* rather lost than where nobody wants them */
            environment.events = none;
    }
    if (mode != NULL && !mode_parse(mode, &environment.mode)) {
        environment.bad_mode = strdup(mode);
        if (environment.bad_mode == NULL)
            environment.bad_mode = "";
    }
    find_program();
    sink_remember_stderr();
    return RUNTIME_WAITING;
}

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

/* A policy that cannot be had: told on stderr and in the events; in enforce all is refused. */
static enum runtime_state broken(const struct config_error *error, enum mode mode)
{
    char line[sizeof runtime.problem + 64];
    struct text text;

    config_error_format(error, runtime.problem, sizeof runtime.problem);
    text_init(&text, line, sizeof line - 1);
    text_add(&text, "pinshim: ");
    text_add(&text, runtime.problem);
    line[text.length++] = '\n';
    sink_write_stderr(line, text.length);
    event_config_error(error->file, error->line, error->text, mode);
    return mode == MODE_AUDIT ? RUNTIME_SLEEPING : RUNTIME_BROKEN;
}

/* The strictest mode that anything in this policy has. */
static enum mode strictest_mode(const struct policy_view *view)
{
    enum mode strictest = policy_mode(view, NULL);

    for (uint32_t i = 0; i < view->policy->sections.count; i++) {
        enum mode mode = policy_mode(view, policy_section(view->policy, i));
        strictest = mode > strictest ? mode : strictest;
    }
    return strictest;
}

bool runtime_enforces(void)
{
    return runtime_state() == RUNTIME_BROKEN ||
           (runtime_state() == RUNTIME_ACTIVE && strictest_mode(&runtime.view) == MODE_ENFORCE);
}

/* A program section may name the executable by a link to it: /usr/bin/python3. */
static uint32_t find_scope(const struct policy *policy)
{
    uint32_t found = policy_scope_for(policy, executable, runtime.program);

    for (uint32_t i = 1; i < policy->scopes.count && found == 0; i++) {
        const char *program = policy_string(policy, policy_scope(policy, i)->program);
        char *real = program[0] == '/' ? realpath(program, NULL) : NULL;
        if (real != NULL && strcmp(real, executable) == 0)
            found = i;
        free(real);
    }
    return found;
}

static void make_view(struct policy *policy)
{
    runtime.view = (struct policy_view){.policy = policy, .override = environment.mode};
    runtime.view.scope = find_scope(policy);
    policy_id(policy, runtime.policy_id);
}

/* A session is remembered as verified only by this process under this policy. */
static void make_salt(void)
{
    if (getrandom(&runtime.session_salt, sizeof runtime.session_salt, GRND_NONBLOCK) !=
        sizeof runtime.session_salt)
        runtime.session_salt = (uint64_t)(uintptr_t)&runtime ^ (uint64_t)getpid() << 32;
}

static void explain_environment(struct config_error *error, const char *text)
{
    snprintf(error->file, sizeof error->file, "environment");
    error->line = 0;
    snprintf(error->text, sizeof error->text, "%s", text);
}

static enum runtime_state load(const struct confuse *confuse, struct config *config,
                               struct config_error *error)
{
    char why[300] = "";
    bool good = environment.config != NULL &&
                config_load_with(confuse, environment.config, geteuid(), config, error);

    if (environment.config == NULL)
        explain_environment(error, "there is not enough memory to read the policy");
    if (good)
        make_view(config->policy);
    /* Off is silent even about a broken config, unless a good one says lock_mode. */
    if (good ? strictest_mode(&runtime.view) == MODE_OFF : environment.mode == MODE_OFF)
        return RUNTIME_SLEEPING;
    open_sinks(good ? &runtime.view : NULL, config, why, sizeof why);
    if (environment.bad_mode != NULL)
        snprintf(why, sizeof why, "PINSHIM_MODE \"%.100s\": write off, audit or enforce",
                 environment.bad_mode);
    if (good && why[0] != '\0')
        explain_environment(error, why);
    if (!good || why[0] != '\0') {
        runtime.policy_id[0] = '\0';
        runtime.view.policy = NULL;
        /* An environment that is wrong cannot be believed to have meant audit. */
        return broken(error,
                      why[0] == '\0' && environment.mode == MODE_AUDIT ? MODE_AUDIT : MODE_ENFORCE);
    }
    make_salt();
    config->policy = NULL; /* the view's from now on */
    event_policy();
    return RUNTIME_ACTIVE;
}

/* With the lock held. */
static enum runtime_state load_now(const struct confuse *confuse)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_error *error = calloc(1, sizeof *error);
    enum runtime_state next;

    if (confuse != NULL && config != NULL && error != NULL) {
        next = load(confuse, config, error);
    } else {
        strcpy(runtime.problem, "there is not enough memory to read the policy");
        next = environment.bad_mode == NULL &&
                       (environment.mode == MODE_AUDIT || environment.mode == MODE_OFF)
                   ? RUNTIME_SLEEPING
                   : RUNTIME_BROKEN;
    }
    if (config != NULL)
        config_free(config);
    free(config);
    free(error);
    return next;
}

enum runtime_state runtime_load(void)
{
    struct confuse *confuse;
    int saved = errno;

    runtime_start();
    if (runtime_state() == RUNTIME_WAITING && !busy) {
        busy = true;
        /* Outside of the lock: a thread that is in a constructor has the dynamic loader's, and may
         * be waiting for ours. */
        confuse = calloc(1, sizeof *confuse);
        if (confuse != NULL)
            confuse_open(confuse);
        if (lock_take(&lock)) {
            if (runtime_state() == RUNTIME_WAITING)
                atomic_store(&runtime_now, load_now(confuse));
            lock_release(&lock);
        }
        if (confuse != NULL)
            confuse_close(confuse);
        free(confuse);
        busy = false;
    }
    errno = saved;
    return runtime_state();
}

void runtime_start(void)
{
    int saved = errno;

    if (runtime_state() == RUNTIME_UNKNOWN && lock_take(&lock)) {
        if (runtime_state() == RUNTIME_UNKNOWN)
            atomic_store(&runtime_now, look_around());
        lock_release(&lock);
    }
    errno = saved;
}

/* Runs before the program's main: files can still be opened and the environment is whole. */
__attribute__((constructor)) static void on_load(void)
{
    runtime_start();
    if (runtime_state() == RUNTIME_WAITING && openssl_present())
        runtime_load();
}
