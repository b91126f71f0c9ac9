#include "cli/elf_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The string of a PT_INTERP segment; NULL when it does not lie in the file or does not end. */
static char *segment_string(Elf *elf, const GElf_Phdr *segment)
{
    size_t size;
    const char *file = elf_rawfile(elf, &size);

    if (!file || segment->p_offset >= size || segment->p_filesz > size - segment->p_offset ||
        !memchr(file + segment->p_offset, 0, segment->p_filesz))
        return NULL;
    return strdup(file + segment->p_offset);
}

static bool read_headers(Elf *elf, struct elf_file *out)
{
    struct elf_file found = {0};
    GElf_Ehdr header;
    GElf_Phdr segment;
    size_t segments;

    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) ||
        elf_getphdrnum(elf, &segments) != 0)
        return false;
    found.class = header.e_ident[EI_CLASS];
    found.machine = header.e_machine;
    found.type = header.e_type;
    for (size_t i = 0; i < segments && !found.interpreter; i++) {
        if (!gelf_getphdr(elf, (int)i, &segment))
            return false;
        if (segment.p_type != PT_INTERP)
            continue;
        found.interpreter = segment_string(elf, &segment);
        if (!found.interpreter)
            return false;
    }
    *out = found;
    return true;
}

bool elf_file_read(const char *path, struct elf_file *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool good = false;
    Elf *elf;

    if (fd < 0)
        return false;
    elf_version(EV_CURRENT);
    elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (elf)
        good = read_headers(elf, out);
    elf_end(elf);
    close(fd);
    return good;
}

void elf_file_free(struct elf_file *file)
{
    free(file->interpreter);
    file->interpreter = NULL;
}
