/* The loaded objects of this process and the symbols they define, read from their own tables.
 * Unlike dlopen(RTLD_NOLOAD) and dlsym this allocates nothing, leaves dlerror alone, finds what
 * was opened RTLD_LOCAL, and never finds our own hooks by mistake. */
#ifndef PINSHIM_SHIM_ELF_H
#define PINSHIM_SHIM_ELF_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_object {
    const char *path;     /* as the loader knows it; "" for the program itself */
    const char *soname;   /* DT_SONAME, or "" */
    uintptr_t start, end; /* what it is mapped at */
    uintptr_t base;       /* what its addresses are relative to */
    const ElfW(Dyn) * dynamic;
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Versym) * versions; /* NULL: none */
    const ElfW(Verdef) * version_names;
    const uint32_t *gnu_hash;  /* DT_GNU_HASH, or NULL … */
    const uint32_t *sysv_hash; /* … and then DT_HASH */
};

/* Reads the tables of one object. False when it has no dynamic symbols to look up. */
bool elf_open(const struct dl_phdr_info *info, struct elf_object *out);

/* The function `name` that the object itself defines, in its default version; NULL if none. Where
 * the object chooses between several (STT_GNU_IFUNC), the one that it chooses. */
void *elf_function(const struct elf_object *object, const char *name);

/* A function as a program that was linked before asks for it. */
struct elf_wanted {
    const char *name;
    const char *version; /* as GLIBC_2.2.5; NULL: the default one */
    uint32_t hash;       /* elf_hash of the name */
};
uint32_t elf_hash(const char *name);

/* What the loader would bind it to in this object: one without versions has it in all of them. */
void *elf_import(const struct elf_object *object, const struct elf_wanted *wanted);

/* Are two names the same? strcmp, for code that may run before anybody who replaces strcmp (a
 * sanitizer) is ready. */
bool elf_same(const char *a, const char *b);

/* Does the object have a DT_NEEDED entry for `soname`? */
bool elf_needs(const struct elf_object *object, const char *soname);

/* Is a function that `from` takes from elsewhere bound into `to`? Says what the loader has done so
 * far: what is bound at its first call counts only after that, unless its address is also taken. */
bool elf_calls(const struct elf_object *from, const struct elf_object *to);

/* What `from` calls by this name, be it a function of its own: the loader may have bound it to
 * another object's. Or the code that binds it at the first call. NULL: no relocation says. */
void *elf_callee(const struct elf_object *from, const char *name);

/* Calls `visit` for each loaded object with symbols until it returns false. */
void elf_walk(bool (*visit)(const struct elf_object *object, void *arg), void *arg);

/* The same in the order of loading for those that the process was started with, none of which is
 * ever unloaded, and without the loader's lock: a fork in the middle of another thread's walk
 * leaves that one locked in the child. Must return false before it has met what was opened at run
 * time, behind libc. `start` and `end` are not filled in. */
void elf_walk_started(bool (*visit)(const struct elf_object *object, void *arg), void *arg);

/* Is it the object that this code is in? */
bool elf_is_own(const struct elf_object *object);

/* The objects that an earlier walk has met: the first ones, as long as none is unloaded, for the
 * loader appends what comes later. All 0: none. */
struct elf_seen {
    unsigned count;
    unsigned long long unloaded;
};

/* The same for those alone that `seen` does not have, which are added to it; for all when one has
 * been unloaded since. */
void elf_walk_new(struct elf_seen *seen, bool (*visit)(const struct elf_object *object, void *arg),
                  void *arg);

/* The same for the first `count` alone. */
void elf_walk_first(unsigned count, bool (*visit)(const struct elf_object *object, void *arg),
                    void *arg);

/* How many objects are loaded. */
unsigned elf_count(void);

/* How many objects were loaded into and unloaded from this process so far; a change means that
 * a walk may find something new. */
unsigned long long elf_generation(void);

/* Does the address lie inside the object? */
bool elf_contains(const struct elf_object *object, const void *address);

#endif
