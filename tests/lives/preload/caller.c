#include "tests/lives/preload/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where an object is mapped. */
struct object {
    const char *name; /* begins with this */
    uintptr_t start, end;
};

static struct object shim = {.name = "libpinshim.so"}, crypto = {.name = "libcrypto.so"},
                     libc = {.name = "libc.so"}, here;

static void note(const struct dl_phdr_info *info, struct object *object)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        uintptr_t end = start + info->dlpi_phdr[i].p_memsz;

        if (info->dlpi_phdr[i].p_type != PT_LOAD)
            continue;
        object->start = object->start && object->start < start ? object->start : start;
        object->end = object->end > end ? object->end : end;
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct object *const objects[] = {&shim, &crypto, &libc};
    const char *slash = strrchr(info->dlpi_name, '/');
    struct object self = {0};

    (void)size, (void)arg;
    for (size_t i = 0; slash && i < sizeof objects / sizeof *objects; i++)
        if (strncmp(slash + 1, objects[i]->name, strlen(objects[i]->name)) == 0)
            note(info, objects[i]);
    note(info, &self);
    if ((uintptr_t)visit >= self.start && (uintptr_t)visit < self.end)
        here = self;
    return 0;
}

static bool lies_in(const void *address, const struct object *object)
{
    return (uintptr_t)address >= object->start && (uintptr_t)address < object->end;
}

/* What is loaded is looked at while the process has one thread, and again when libcrypto has come
 * later. */
static void look(void)
{
    static bool looking;

    if (looking || crypto.start != 0)
        return;
    looking = true;
    dl_iterate_phdr(visit, NULL);
    looking = false;
}

bool caller_is_shim(const void *address)
{
    look();
    return lies_in(address, &shim);
}

bool caller_is_helper(const void *address)
{
    look();
    return lies_in(address, &crypto) || lies_in(address, &libc);
}

bool caller_is_here(const void *address)
{
    return lies_in(address, &here);
}

void caller_mark(const char *variable)
{
    const char *path = getenv(variable);
    int saved = errno, fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;

    if (fd >= 0)
        close(fd);
    errno = saved;
}
