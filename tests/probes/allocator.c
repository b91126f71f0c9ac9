#include "tests/probes/allocator.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

SHOWN void *malloc(size_t size);
SHOWN void free(void *old);
SHOWN void *calloc(size_t count, size_t size);
SHOWN void *realloc(void *old, size_t size);
SHOWN void *memalign(size_t alignment, size_t size);
SHOWN void *aligned_alloc(size_t alignment, size_t size);
SHOWN int posix_memalign(void **out, size_t alignment, size_t size);

unsigned allocator_calls, allocator_copies;

/* Given out once and never again: each piece with its size before it. */
static char arena[64 << 20] __attribute__((aligned(64)));
static atomic_size_t used = 64;

/* Set by main.c: where libpinshim.so lies. */
extern uintptr_t shim_start, shim_end;

#define NOTE(count)                                                                                \
    do {                                                                                           \
        uintptr_t caller = (uintptr_t)__builtin_return_address(0);                                 \
        if (caller >= shim_start && caller < shim_end)                                             \
            __atomic_fetch_add(&(count), 1, __ATOMIC_RELAXED);                                     \
    } while (0)

static void *take(size_t size)
{
    size_t whole = ((size + 63) & ~(size_t)63) + 64, start = atomic_fetch_add(&used, whole);

    if (size > sizeof arena || start + whole > sizeof arena) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(arena + start, &size, sizeof size);
    return arena + start + 64;
}

static size_t size_of(const void *piece)
{
    size_t size;

    memcpy(&size, (const char *)piece - 64, sizeof size);
    return size;
}

static void check(const void *piece)
{
    static const char words[] = "freed what another allocator gave\n";

    if ((const char *)piece >= arena && (const char *)piece < arena + sizeof arena)
        return;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(98);
    _exit(99);
}

void *malloc(size_t size)
{
    NOTE(allocator_calls);
    return take(size);
}

void free(void *old)
{
    if (old)
        check(old);
}

void *calloc(size_t count, size_t size)
{
    NOTE(allocator_calls);
    return size != 0 && count > sizeof arena / size ? NULL : take(count * size);
}

void *realloc(void *old, size_t size)
{
    void *piece = take(size);

    NOTE(allocator_calls);
    if (!old || !piece)
        return piece;
    check(old);
    return memcpy(piece, old, size_of(old) < size ? size_of(old) : size);
}

void *memalign(size_t alignment, size_t size)
{
    uintptr_t piece = (uintptr_t)take(size + alignment);

    return (void *)((piece + alignment - 1) & ~(alignment - 1));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *piece = take(size);

    NOTE(allocator_copies);
    return piece ? memcpy(piece, text, size) : NULL;
}

/* used: clang 11 does not see that an ifunc names it. */
static __attribute__((used)) char *(*choose(void))(const char *)
{
    return copy;
}

#pragma GCC diagnostic ignored "-Wredundant-decls"
SHOWN char *strdup(const char *text) __attribute__((ifunc("choose")));
