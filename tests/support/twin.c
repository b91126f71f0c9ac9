#include "tests/support/twin.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/ssl.h>

/* A shared object's file in memory. */
struct image {
    char *bytes;
    size_t size;
    ElfW(Dyn) * dynamic;
    char *strings;
};

/* What lies at a virtual address. */
static void *at(const struct image *image, ElfW(Addr) address)
{
    const ElfW(Ehdr) *header = (const void *)image->bytes;
    const ElfW(Phdr) *segment = (const void *)(image->bytes + header->e_phoff);

    for (unsigned i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == PT_LOAD && address >= segment[i].p_vaddr &&
            address < segment[i].p_vaddr + segment[i].p_filesz)
            return image->bytes + segment[i].p_offset + (address - segment[i].p_vaddr);
    cr_assert_fail("no segment holds %#lx", (unsigned long)address);
    return NULL;
}

static ElfW(Dyn) * entry(const struct image *image, ElfW(Sxword) tag)
{
    for (ElfW(Dyn) *d = image->dynamic; d->d_tag != DT_NULL; d++)
        if (d->d_tag == tag)
            return d;
    return NULL;
}

static void open_image(struct image *image, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ElfW(Ehdr) * header;
    const ElfW(Phdr) * segment;

    cr_assert(fd >= 0 && fstat(fd, &st) == 0, "%s", path);
    image->size = (size_t)st.st_size;
    image->bytes = mmap(NULL, image->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    cr_assert(image->bytes != MAP_FAILED, "%s", path);
    close(fd);
    header = (const void *)image->bytes;
    segment = (const void *)(image->bytes + header->e_phoff);
    image->dynamic = NULL;
    for (unsigned i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == PT_DYNAMIC)
            image->dynamic = (void *)(image->bytes + segment[i].p_offset);
    cr_assert(image->dynamic, "%s: no dynamic section", path);
    image->strings = at(image, entry(image, DT_STRTAB)->d_un.d_ptr);
}

/* libssl.so.3 becomes libssl.so.9, and libssl.so.1.1 libssl.so.1.9. */
static void rename_soname(char *name)
{
    if (strncmp(name, "libssl.so.", 10) == 0 || strncmp(name, "libcrypto.so.", 13) == 0)
        name[strlen(name) - 1] = '9';
}

/* The hash of a name (System V ABI, chapter 5), which stands beside it. */
static ElfW(Word) hash(const char *name)
{
    ElfW(Word) sum = 0;

    for (; *name; name++) {
        sum = (sum << 4) + (unsigned char)*name;
        sum = (sum ^ (sum >> 24 & 0xf0)) & 0x0fffffff;
    }
    return sum;
}

/* OPENSSL_3.0.0 becomes OPENSSL_9.0.0. */
static ElfW(Word) rename_version(char *name)
{
    if (strncmp(name, "OPENSSL_", 8) == 0)
        name[8] = '9';
    return hash(name);
}

static void rename_definitions(struct image *image)
{
    char *here = at(image, entry(image, DT_VERDEF)->d_un.d_ptr);

    for (size_t left = entry(image, DT_VERDEFNUM)->d_un.d_val; left > 0; left--) {
        ElfW(Verdef) *definition = (void *)here;
        const ElfW(Verdaux) *name = (void *)(here + definition->vd_aux);
        definition->vd_hash = rename_version(image->strings + name->vda_name);
        here += definition->vd_next;
    }
}

static void rename_needs(struct image *image)
{
    char *here = at(image, entry(image, DT_VERNEED)->d_un.d_ptr);

    for (size_t left = entry(image, DT_VERNEEDNUM)->d_un.d_val; left > 0; left--) {
        ElfW(Verneed) *need = (void *)here;
        char *version = here + need->vn_aux;
        for (unsigned i = 0; i < need->vn_cnt; i++) {
            ElfW(Vernaux) *name = (void *)version;
            name->vna_hash = rename_version(image->strings + name->vna_name);
            version += name->vna_next;
        }
        here += need->vn_next;
    }
}

/* There is room for an entry behind the last one: linkers leave some. */
static void make_symbolic(struct image *image)
{
    ElfW(Dyn) *flags = entry(image, DT_FLAGS);

    if (!flags) {
        for (flags = image->dynamic; flags->d_tag != DT_NULL; flags++)
            ;
        cr_assert(flags[1].d_tag == DT_NULL, "no room in the dynamic section");
        flags->d_tag = DT_FLAGS;
    }
    flags->d_un.d_val |= DF_SYMBOLIC;
}

/* Copies the library that holds `function`. */
static void copy(struct scratch *scratch, void *function, const char *name, enum twin kind)
{
    struct image image;
    Dl_info info;

    cr_assert(dladdr(function, &info), "%s: no such library", name);
    open_image(&image, info.dli_fname);
    for (const ElfW(Dyn) *d = image.dynamic; d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_SONAME || d->d_tag == DT_NEEDED)
            rename_soname(image.strings + d->d_un.d_val);
    if (kind == TWIN_SYMBOLIC)
        make_symbolic(&image);
    if (kind == TWIN_OWN_VERSIONS) {
        rename_definitions(&image);
        rename_needs(&image);
    }
    scratch_write(scratch, name, 0755, image.bytes, image.size);
    munmap(image.bytes, image.size);
}

const char *twin_make(struct scratch *scratch, enum twin kind)
{
    const char *directory = scratch_path(scratch, "twin");

    cr_assert(mkdir(directory, 0755) == 0, "%s", directory);
    copy(scratch, (void *)SSL_new, "twin/libssl.so", kind);
    copy(scratch, (void *)OPENSSL_init_crypto, "twin/libcrypto.so", kind);
    return directory;
}
