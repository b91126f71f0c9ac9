#include "shim/late/late.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "shim/elf.h"

/* Of stubs.S. A slot is NULL until its function is known. */
extern const char late_names[]; /* one after the other, in the order of the slots; "" ends them */
extern _Atomic(void *) late_slots[LATE_PAGE / sizeof(void *)];

struct search {
    size_t count, missing;
    struct {
        const char *name;
        uint32_t hash;
        void *found;
    } wanted[LATE_MAX];
};

static bool visit(const struct elf_object *object, void *arg)
{
    struct search *search = arg;

    for (size_t i = 0; i < search->count; i++) {
        if (search->wanted[i].found != NULL)
            continue;
        search->wanted[i].found =
            elf_function_hashed(object, search->wanted[i].name, search->wanted[i].hash);
        if (search->wanted[i].found != NULL)
            search->missing--;
    }
    return search->missing > 0;
}

/* In the order in which the objects were loaded, which is the loader's as well: so a program's own
 * malloc, or a preload's, is met before libc's. What was opened at run time comes behind libc, and
 * is not reached. */
static void find_all(struct search *search)
{
    const char *name = late_names;

    for (search->count = 0; *name != '\0'; search->count++) {
        search->wanted[search->count].name = name;
        search->wanted[search->count].hash = elf_hash(name);
        search->wanted[search->count].found = NULL;
        while (*name++ != '\0')
            continue;
    }
    search->missing = search->count;
    elf_walk(visit, search);
}

void *late_bind(size_t index)
{
    static atomic_bool filled;
    struct search search;

    find_all(&search);
    /* libc has them all, or the loader would have refused us (see `late` in the Makefile). */
    if (search.missing > 0)
        __builtin_trap();
    /* Nobody waits for the one who fills the slots: it may be in a thread that a fork left behind.
     * The others have found what they came for. */
    if (!atomic_exchange(&filled, true)) {
        for (size_t i = 0; i < search.count; i++)
            atomic_store_explicit(&late_slots[i], search.wanted[i].found, memory_order_release);
        mprotect(late_slots, LATE_PAGE, PROT_READ); /* by its stub, which is bound now */
    }
    return search.wanted[index].found;
}
