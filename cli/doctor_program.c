/* Will the shim see the TLS of a program that is started? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/dependencies.h"
#include "cli/doctor.h"
#include "cli/elf_content.h"
#include "cli/interpreter.h"
#include "cli/loadable.h"
#include "cli/target.h"
#include "cli/tls_modules.h"
#include "cli/wrapper.h"

/* Scripts that start scripts. The kernel stops at four interpreters; wrappers add theirs. */
#define LEVELS 8

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool is_shell(const char *path)
{
    static const char *const shells[] = {"sh", "dash", "bash", "ksh", "mksh", "zsh", "busybox"};
    const char *name = base_name(path);

    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(name, shells[i]) == 0)
            return true;
    return false;
}

/* What the script at `path` comes down to: the program that it ends in starting, else what
 * interprets it. malloc'ed; NULL: that is not known, and `why` says so. */
static char *next_step(const char *path, const struct interpreter *interpreter, bool *shell,
                       char *why, size_t size)
{
    const char *program = interpreter->program ? interpreter->program : interpreter->path;
    char *target, *found = NULL;

    *shell = false;
    if (is_shell(program)) {
        target = wrapper_target(path);
        if (target && target_find(target, &found, why, size) == 0) {
            free(target);
            return found;
        }
        *shell = true;
        free(target);
    }
    return target_find(program, &found, why, size) == 0 ? found : NULL;
}

/* Follows scripts to the ELF file that runs in the end: d->executable. A script of which that
 * cannot be told concludes the diagnosis. *shell: what runs is a shell, with a script of its own.
 */
static bool follow(const char *path, struct diagnosis *d, bool *shell)
{
    char *at = realpath(path, NULL), why[WHY_SIZE];
    struct interpreter interpreter;
    bool good = at != NULL;

    for (int level = 0; good; level++) {
        enum interpreter_kind kind = interpreter_read(at, &interpreter, why, sizeof(why));
        char *next, *real;

        if (kind == INTERPRETER_NONE) {
            d->executable = at;
            return true;
        }
        good = diagnosis_add(&d->steps, at);
        if (kind == INTERPRETER_UNKNOWN || level == LEVELS) {
            good = good && diagnosis_conclude(d, DOCTOR_UNKNOWN, "%s %s", at,
                                              level == LEVELS ? "is a script once more" : why);
            if (kind == INTERPRETER_FOUND)
                interpreter_free(&interpreter);
            break;
        }
        next = good ? next_step(at, &interpreter, shell, why, sizeof(why)) : NULL;
        interpreter_free(&interpreter);
        if (good && !next) {
            good = diagnosis_conclude(d, DOCTOR_UNKNOWN, "%s cannot be followed: %s", at, why);
            break;
        }
        real = next ? realpath(next, NULL) : NULL;
        free(next);
        free(at);
        at = real;
        good = good && at != NULL;
    }
    free(at);
    return good;
}

/* The libcrypto that a libssl of that name uses: the one of the same list, its name ending alike.
 */
static const char *crypto_of(const struct list *dependencies, const char *ssl)
{
    const struct dependency *items = dependencies->items;
    const char *crypto = NULL;

    ssl = base_name(ssl);
    for (size_t i = 0; i < dependencies->count; i++) {
        const char *name = base_name(items[i].name);

        if (strncmp(name, "libcrypto", 9) != 0 || !items[i].path)
            continue;
        if (!crypto || (strncmp(ssl, "libssl", 6) == 0 && strcmp(name + 9, ssl + 6) == 0))
            crypto = items[i].path;
    }
    return crypto;
}

/* The object of the list that asks for `name` itself: its path; NULL: the program does, or none. */
static const char *asked_by(const struct list *dependencies, const char *program, const char *name)
{
    const struct dependency *items = dependencies->items;

    for (size_t i = 0; i <= dependencies->count; i++) {
        const char *path = i == 0 ? program : items[i - 1].path;
        struct elf_content content;
        struct list needed = {0};
        bool asks = false;

        if (!path || !elf_content_open(path, &content))
            continue;
        elf_content_needed(&content, &needed);
        for (size_t n = 0; n < needed.count && !asks; n++)
            asks = strcmp(((char **)needed.items)[n], name) == 0;
        list_free_strings(&needed);
        elf_content_close(&content);
        if (asks)
            return i == 0 ? NULL : path;
    }
    return NULL;
}

/* Says who brings the libraries from number `first` on: `module`, or what in it asks for them. */
static bool name_bringers(struct diagnosis *d, size_t first, const struct list *dependencies,
                          const char *program, const char *module)
{
    const struct dependency *items = dependencies->items;
    struct tls_use *uses = d->uses.items;

    for (size_t i = first; i < d->uses.count; i++) {
        const char *by = NULL;

        for (size_t n = 0; n < dependencies->count && uses[i].how == TLS_LINKED; n++)
            if (items[n].path && strcmp(items[n].path, uses[i].file) == 0)
                by = asked_by(dependencies, program, items[n].name);
        if (!by)
            by = module;
        if (by && !uses[i].by && !(uses[i].by = strdup(by)))
            return false;
    }
    return true;
}

/* Looks into the object at `path` and all that the loader maps for it. `module`: NULL for the
 * program itself. */
static bool look_into(struct diagnosis *d, const char *path, const char *module)
{
    size_t first = d->uses.count;
    struct list dependencies = {0}, modules = {0};
    char why[WHY_SIZE];
    const struct dependency *items;
    bool good = diagnosis_look(d, path, path, NULL) && tls_modules_find(path, &modules);

    if (good && !dependencies_list(path, &dependencies, why, sizeof(why)))
        good = diagnosis_note(d, "%s %s.", path, why);
    items = dependencies.items;
    for (size_t i = 0; good && i < dependencies.count; i++) {
        if (!items[i].path)
            good = diagnosis_note(d, "%s needs %s, which is not found.", path, items[i].name);
        else
            good = diagnosis_look(d, items[i].path, items[i].path,
                                  crypto_of(&dependencies, items[i].name)) &&
                   tls_modules_find(items[i].path, &modules);
    }
    good = good && name_bringers(d, first, &dependencies, path, module);
    dependencies_free(&dependencies);
    for (size_t i = 0; good && !module && i < modules.count; i++)
        good = look_into(d, ((char **)modules.items)[i], ((char **)modules.items)[i]);
    list_free_strings(&modules);
    return good;
}

/* OpenSSL that pinshim cannot use, and why. */
static bool note_unusable(struct diagnosis *d)
{
    const struct tls_use *uses = d->uses.items;
    bool good = true;

    for (size_t i = 0; good && i < d->uses.count; i++)
        if (uses[i].missing[0] && uses[i].how == TLS_LINKED)
            good = diagnosis_note(d,
                                  "%s has no %s: it is no OpenSSL from 1.1.1 on. Under enforce its "
                                  "SSL_CTX_new will fail.",
                                  uses[i].file, uses[i].missing);
    return good;
}

/* What the scripts on the way are known to start. */
static bool look_into_steps(struct diagnosis *d)
{
    struct list modules = {0};
    bool good = true;

    for (size_t i = 0; good && i < d->steps.count; i++)
        good = tls_modules_find(((char **)d->steps.items)[i], &modules);
    for (size_t i = 0; good && i < modules.count; i++)
        good = look_into(d, ((char **)modules.items)[i], ((char **)modules.items)[i]);
    list_free_strings(&modules);
    return good;
}

static bool judge(struct diagnosis *d, bool shell)
{
    char *seen = diagnosis_libraries(d, true), *others = diagnosis_libraries(d, false);
    bool good = seen && others && note_unusable(d);

    if (good && *seen && *others)
        good = diagnosis_note(d, "What it does with %s is not seen.", others);
    if (good && *seen)
        good = diagnosis_conclude(d, DOCTOR_SEEN, "its TLS is that of %s", seen);
    else if (good && *others)
        good = diagnosis_conclude(d, DOCTOR_NOT, "its TLS is that of %s", others);
    else if (good && shell)
        good = diagnosis_conclude(d, DOCTOR_UNKNOWN,
                                  "it is a shell script, and so is its TLS that of the programs it "
                                  "starts; ask for these");
    else if (good)
        good = diagnosis_conclude(d, DOCTOR_NOT,
                                  "no TLS was found in it; what it starts may have some");
    free(others);
    free(seen);
    return good;
}

static bool examine(const char *path, struct diagnosis *d)
{
    char why[WHY_SIZE];
    bool shell = false;

    if (!follow(path, d, &shell))
        return false;
    if (d->reason)
        return true;
    if (loadable(d->executable, why, sizeof(why)))
        return look_into_steps(d) && look_into(d, d->executable, NULL) && judge(d, shell);
    if (!diagnosis_look(d, d->executable, d->executable, NULL))
        return false;
    for (size_t i = 0; i < d->uses.count; i++)
        ((struct tls_use *)d->uses.items)[i].seen = false;
    return diagnosis_conclude(d, DOCTOR_NOT, "%s %s", d->executable, why);
}

int doctor_program(const char *name, struct diagnosis *out, char *why, size_t size)
{
    char *path = NULL;
    int status;

    *out = (struct diagnosis){0};
    status = target_find(name, &path, why, size);
    if (status == 0) {
        out->program = strdup(name);
        if (!out->program || !examine(path, out)) {
            snprintf(why, size, "out of memory");
            status = STATUS_USAGE;
        }
        free(path);
    }
    return status == 0 ? 0 : STATUS_USAGE;
}
