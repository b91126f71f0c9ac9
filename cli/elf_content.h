/* What is in an ELF file: what it needs, defines and says (libelf). Nothing of it is executed. */
#ifndef PINSHIM_CLI_ELF_CONTENT_H
#define PINSHIM_CLI_ELF_CONTENT_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/list.h"

struct elf_content {
    Elf *elf;
    int fd;
    const char *data; /* the file */
    size_t size;
};

/* Opens the file at `path`. False when it is not ELF or cannot be read; errno is 0 in the first
 * case. Close with elf_content_close. */
bool elf_content_open(const char *path, struct elf_content *out);
void elf_content_close(struct elf_content *content);

/* The DT_NEEDED of the file: malloc'ed strings; free with list_free_strings. False when memory is
 * out. */
bool elf_content_needed(const struct elf_content *content, struct list *names);

/* Does it define the function `name` for the dynamic linker? */
bool elf_content_exports(const struct elf_content *content, const char *name);

/* Does it have a section of that name? */
bool elf_content_has_section(const struct elf_content *content, const char *name);

/* Where these octets stand in the file, from `from` on; NULL: nowhere. The file ends at
 * content->data + content->size. */
const char *elf_content_find(const struct elf_content *content, const char *from,
                             const void *octets, size_t length);

#endif
