#include "shim/late/late.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "shim/elf.h"

/* Of stubs.S. Each function's name and its version, in the order of the slots; "" ends them. */
extern const char late_names[];
/* A slot is NULL until its function is known. */
extern _Atomic(void *) late_slots[LATE_PAGE / sizeof(void *)];

struct search {
    size_t count, missing;
    struct elf_wanted wanted[LATE_MAX];
    void *found[LATE_MAX];
};

static bool visit(const struct elf_object *object, void *arg)
{
    struct search *search = arg;

    for (size_t i = 0; i < search->count; i++) {
        if (search->found[i] != NULL)
            continue;
        search->found[i] = elf_import(object, &search->wanted[i]);
        if (search->found[i] != NULL)
            search->missing--;
    }
    return search->missing > 0;
}

static const char *behind(const char *text)
{
    for (;;)
        if (*text++ == '\0')
            return text;
}

/* In the order in which the objects were loaded, which is the loader's as well: so a program's own
 * malloc, or a preload's, is met before libc's. What was opened at run time comes behind libc, and
 * is not reached. */
static void find_all(struct search *search)
{
    const char *name = late_names, *version;

    for (search->count = 0; *name != '\0'; search->count++, name = behind(version)) {
        version = behind(name);
        search->wanted[search->count] = (struct elf_wanted){name, version, elf_hash(name)};
        search->found[search->count] = NULL;
    }
    search->missing = search->count;
    elf_walk_started(visit, search);
}

void *late_bind(size_t index)
{
    static atomic_bool filled;
    struct search search;
    int saved = errno;

    find_all(&search);
    /* libc has them all, or the loader would have refused us: see shim/late/list. */
    if (search.missing > 0)
        __builtin_trap();
    /* Nobody waits for the one who fills the slots: it may be in a thread that a fork left behind.
     * The others have found what they came for. */
    if (!atomic_exchange(&filled, true)) {
        for (size_t i = 0; i < search.count; i++)
            atomic_store_explicit(&late_slots[i], search.found[i], memory_order_release);
        mprotect(late_slots, LATE_PAGE, PROT_READ); /* by its stub, which is bound now */
    }
    errno = saved;
    return search.found[index];
}
