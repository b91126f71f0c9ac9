/* Does the shim see the TLS of a process that runs? */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/process.h"
#include "config/config.h"
#include "config/image_format.h"
#include "config/program.h"
#include "config/trust.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Where we can open the libcrypto that goes with a libssl, by the end of its name. */
static const char *crypto_of(const struct process *process, const char *ssl)
{
    const struct mapped_file *files = process->files.items;
    const char *crypto = NULL;

    for (size_t i = 0; i < process->files.count; i++) {
        const char *name = base_name(files[i].path), *own = base_name(ssl);

        if (strncmp(name, "libcrypto", 9) != 0)
            continue;
        if (!crypto || (strncmp(own, "libssl", 6) == 0 && strcmp(name + 9, own + 6) == 0))
            crypto = files[i].open;
    }
    return crypto;
}

/* A library of which nothing but the name can be seen any more. */
static bool add_deleted(struct diagnosis *d, const struct mapped_file *file)
{
    enum tls_library library;
    struct tls_use *use;

    if (access(file->open, R_OK) == 0 || !tls_library_named(file->path, &library))
        return true;
    use = list_add(&d->uses, sizeof(*use));
    if (!use)
        return false;
    use->library = library;
    use->how = TLS_LINKED;
    use->seen = library == TLS_OPENSSL;
    use->file = strdup(file->path);
    return use->file != NULL;
}

static bool look_at_file(struct diagnosis *d, const struct process *process,
                         const struct mapped_file *file)
{
    enum tls_library library;
    size_t before = d->uses.count;
    bool good = diagnosis_look(d, file->open, file->path, crypto_of(process, file->path));

    if (good && file->deleted && d->uses.count == before)
        good = add_deleted(d, file);
    if (good && file->deleted && tls_library_named(file->path, &library)) {
        d->process->libssl_deleted = true;
        good = diagnosis_note(d,
                              "%s was replaced or taken away since the process started, which goes "
                              "on with the old one; start it anew.",
                              file->path);
    }
    return good;
}

static bool look_at_files(struct diagnosis *d, const struct process *process)
{
    const struct mapped_file *files = process->files.items;
    bool good = true;

    for (size_t i = 0; good && i < process->files.count; i++) {
        if (strcmp(base_name(files[i].path), "libpinshim.so") == 0) {
            if (!d->process->shim)
                good = (d->process->shim = strdup(files[i].path)) != NULL;
            if (good && files[i].deleted)
                good = diagnosis_note(d, "Its libpinshim.so was replaced since; start it anew to "
                                         "have the new one.");
        } else if (files[i].code) {
            good = look_at_file(d, process, &files[i]);
        }
    }
    return good;
}

static void judge_policy(struct doctor_process *p, const struct process *process,
                         const struct policy *policy)
{
    const char *program = process_variable(process, "PINSHIM_PROGRAM");
    const char *mode = process_variable(process, "PINSHIM_MODE");
    struct policy_view view = {.policy = policy, .override = MODE_UNSET};

    if (mode && !mode_parse(mode, &view.override))
        view.override = MODE_ENFORCE; /* the environment is wrong, and the shim says so */
    view.scope = program_scope(policy, process->executable,
                               program ? program : base_name(process->executable));
    policy_id(policy, p->policy);
    p->mode = policy_strictest_mode(&view);
}

/* The policy in a compiled form that is mapped: what the process has, and no guess. */
static bool read_mapped_policy(struct doctor_process *p, const struct process *process)
{
    const struct mapped_file *files = process->files.items;
    bool found = false;

    for (size_t i = 0; !found && i < process->files.count; i++) {
        const char *end = strstr(files[i].path, ".compiled");
        struct image_head *head;
        size_t length = 0;
        char why[128];
        uint8_t *data;
        int fd;

        if (files[i].code || !end || strcmp(end, ".compiled") != 0)
            continue;
        fd = open(files[i].open, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
            continue;
        data = read_whole(fd, UINT32_MAX, &length, why, sizeof(why));
        close(fd);
        head = (struct image_head *)data;
        if (data && length >= sizeof(*head) && memcmp(head->magic, IMAGE_MAGIC, 8) == 0 &&
            head->policy_offset % IMAGE_PAGE == 0 && head->policy_offset <= length &&
            head->policy_size <= length - head->policy_offset &&
            policy_valid(data + head->policy_offset, head->policy_size)) {
            judge_policy(p, process, (const struct policy *)(data + head->policy_offset));
            found = p->policy_read = true;
        }
        free(data);
    }
    return found;
}

static bool compute_policy(struct doctor_process *p, const struct process *process)
{
    struct config_error error = {0};
    struct config config = {0};
    char text[sizeof(error.file) + sizeof(error.text) + 32];
    bool good = true;

    if (config_load(p->config, process->user, &config, &error)) {
        judge_policy(p, process, config.policy);
    } else {
        config_error_format(&error, text, sizeof(text));
        p->policy_error = strdup(text);
        good = p->policy_error != NULL;
    }
    config_free(&config);
    return good;
}

static bool find_policy(struct diagnosis *d, const struct process *process)
{
    struct doctor_process *p = d->process;
    const char *config = process_variable(process, "PINSHIM_CONFIG");

    p->config = strdup(config ? config : DEFAULT_CONFIG);
    if (!p->config)
        return false;
    if (read_mapped_policy(p, process))
        return true;
    if (!process->environment)
        return diagnosis_note(d, "Its environment cannot be read, and so not which config it has.");
    if (process->other_root)
        return diagnosis_note(d,
                              "It has another root directory or other mounts: ask there for its "
                              "policy (nsenter -t %d -m -r).",
                              (int)p->pid);
    if (*p->config != '/')
        return diagnosis_note(d, "PINSHIM_CONFIG is relative to the directory at its start, which "
                                 "is not known.");
    return compute_policy(p, process);
}

static bool judge(struct diagnosis *d)
{
    struct doctor_process *p = d->process;
    char *seen = diagnosis_libraries(d, true), *others = diagnosis_libraries(d, false);
    bool good = seen && others;

    if (good && !p->shim)
        good = diagnosis_conclude(
            d, DOCTOR_NOT,
            p->preload_asked ? "LD_PRELOAD names libpinshim.so, but the loader did not map it"
                             : "libpinshim.so is not in the process; start it with 'pinshim run'");
    else if (good && p->mode == MODE_OFF)
        good = diagnosis_conclude(d, DOCTOR_NOT, "the shim is mapped, and its mode is off");
    else if (good && p->policy_error && access(p->config, F_OK) != 0 &&
             strcmp(p->config, DEFAULT_CONFIG) == 0)
        good = diagnosis_conclude(d, DOCTOR_NOT, "the shim is mapped, and sleeps: no config");
    else if (good && *seen)
        good = diagnosis_conclude(d, DOCTOR_SEEN, "the shim is mapped, and so is %s", seen);
    else if (good && *others)
        good = diagnosis_conclude(d, DOCTOR_NOT, "its TLS is that of %s", others);
    else if (good)
        good = diagnosis_conclude(d, DOCTOR_UNKNOWN,
                                  "the shim is mapped, and no TLS library so far; OpenSSL will be "
                                  "seen when it comes");
    if (good && p->shim && *seen && *others)
        good = diagnosis_note(d, "What it does with %s is not seen.", others);
    free(others);
    free(seen);
    return good;
}

static bool examine(struct diagnosis *d, const struct process *process)
{
    const char *preload = process_variable(process, "LD_PRELOAD");
    struct tls_use *uses;

    d->executable = strdup(process->executable);
    d->process = calloc(1, sizeof(*d->process));
    if (!d->executable || !d->process || asprintf(&d->program, "%d", (int)process->pid) < 0)
        return false;
    d->process->pid = process->pid;
    d->process->mode = MODE_UNSET;
    d->process->preload_asked = preload && strstr(preload, "libpinshim.so");
    if (!look_at_files(d, process) || (d->process->shim && !find_policy(d, process)))
        return false;
    uses = d->uses.items;
    for (size_t i = 0; i < d->uses.count; i++) /* what may be opened is not there yet */
        uses[i].seen = uses[i].seen && d->process->shim && uses[i].how != TLS_OPENED;
    return judge(d);
}

int doctor_process(pid_t pid, struct diagnosis *out, char *why, size_t size)
{
    struct process process;
    bool good;

    *out = (struct diagnosis){0};
    good = process_read(pid, &process, why, size);
    if (good && !examine(out, &process)) {
        snprintf(why, size, "out of memory");
        good = false;
    }
    process_free(&process);
    return good ? 0 : STATUS_USAGE;
}
