/* What compiler and linker were asked for, read from the files that are installed (libelf). */
#include <fcntl.h>
#include <gelf.h>
#include <gnu/libc-version.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/handshake/scene.h"

struct object {
    const char *file;
    int fd;
    Elf *elf;
};

static const char *const files[] = {"libpinshim.so", "pinshim"};

static struct object object_open(const char *file)
{
    char *path = build_path(file);
    struct object object = {.file = file, .fd = open(path, O_RDONLY | O_CLOEXEC)};

    cr_assert(object.fd >= 0, "%s cannot be read", path);
    elf_version(EV_CURRENT);
    object.elf = elf_begin(object.fd, ELF_C_READ, NULL);
    cr_assert(object.elf && elf_kind(object.elf) == ELF_K_ELF, "%s: %s", file, elf_errmsg(-1));
    free(path);
    return object;
}

static void object_close(struct object *object)
{
    elf_end(object->elf);
    close(object->fd);
}

/* The first segment of the type. Returns whether there is one. */
static bool find_segment(const struct object *object, uint32_t type, GElf_Phdr *out)
{
    size_t count;

    cr_assert_eq(elf_getphdrnum(object->elf, &count), 0);
    for (size_t i = 0; i < count; i++)
        if (gelf_getphdr(object->elf, (int)i, out) && out->p_type == type)
            return true;
    return false;
}

/* The section after `from` (NULL: the first), its header in `out`. NULL: there is no other. */
static Elf_Scn *next_section(const struct object *object, Elf_Scn *from, GElf_Shdr *out)
{
    Elf_Scn *section = elf_nextscn(object->elf, from);

    if (section)
        cr_assert(gelf_getshdr(section, out), "%s: %s", object->file, elf_errmsg(-1));
    return section;
}

/* The next entry of the dynamic section with this tag; `*from`: 0 at first. */
static bool next_dynamic(const struct object *object, int64_t tag, int *from, GElf_Dyn *out,
                         size_t *strings)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = next_section(object, section, &header)))
        if (header.sh_type == SHT_DYNAMIC)
            break;
    cr_assert(section, "%s has no dynamic section", object->file);
    *strings = header.sh_link;
    while (gelf_getdyn(elf_getdata(section, NULL), *from, out) && out->d_tag != DT_NULL) {
        ++*from;
        if (out->d_tag == tag)
            return true;
    }
    return false;
}

/* The value of the entry; 0: there is none. */
static uint64_t dynamic_value(const struct object *object, int64_t tag)
{
    GElf_Dyn entry;
    size_t strings;
    int from = 0;

    return next_dynamic(object, tag, &from, &entry, &strings) ? entry.d_un.d_val : 0;
}

static bool has_dynamic(const struct object *object, int64_t tag)
{
    GElf_Dyn entry;
    size_t strings;
    int from = 0;

    return next_dynamic(object, tag, &from, &entry, &strings);
}

/* Is there a string in what is loaded that begins and ends so? The functions of others that are
 * called are named there, be it for the loader or for us. */
static bool names(const struct object *object, const char *beginning, const char *end)
{
    GElf_Shdr header;

    for (Elf_Scn *section = NULL; (section = next_section(object, section, &header));) {
        Elf_Data *data = elf_getdata(section, NULL);
        if (!(header.sh_flags & SHF_ALLOC) || header.sh_type == SHT_NOBITS || !data)
            continue;
        const char *at = data->d_buf, *stop = at + data->d_size;
        for (size_t length; at < stop; at += length + 1) {
            length = strnlen(at, (size_t)(stop - at));
            if (at + length < stop && length >= strlen(beginning) + strlen(end) &&
                strncmp(at, beginning, strlen(beginning)) == 0 &&
                strcmp(at + length - strlen(end), end) == 0)
                return true;
        }
    }
    return false;
}

/* Does it load where the kernel likes? */
Test(object, lies_anywhere)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct object object = object_open(files[i]);
        bool program = strcmp(files[i], "pinshim") == 0;
        GElf_Ehdr header;
        GElf_Phdr segment;

        cr_assert(gelf_getehdr(object.elf, &header));
        cr_expect_eq(header.e_type, ET_DYN, "%s", files[i]);
        cr_expect_eq(find_segment(&object, PT_INTERP, &segment), program, "%s", files[i]);
        cr_expect_eq((dynamic_value(&object, DT_FLAGS_1) & DF_1_PIE) != 0, program, "%s", files[i]);
        cr_expect_not(has_dynamic(&object, DT_TEXTREL), "%s", files[i]);
        cr_expect_not(dynamic_value(&object, DT_FLAGS) & DF_TEXTREL, "%s", files[i]);
        object_close(&object);
    }
}

/* All is bound at the start, and what was bound cannot be written after: the tables lie in what
 * the loader makes read-only. */
Test(object, tables_cannot_be_written)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct object object = object_open(files[i]);
        size_t names_of_sections;
        unsigned tables = 0;
        GElf_Phdr relro;
        GElf_Shdr header;

        cr_expect(dynamic_value(&object, DT_FLAGS_1) & DF_1_NOW, "%s", files[i]);
        cr_assert(find_segment(&object, PT_GNU_RELRO, &relro), "%s", files[i]);
        cr_assert_eq(elf_getshdrstrndx(object.elf, &names_of_sections), 0);
        for (Elf_Scn *section = NULL; (section = next_section(&object, section, &header));) {
            const char *name = elf_strptr(object.elf, names_of_sections, header.sh_name);
            if (strncmp(name, ".got", 4) != 0)
                continue;
            tables++;
            cr_expect(header.sh_addr >= relro.p_vaddr &&
                          header.sh_addr + header.sh_size <= relro.p_vaddr + relro.p_memsz,
                      "%s of %s", name, files[i]);
        }
        cr_expect(tables > 0, "%s", files[i]);
        object_close(&object);
    }
}

/* Nothing can be both written and executed, the stack least of all. */
Test(object, nothing_written_is_executed)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct object object = object_open(files[i]);
        GElf_Phdr segment;
        size_t count;

        cr_assert(find_segment(&object, PT_GNU_STACK, &segment), "%s", files[i]);
        cr_assert_eq(elf_getphdrnum(object.elf, &count), 0);
        for (size_t k = 0; k < count; k++) {
            cr_assert(gelf_getphdr(object.elf, (int)k, &segment));
            cr_expect((segment.p_flags & (PF_W | PF_X)) != (PF_W | PF_X), "segment %zu of %s", k,
                      files[i]);
        }
        object_close(&object);
    }
}

/* Nobody's directory is searched before the system's. */
Test(object, no_path_of_its_own)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct object object = object_open(files[i]);

        cr_expect_not(has_dynamic(&object, DT_RPATH), "%s", files[i]);
        cr_expect_not(has_dynamic(&object, DT_RUNPATH), "%s", files[i]);
        object_close(&object);
    }
}

/* -fstack-protector-strong, _FORTIFY_SOURCE. */
Test(object, looks_after_its_stack_and_buffers)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct object object = object_open(files[i]);

        cr_expect(names(&object, "__stack_chk_fail", ""), "%s", files[i]);
        cr_expect(names(&object, "__", "_chk"), "%s", files[i]);
        object_close(&object);
    }
}

/* Before glibc 2.34 two of its parts are libraries of their own. */
static bool is_of_libc(const char *library)
{
    bool parted = strverscmp(gnu_get_libc_version(), "2.34") < 0;

    return strcmp(library, "libc.so.6") == 0 || strncmp(library, "ld-linux", 8) == 0 ||
           (parted && strcmp(library, "libdl.so.2") == 0) ||
           (parted && strcmp(library, "libpthread.so.0") == 0);
}

/* No OpenSSL, no libconfuse: whatever it needs, every process that it is put into loads. */
Test(object, needs_libc_alone)
{
    struct object object = object_open("libpinshim.so");
    unsigned count = 0;
    GElf_Dyn entry;
    size_t strings;

    for (int from = 0; next_dynamic(&object, DT_NEEDED, &from, &entry, &strings); count++) {
        const char *library = elf_strptr(object.elf, strings, entry.d_un.d_val);
        cr_expect(library && is_of_libc(library), "%s", library ? library : "?");
    }
    cr_expect(count > 0);
    object_close(&object);
}
