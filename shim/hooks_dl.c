/* dlsym and dlvsym: the moment in which plugins and bindings reach a libssl that came later.
 *
 * Both judge by their caller's address (RTLD_NEXT), so the real ones must be jumped to, not
 * called: each hook ends in a tail call, and a test looks at the machine code. They may be called
 * before our constructor, by an allocator for instance, and must then only hand through. */
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

static _Atomic(dlsym_fn *) real_dlsym;
static _Atomic(dlvsym_fn *) real_dlvsym;

/* libc.so.6 since glibc 2.34, libdl.so.2 before: looked up in their own tables, because asking
 * for "dlsym" by name finds us. */
static bool visit_libc(const struct elf_object *object, void *arg)
{
    void *dlsym_found, *dlvsym_found;

    (void)arg;
    if (!elf_same(object->soname, "libc.so.6") && !elf_same(object->soname, "libdl.so.2"))
        return true;
    dlsym_found = elf_function(object, "dlsym");
    dlvsym_found = elf_function(object, "dlvsym");
    if (dlsym_found == NULL || dlvsym_found == NULL)
        return true;
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

void *hook_next(const char *name)
{
    int saved = errno;
    void *next = the_dlsym()(RTLD_NEXT, name);

    errno = saved;
    return next;
}

/* Is this a question that one of our hooks may have to answer? Pseudo-handles are left to the
 * real dlsym: by them the program already meets us in the order of loading. */
static bool concerns_us(void *handle, const char *name)
{
    enum runtime_state state = runtime_state();

    if (state == RUNTIME_UNKNOWN || state == RUNTIME_SLEEPING || runtime_busy())
        return false;
    library_notice();
    return handle != RTLD_NEXT && handle != RTLD_DEFAULT && strncmp(name, "SSL_", 4) == 0;
}

PINSHIM_EXPORT void *dlsym(void *restrict handle, const char *restrict name)
{
    if (concerns_us(handle, name))
        return hook_replace(name, the_dlsym()(handle, name));
    return the_dlsym()(handle, name);
}

PINSHIM_EXPORT void *dlvsym(void *restrict handle, const char *restrict name,
                            const char *restrict version)
{
    if (concerns_us(handle, name))
        return hook_replace(name, the_dlvsym()(handle, name, version));
    return the_dlvsym()(handle, name, version);
}
