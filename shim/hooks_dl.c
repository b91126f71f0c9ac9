/* dlsym and dlvsym: the moment in which plugins and bindings reach a libssl that came later.
 * dlopen and dlmopen: only their arguments are looked at.
 *
 * All judge by their caller's address (RTLD_NEXT, RUNPATH), so the real ones must be jumped to,
 * not called: each hook ends in a tail call, and a test looks at the machine code. They may be
 * called before our constructor, by an allocator for instance, and must then only hand through. */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "shim/elf.h"
#include "shim/hooks.h"
#include "shim/library.h"
#include "shim/runtime.h"

typedef void *dlsym_fn(void *handle, const char *name);
typedef void *dlvsym_fn(void *handle, const char *name, const char *version);
typedef void *dlopen_fn(const char *file, int mode);
typedef void *dlmopen_fn(Lmid_t lmid, const char *file, int mode);

static _Atomic(dlsym_fn *) real_dlsym;
static _Atomic(dlvsym_fn *) real_dlvsym;
static _Atomic(dlopen_fn *) real_dlopen;
static _Atomic(dlmopen_fn *) real_dlmopen;

/* libc.so.6 since glibc 2.34, libdl.so.2 before: looked up in their own tables, because asking
 * for "dlsym" by name finds us. */
static bool visit_libc(const struct elf_object *object, void *arg)
{
    void *dlsym_found, *dlvsym_found, *dlopen_found, *dlmopen_found;

    (void)arg;
    if (!elf_same(object->soname, "libc.so.6") && !elf_same(object->soname, "libdl.so.2"))
        return true;
    dlsym_found = elf_function(object, "dlsym");
    dlvsym_found = elf_function(object, "dlvsym");
    dlopen_found = elf_function(object, "dlopen");
    dlmopen_found = elf_function(object, "dlmopen");
    if (dlsym_found == NULL || dlvsym_found == NULL || dlopen_found == NULL ||
        dlmopen_found == NULL)
        return true;
    atomic_store(&real_dlmopen, (dlmopen_fn *)dlmopen_found);
    atomic_store(&real_dlopen, (dlopen_fn *)dlopen_found);
    atomic_store(&real_dlvsym, (dlvsym_fn *)dlvsym_found);
    atomic_store(&real_dlsym, (dlsym_fn *)dlsym_found);
    return false;
}

static void *find_nothing(void *handle, const char *name)
{
    (void)handle, (void)name;
    return NULL;
}

static void *find_no_version(void *handle, const char *name, const char *version)
{
    (void)handle, (void)name, (void)version;
    return NULL;
}

static dlsym_fn *the_dlsym(void)
{
    if (atomic_load(&real_dlsym) == NULL)
        elf_walk(visit_libc, NULL);
    return atomic_load(&real_dlsym) != NULL ? atomic_load(&real_dlsym) : find_nothing;
}

static dlvsym_fn *the_dlvsym(void)
{
    if (atomic_load(&real_dlvsym) == NULL)
        elf_walk(visit_libc, NULL);
    return atomic_load(&real_dlvsym) != NULL ? atomic_load(&real_dlvsym) : find_no_version;
}

static void *open_nothing(const char *file, int mode)
{
    (void)file, (void)mode;
    return NULL;
}

static dlopen_fn *the_dlopen(void)
{
    if (atomic_load(&real_dlopen) == NULL)
        elf_walk(visit_libc, NULL);
    return atomic_load(&real_dlopen) != NULL ? atomic_load(&real_dlopen) : open_nothing;
}

static void *open_nothing_apart(Lmid_t lmid, const char *file, int mode)
{
    (void)lmid, (void)file, (void)mode;
    return NULL;
}

static dlmopen_fn *the_dlmopen(void)
{
    if (atomic_load(&real_dlmopen) == NULL)
        elf_walk(visit_libc, NULL);
    return atomic_load(&real_dlmopen) != NULL ? atomic_load(&real_dlmopen) : open_nothing_apart;
}

void *hook_next(const char *name)
{
    int saved = errno;
    void *next = the_dlsym()(RTLD_NEXT, name);

    errno = saved;
    return next;
}

/* Does the name begin as those of libssl do? */
static bool is_ssl_name(const char *name)
{
    return name[0] == 'S' && name[1] == 'S' && name[2] == 'L' && name[3] == '_';
}

/* Is this a question that one of our hooks may have to answer? RTLD_NEXT is not: who asks that
 * wants what comes after himself. */
static bool concerns_us(void *handle, const char *name)
{
    enum runtime_state state = runtime_state();

    if (runtime_busy())
        return false;
    if (state != RUNTIME_UNKNOWN && state != RUNTIME_SLEEPING)
        library_notice(false);
    return handle != RTLD_NEXT && is_ssl_name(name);
}

/* Gives the caller our hook instead of libssl's function, and nothing where only our own hook
 * was found: without us there would be no such function in this process. */
static void *answer(const char *name, void *found)
{
    if (hook_is_ours(found) && !openssl_present())
        return the_dlsym()(RTLD_NEXT, name);
    return hook_replace(name, found);
}

PINSHIM_EXPORT void *dlsym(void *restrict handle, const char *restrict name)
{
    if (concerns_us(handle, name))
        return answer(name, the_dlsym()(handle, name));
    return the_dlsym()(handle, name);
}

PINSHIM_EXPORT void *dlvsym(void *restrict handle, const char *restrict name,
                            const char *restrict version)
{
    if (concerns_us(handle, name))
        return answer(name, the_dlvsym()(handle, name, version));
    return the_dlvsym()(handle, name, version);
}

/* What is opened RTLD_DEEPBIND calls its libssl past our hooks. */
PINSHIM_EXPORT void *dlopen(const char *file, int mode)
{
    if ((mode & RTLD_DEEPBIND) != 0)
        library_deepbound();
    return the_dlopen()(file, mode);
}

/* What is opened in another namespace gets a libssl of its own there, which we are not in. */
PINSHIM_EXPORT void *dlmopen(Lmid_t lmid, const char *file, int mode)
{
    if (lmid != LM_ID_BASE)
        library_apart(file);
    else if ((mode & RTLD_DEEPBIND) != 0)
        library_deepbound();
    return the_dlmopen()(lmid, file, mode);
}
