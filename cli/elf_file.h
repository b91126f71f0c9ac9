/* What an ELF file says of how it is to be loaded (libelf). */
#ifndef PINSHIM_CLI_ELF_FILE_H
#define PINSHIM_CLI_ELF_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct elf_file {
    uint8_t class;     /* ELFCLASS32, ELFCLASS64 */
    uint16_t machine;  /* EM_… */
    uint16_t type;     /* ET_EXEC, ET_DYN, … */
    char *interpreter; /* PT_INTERP: the loader; NULL: none, so statically linked */
};

/* Reads the headers of the file. False when it is not ELF, damaged, or unreadable.
 * Free with elf_file_free. */
bool elf_file_read(const char *path, struct elf_file *out);

void elf_file_free(struct elf_file *file);

#endif
