/* An allocator for the client whose handshakes are counted: what a block costs, and what a string
 * in it does, depends neither on what was allocated before nor on where that lies. With glibc's it
 * does, by some thousand instructions in a handshake, either way, for whatever left a gap on the
 * heap at the start. For one thread. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#pragma GCC visibility push(default) /* for all libraries of the process */

/* Blocks have 2^SMALLEST octets at least. strlen and strcmp read strings another way that begin so
 * near the end of a page that they might read over it: no block does. */
enum { SMALLEST = 5, SIZES = 40, ARENA = 1 << 24, PAGE = 4096, NEAR = 128 };

/* In front of each block; as large as malloc's alignment. */
struct header {
    void *start; /* of what was taken from the arena */
    size_t size; /* 2^size octets */
};

static void *freed[SIZES]; /* each names the next one in its first word */
static char *next, *end;

static size_t size_for(size_t octets)
{
    return octets <= (size_t)1 << SMALLEST ? SMALLEST : 64 - (size_t)__builtin_clzl(octets - 1);
}

static void *take_new(size_t octets)
{
    size_t arena = octets + PAGE > ARENA ? octets + PAGE : ARENA;
    char *start;

    if ((uintptr_t)(next + sizeof(struct header)) % PAGE > PAGE - NEAR)
        next += PAGE - (uintptr_t)next % PAGE;
    start = next;
    if (start == NULL || start > end || (size_t)(end - start) < octets) {
        start = mmap(NULL, arena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED)
            return NULL;
        end = start + arena;
    }
    next = start + octets;
    return start;
}

static void *take(size_t octets, size_t align)
{
    size_t room = octets + sizeof(struct header) + (align > sizeof(struct header) ? align : 0);
    size_t size = size_for(room);
    char *start = size < SIZES ? freed[size] : NULL, *block;
    struct header *header;

    if (room < octets || size >= SIZES) {
        errno = ENOMEM;
        return NULL;
    }
    if (start != NULL)
        memcpy(&freed[size], start, sizeof *freed);
    else if ((start = take_new((size_t)1 << size)) == NULL)
        return NULL;
    block = start + sizeof *header;
    block += -(uintptr_t)block & (align - 1);
    header = (struct header *)(void *)block - 1;
    header->start = start;
    header->size = size;
    return block;
}

void *malloc(size_t octets)
{
    return take(octets, sizeof(struct header));
}

void *calloc(size_t count, size_t octets)
{
    void *block = count != 0 && octets > SIZE_MAX / count
                      ? NULL
                      : take(count * octets, sizeof(struct header));

    return block == NULL ? NULL : memset(block, 0, count * octets);
}

void free(void *block)
{
    const struct header *header;

    if (block == NULL)
        return;
    header = (struct header *)block - 1;
    memcpy(header->start, &freed[header->size], sizeof *freed);
    freed[header->size] = header->start;
}

void *realloc(void *block, size_t octets)
{
    const struct header *header;
    size_t room;
    void *larger;

    if (block == NULL)
        return malloc(octets);
    header = (struct header *)block - 1;
    room = ((size_t)1 << header->size) - (size_t)((char *)block - (char *)header->start);
    if (octets <= room)
        return block;
    larger = malloc(octets);
    if (larger != NULL) {
        memcpy(larger, block, room);
        free(block);
    }
    return larger;
}

void *aligned_alloc(size_t align, size_t octets)
{
    return take(octets, align);
}

int posix_memalign(void **out, size_t align, size_t octets)
{
    *out = take(octets, align);
    return *out == NULL ? ENOMEM : 0;
}
