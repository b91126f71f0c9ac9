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
#include "shim/next.h"
#include "shim/runtime.h"

typedef void *dlsym_fn(void *handle, const char *name);
typedef void *dlvsym_fn(void *handle, const char *name, const char *version);
typedef void *dlopen_fn(const char *file, int mode);
typedef void *dlmopen_fn(Lmid_t lmid, const char *file, int mode);

/* The next ones after ours: libc.so.6's since glibc 2.34, libdl.so.2's before, or another
 * preload's. Looked up in the objects' own tables, because asking for "dlsym" by name finds us. */
enum { DLSYM, DLVSYM, DLOPEN, DLMOPEN, DL_COUNT };
static const char *const dl_names[DL_COUNT] = {"dlsym", "dlvsym", "dlopen", "dlmopen"};
static _Atomic(void *) next[DL_COUNT];
/* For questions of our own, which are nobody else's business. */
static _Atomic(dlsym_fn *) libc_dlsym;

static bool visit_next(const struct elf_object *object, void *arg)
{
    bool is_libc = elf_same(object->soname, "libc.so.6") || elf_same(object->soname, "libdl.so.2");
    unsigned missing = 0;

    (void)arg;
    for (unsigned i = 0; i < DL_COUNT; i++) {
        void *found = atomic_load(&next[i]) == NULL ? elf_function(object, dl_names[i]) : NULL;
        if (found != NULL)
            atomic_store(&next[i], found);
        missing += atomic_load(&next[i]) == NULL;
    }
    if (is_libc && atomic_load(&libc_dlsym) == NULL)
        atomic_store(&libc_dlsym, (dlsym_fn *)elf_function(object, "dlsym"));
    return missing > 0 || atomic_load(&libc_dlsym) == NULL;
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

static void *open_nothing(const char *file, int mode)
{
    (void)file, (void)mode;
    return NULL;
}

static void *open_nothing_apart(Lmid_t lmid, const char *file, int mode)
{
    (void)lmid, (void)file, (void)mode;
    return NULL;
}

static void *the_next(unsigned which, void *none)
{
    if (atomic_load(&next[which]) == NULL)
        next_walk(visit_next, NULL);
    return atomic_load(&next[which]) != NULL ? atomic_load(&next[which]) : none;
}

static dlsym_fn *the_dlsym(void)
{
    return (dlsym_fn *)the_next(DLSYM, find_nothing);
}

static dlvsym_fn *the_dlvsym(void)
{
    return (dlvsym_fn *)the_next(DLVSYM, find_no_version);
}

static dlopen_fn *the_dlopen(void)
{
    return (dlopen_fn *)the_next(DLOPEN, open_nothing);
}

static dlmopen_fn *the_dlmopen(void)
{
    return (dlmopen_fn *)the_next(DLMOPEN, open_nothing_apart);
}

/* Finds what comes after us: it judges by its caller. */
static void *find_behind_us(const char *name)
{
    if (atomic_load(&libc_dlsym) == NULL)
        next_walk(visit_next, NULL);
    return atomic_load(&libc_dlsym) != NULL ? atomic_load(&libc_dlsym)(RTLD_NEXT, name) : NULL;
}

void *hook_next(const char *name)
{
    int saved = errno;
    void *found = find_behind_us(name);

    errno = saved;
    return found;
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

    if (is_ssl_name(name) && (handle == RTLD_NEXT || runtime_busy()))
        hook_passed_by(name);
    if (elf_same(name, "dlsym") || elf_same(name, "dlvsym"))
        library_passed_by(); /* nobody knows what is asked of that */
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
        return find_behind_us(name);
    return hook_replace(name, found);
}

PINSHIM_EXPORT void *dlsym(void *restrict handle, const char *restrict name)
{
    if (concerns_us(handle, name))
        return answer(name, the_dlsym()(handle, name));
    return the_dlsym()(handle, name);
}

/* Another preload that interposes dlsym has to ask for the next one by its version, for only so it
 * can ask at all; and ours has none. When it was loaded before us, ours is the next. */
static bool asks_for_ours(void *handle, const char *name, const void *caller)
{
    return handle == RTLD_NEXT && elf_same(name, "dlsym") && next_precedes(caller);
}

PINSHIM_EXPORT void *dlvsym(void *restrict handle, const char *restrict name,
                            const char *restrict version)
{
    if (asks_for_ours(handle, name, __builtin_return_address(0)))
        return dlsym;
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
