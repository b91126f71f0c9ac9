#include "cli/elf_content.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool elf_content_open(const char *path, struct elf_content *out)
{
    struct elf_content content = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    struct stat st;

    if (content.fd < 0)
        return false;
    elf_version(EV_CURRENT);
    if (fstat(content.fd, &st) == 0 && S_ISREG(st.st_mode))
        content.elf = elf_begin(content.fd, ELF_C_READ_MMAP, NULL);
    if (content.elf && elf_kind(content.elf) == ELF_K_ELF)
        content.data = elf_rawfile(content.elf, &content.size);
    if (content.data) {
        *out = content;
        return true;
    }
    elf_content_close(&content);
    errno = 0;
    return false;
}

void elf_content_close(struct elf_content *content)
{
    elf_end(content->elf);
    close(content->fd);
    *content = (struct elf_content){.fd = -1};
}

/* The first section of that type, and its content; NULL when it has none. */
static Elf_Data *section_data(const struct elf_content *content, GElf_Word type, GElf_Shdr *header)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(content->elf, section)))
        if (gelf_getshdr(section, header) && header->sh_type == type)
            return elf_getdata(section, NULL);
    return NULL;
}

bool elf_content_needed(const struct elf_content *content, struct list *names)
{
    GElf_Shdr header;
    Elf_Data *data = section_data(content, SHT_DYNAMIC, &header);
    GElf_Dyn entry;

    for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
        const char *name;
        char **item;

        if (entry.d_tag != DT_NEEDED)
            continue;
        name = elf_strptr(content->elf, header.sh_link, entry.d_un.d_val);
        if (!name)
            continue;
        item = list_add(names, sizeof(*item));
        if (!item)
            return false;
        *item = strdup(name);
        if (!*item)
            return false;
    }
    return true;
}

bool elf_content_exports(const struct elf_content *content, const char *name)
{
    GElf_Shdr header;
    Elf_Data *data = section_data(content, SHT_DYNSYM, &header);
    GElf_Sym symbol;

    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        const char *defined;

        if (symbol.st_shndx == SHN_UNDEF || GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
            continue;
        defined = elf_strptr(content->elf, header.sh_link, symbol.st_name);
        if (defined && strcmp(defined, name) == 0)
            return true;
    }
    return false;
}

bool elf_content_has_section(const struct elf_content *content, const char *name)
{
    Elf_Scn *section = NULL;
    size_t strings;

    if (elf_getshdrstrndx(content->elf, &strings) != 0)
        return false;
    while ((section = elf_nextscn(content->elf, section))) {
        GElf_Shdr header;
        const char *own;

        if (!gelf_getshdr(section, &header))
            continue;
        own = elf_strptr(content->elf, strings, header.sh_name);
        if (own && strcmp(own, name) == 0)
            return true;
    }
    return false;
}

const char *elf_content_find(const struct elf_content *content, const char *from,
                             const void *octets, size_t length)
{
    return memmem(from, content->size - (size_t)(from - content->data), octets, length);
}
